"""The first and the last moments of a job's process, around the training; imports torch only once it holds its lock.

`python -m dashboard.jobs.attempt FOLDER ATTEMPT` is the cold start. The warm starter calls `enter` and `perform` in a
child it has forked. Whatever happens inside, the journal's last record says it in a sentence; a process that dies
before it can write one is a crash, and the supervisor deals with it.
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import signal
import sys
import traceback
from pathlib import Path

from dashboard.jobs import words
from dashboard.jobs.folder import LOCK, LOG, Order, read_order
from dashboard.jobs.liveness import HeldElsewhere, Lock
from dashboard.jobs.outcome import disk_halt, is_disk_trouble
from dashboard.tracking.journal import Journal
from dashboard.tracking.records import Reason, State
from data.text import Problem

NOT_MINE = 75
"""Exit code of a process that found the run in other hands (EX_TEMPFAIL)."""

DISK_TROUBLE = 74
"""Exit code of a job that could not write its last word because the disk does not take it (EX_IOERR)."""

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_SLACK_MIB = 512
"""Address space of code and thread stacks on top of the limit; the supervisor watches the memory really used."""


def main(arguments: list[str]) -> int:
    """Run one attempt in this process."""
    folder, attempt = Path(arguments[0]), int(arguments[1])
    if os.getpgrp() != os.getpid():
        os.setsid()
    if not enter(folder, attempt):
        return NOT_MINE
    return perform(folder, attempt)


def enter(folder: Path, attempt: int) -> bool:
    """Take the run: its lock, its log, its limits. False when the run is in other hands.

    The lock object is kept for the life of the process on purpose: closing it would give the run away.
    """
    try:
        _held.append(Lock(folder / LOCK))
    except HeldElsewhere:
        return False
    order = read_order(folder)
    if order.attempt != attempt:  # a supervisor died after forking us and its successor tried again
        return False
    _redirect(folder / LOG)
    limit_memory(order.memory_limit_mib)
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(order.threads)
    return True


_held: list[Lock] = []


def perform(folder: Path, attempt: int) -> int:
    """Train, and write the last record whatever comes. Returns the exit code."""
    order = read_order(folder)
    try:
        from dashboard.jobs.training import train  # torch: only now, so that the lock shows a cold job at once

        train(folder, attempt)
        return 0
    except Problem as problem:
        end = (State.FAILED, Reason(problem.code, problem.text))
        sys.stderr.write(f"{problem}\n")
    except BaseException as error:
        traceback.print_exc()
        end = _told(error, order)
    sys.stderr.flush()
    state, reason = end
    try:
        _last_word(folder, attempt, state, reason)
    except OSError:
        traceback.print_exc()
        return DISK_TROUBLE
    return 0 if state is State.PAUSED else 1


def _told(error: BaseException, order: Order) -> tuple[State, Reason]:
    if is_out_of_memory(error):
        return State.FAILED, out_of_memory(order.memory_limit_mib)
    if isinstance(error, OSError) and is_disk_trouble(error):
        halt = disk_halt(error)
        return halt.state, halt.reason
    short = f"{type(error).__name__}: {error}".splitlines()[0][:300]
    return State.FAILED, Reason("error", words.filled(words.FAILED, error=short))


def out_of_memory(limit_mib: int) -> Reason:
    """The reason of a run that needed more memory than it may have."""
    return Reason("out_of_memory", words.filled(words.OUT_OF_MEMORY, limit=limit_mib))


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an allocation failed, in Python, in the system or in torch."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    return type(error).__name__ == "OutOfMemoryError" or (
        isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
    )


def _last_word(folder: Path, attempt: int, state: State, reason: Reason) -> None:
    limit_memory(0)  # the word itself must not fail for want of memory
    journal = Journal(folder, attempt)
    journal.write("end", durable=True, s=None, state=str(state), code=reason.code, text=reason.text.model_dump())
    journal.close()


def limit_memory(mib: int) -> None:
    """Let this process allocate `mib` MiB beyond what it has already; 0 lifts the limit.

    Python and torch then raise an error that can be told in words, instead of the system ending some process.
    """
    if not hasattr(resource, "RLIMIT_DATA"):
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    soft = (_data_mib() + mib + _SLACK_MIB) * 2**20 if mib else hard
    resource.setrlimit(resource.RLIMIT_DATA, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _data_mib() -> int:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmData:")), 0)


def _redirect(log: Path) -> None:
    """Standard output and error to the run's log, never to a pipe that could fill or break."""
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(nothing, 0)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(nothing)
    os.close(file)


def die_with_parent(*_: object) -> None:
    """Ask the kernel to end this process when its parent dies; also a DataLoader's `worker_init_fn`."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def become_subreaper() -> None:
    """Make orphans among this process's descendants its children, so that it can reap them and learn how they ended."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
