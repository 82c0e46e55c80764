"""The kernel says who lives: locks that end with their process, identities that a reused pid does not have."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.jobs.liveness import (
    HeldElsewhere,
    Identity,
    Lock,
    end_group,
    group_members,
    holder,
    last_holder,
    living_holder,
    suspended,
)

HOLD = """
import os, subprocess, sys, time
from pathlib import Path
from dashboard.jobs.liveness import Lock
lock = Lock(Path(sys.argv[1]))
child = subprocess.Popen(["sleep", "60"], close_fds=False)
print(os.getpid(), flush=True)
time.sleep(60)
"""


DIE_SLOWLY = """
import ctypes, os, sys, threading, time
from pathlib import Path
from dashboard.jobs.liveness import Lock
lock = Lock(Path(sys.argv[1]))
threading.Thread(target=lambda: (time.sleep(0.5), os._exit(0))).start()
print(os.getpid(), flush=True)
ctypes.CDLL(None).pthread_exit(None)
"""
"""The first thread is gone and the process a zombie, but it keeps its lock while the other thread lives."""


@pytest.fixture
def job(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process in a session of its own that holds a lock and has a child which inherited its open files."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "lock")], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None and process.stdout.readline()
    yield process
    for pid in group_members(process.pid):
        os.kill(pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()


def test_the_lock_names_its_holder_and_asking_does_not_disturb_it(job: subprocess.Popen[str], tmp_path: Path) -> None:
    assert [holder(tmp_path / "lock") for _ in range(3)] == [job.pid] * 3
    with pytest.raises(HeldElsewhere):
        Lock(tmp_path / "lock")
    assert holder(tmp_path / "lock") == job.pid
    assert last_holder(tmp_path / "lock") == Identity.of(job.pid)


def test_the_lock_is_free_the_moment_its_holder_is_killed_though_a_child_lives_on(
    job: subprocess.Popen[str], tmp_path: Path
) -> None:
    job.kill()
    job.wait()
    assert holder(tmp_path / "lock") is None
    assert len(group_members(job.pid)) == 1
    Lock(tmp_path / "lock").release()


def test_what_a_dead_job_left_of_its_group_is_ended(job: subprocess.Popen[str], tmp_path: Path) -> None:
    identity = last_holder(tmp_path / "lock")
    assert identity is not None
    job.kill()
    job.wait()
    assert end_group(identity, signal.SIGKILL)
    until = time.monotonic() + 5
    while group_members(job.pid) and time.monotonic() < until:
        time.sleep(0.01)
    assert group_members(job.pid) == []
    assert not end_group(identity, signal.SIGKILL)


def test_a_group_whose_number_was_used_again_is_left_alone(job: subprocess.Popen[str]) -> None:
    real = Identity.of(job.pid)
    assert real is not None
    assert not end_group(Identity(real.pid, real.started - 1, real.boot), signal.SIGKILL)
    assert not end_group(Identity(real.pid, real.started, "another boot"), signal.SIGKILL)
    assert job.poll() is None and real.alive()


def test_a_stopped_process_is_seen(job: subprocess.Popen[str]) -> None:
    assert not suspended(job.pid)
    os.kill(job.pid, signal.SIGSTOP)
    until = time.monotonic() + 5
    while not suspended(job.pid) and time.monotonic() < until:
        time.sleep(0.01)
    assert suspended(job.pid)


def test_nobody_holds_a_lock_that_is_not_there(tmp_path: Path) -> None:
    assert holder(tmp_path / "lock") is None
    assert last_holder(tmp_path / "lock") is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a first thread that ends alone is Linux's")
def test_a_dying_holder_is_waited_for_and_does_not_count(tmp_path: Path) -> None:
    """After kill -9 a process of several threads keeps its lock for some milliseconds; whoever asked then found it alive."""
    path = tmp_path / "lock"
    process = subprocess.Popen([sys.executable, "-c", DIE_SLOWLY, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline()
    stat = Path(f"/proc/{process.pid}/stat")
    until = time.monotonic() + 0.4
    while stat.read_text().rpartition(")")[2].split()[0] != "Z" and time.monotonic() < until:
        time.sleep(0.001)
    assert holder(path) == process.pid, "the test shows nothing if the lock is free already"
    assert living_holder(path) is None
    assert holder(path) is None
    process.wait()
    process.stdout.close()


def test_a_living_holder_counts_at_once(job: subprocess.Popen[str], tmp_path: Path) -> None:
    assert living_holder(tmp_path / "lock") == job.pid
    assert living_holder(tmp_path / "nobody's") is None
