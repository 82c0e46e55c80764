"""The threads of the pages' process share two heaps of glibc."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc is Linux's")

THREADS = """
import ctypes, threading
from dashboard.ui import heap
if {limited}:
    assert heap.few_heaps()
libc, together = ctypes.CDLL(None), threading.Barrier(8)
def take():
    together.wait()
    for size in range(100, 1100):
        libc.malloc(size)
    together.wait()
threads = [threading.Thread(target=take) for _ in range(8)]
[one.start() for one in threads]
[one.join() for one in threads]
libc.malloc_stats()
"""


def _heaps(*, limited: bool) -> int:
    """Heaps that glibc has made for eight threads that all ask it for memory."""
    done = subprocess.run(
        [sys.executable, "-c", THREADS.format(limited=limited)], capture_output=True, text=True, check=True
    )
    return sum(line.startswith("Arena ") for line in done.stderr.splitlines())


def test_eight_threads_share_two_heaps() -> None:
    assert _heaps(limited=False) > 2, "the measurement sees no more heaps without the limit: it proves nothing"
    assert _heaps(limited=True) <= 2
