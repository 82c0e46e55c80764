"""A lock that lives exactly as long as the process that holds it.

POSIX record locks (`lockf`): not inherited by children, so a DataLoader worker that outlives its parent does not hold
it; freed by the kernel however the process ends. Their one trap: closing *any* descriptor of the file drops the lock,
so a process never opens a lock file it holds a second time; `held` asks the list of its own locks first.
"""

from __future__ import annotations

import fcntl
import os
import struct
from pathlib import Path

_own: dict[tuple[int, str], int] = {}
"""Descriptors of the locks this process holds, by process id and path."""


def acquire(path: Path) -> bool:
    """Take the lock of `path` until `release` or the end of this process; False when somebody holds it."""
    key = (os.getpid(), str(path))
    if key in _own:
        return False
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return False
    _own[key] = handle
    return True


def release(path: Path) -> None:
    """Give the lock back; nothing happens when it is not ours."""
    handle = _own.pop((os.getpid(), str(path)), None)
    if handle is not None:
        os.close(handle)


def held(path: Path) -> bool:
    """Whether a living process, this one included, holds the lock; taking it is not tried."""
    if (os.getpid(), str(path)) in _own:
        return True
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        asked = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        answer = fcntl.fcntl(handle, fcntl.F_GETLK, asked)
        return int(struct.unpack("hhqqi4x", answer)[0]) != fcntl.F_UNLCK
    finally:
        os.close(handle)
