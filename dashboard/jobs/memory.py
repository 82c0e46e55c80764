"""How much memory a job uses, its helpers included and pages shared with the warm starter divided fairly."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import resource
import sys
from pathlib import Path

import psutil

from dashboard.settings import Settings


def limit_mib(settings: Settings, asked_mib: int) -> int:
    """The memory limit of a job: what its order asks, what the settings say, or 80 % of the machine."""
    return asked_mib or settings.memory_limit_mib or int(psutil.virtual_memory().total * 0.8) // 2**20


def tree_mib(pid: int) -> int:
    """MiB used by a process and all its descendants; 0 when it is gone."""
    try:
        root = psutil.Process(pid)
        members = [root, *root.children(recursive=True)]
    except psutil.Error:
        return 0
    return sum(_process_kib(member) for member in members) // 1024


def _process_kib(process: psutil.Process) -> int:
    try:  # proportional set size: a page shared by n processes counts 1/n for each
        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass  # no /proc here, or the process has just ended
    try:
        return int(process.memory_info().rss) // 1024
    except psutil.Error:
        return 0


def fresh_peak_mib() -> int:
    """Forget the largest size this process ever had, give back what it has freed, and tell its size now: what `peak_mib` then rises from.

    A worker that answered something large before would else seem to need nothing. Where the peak cannot be forgotten (macOS) it is told.
    """
    gc.collect()
    if sys.platform.startswith("linux"):
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
        with contextlib.suppress(OSError):  # a system that does not let us: as on macOS
            Path("/proc/self/clear_refs").write_text("5", "ascii")  # proc(5): resets the peak resident set size
    return peak_mib()


def peak_mib() -> int:
    """MiB that this process had resident at most."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 2**20 if sys.platform == "darwin" else peak // 1024
