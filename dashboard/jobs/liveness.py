"""Whether a job lives, told by the kernel and never by a bare number.

A job holds a POSIX record lock (`lockf`) on the file `lock` in its run's folder for as long as it lives. The kernel
drops it at death, however that comes; children do not inherit it (a `flock` they would: DataLoader workers held one for
5 s after their parent's death, measured). `F_GETLK` asks who holds it without disturbing it. A process must never open its
own lock file a second time: closing any descriptor of it drops the lock.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import struct
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

_LINUX = sys.platform.startswith("linux")
_DIES_WITHIN_S = 5.0


@dataclass(frozen=True)
class Identity:
    """A process beyond doubt: a pid may be used again, but not with the same start within the same boot."""

    pid: int
    started: int
    """When it began, in clock ticks (/proc) or hundredths of a second (elsewhere)."""
    boot: str

    @classmethod
    def of(cls, pid: int) -> Identity | None:
        """The identity of a living process, or None."""
        stat = _stat(pid)
        return None if stat is None else cls(pid, stat.started, boot_id())

    def alive(self) -> bool:
        """Whether this very process still exists and is more than a zombie."""
        stat = _stat(self.pid)
        return stat is not None and self.boot == boot_id() and stat.started == self.started and stat.state != "Z"


@dataclass(frozen=True)
class _Stat:
    state: str
    group: int
    started: int


class HeldElsewhere(Exception):
    """Another living process holds the lock."""


class Lock:
    """An exclusive lock held by this process until it dies or `release` is called.

    Raises:
        HeldElsewhere: Somebody else holds it.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._file)
            raise HeldElsewhere(str(path)) from error
        identity = Identity.of(os.getpid()) or Identity(os.getpid(), 0, boot_id())
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, json.dumps(asdict(identity)).encode(), 0)

    def release(self) -> None:
        """Give the lock back."""
        os.close(self._file)


def holder(path: Path) -> int | None:
    """The pid of the process that holds the lock, or None. Never call it on a lock this process holds."""
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        if _LINUX:  # struct flock: short l_type, short l_whence, off_t l_start, off_t l_len, pid_t l_pid
            question = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
            kind, _, _, _, pid = struct.unpack("hhqqi4x", fcntl.fcntl(file, fcntl.F_GETLK, question))
        else:  # BSD and macOS: off_t l_start, off_t l_len, pid_t l_pid, short l_type, short l_whence
            question = struct.pack("qqihh", 0, 0, 0, fcntl.F_WRLCK, os.SEEK_SET)
            _, _, pid, kind, _ = struct.unpack("qqihh", fcntl.fcntl(file, fcntl.F_GETLK, question))
        return None if kind == fcntl.F_UNLCK else int(pid)
    finally:
        os.close(file)


def living_holder(path: Path) -> int | None:
    """As `holder`, but a process that is dying does not count: it is waited for.

    After `kill -9` a process of several threads keeps its locks until the last one is gone, 1 to 24 ms after the first is a
    zombie (measured with numpy's one helper thread, 102 of 120 times).
    """
    until = time.monotonic() + _DIES_WITHIN_S
    while (pid := holder(path)) is not None and time.monotonic() < until:
        stat = _stat(pid)
        if stat is not None and stat.state not in "ZX":
            return pid
        time.sleep(0.002)
    return pid


def last_holder(path: Path) -> Identity | None:
    """Who held the lock last, living or dead."""
    try:
        return Identity(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def suspended(pid: int) -> bool:
    """Whether the process stands still because of SIGSTOP or a debugger."""
    stat = _stat(pid)
    return stat is not None and stat.state in "Tt"


def end_group(leader: Identity, signum: int) -> bool:
    """Send a signal to what is left of the process group of `leader`; False when nothing was there to signal.

    A group's number cannot be given to a new process while a member lives. So the group is ours unless a process of that
    number exists that began at another time (the number was used again) or the machine was restarted.
    """
    now = _stat(leader.pid)
    if leader.boot != boot_id() or (now is not None and now.started != leader.started):
        return False
    members = [pid for pid in group_members(leader.pid) if pid != os.getpid()]
    with contextlib.suppress(ProcessLookupError):
        if members:
            os.killpg(leader.pid, signum)
            if signum != signal.SIGKILL:
                os.killpg(leader.pid, signal.SIGCONT)  # a stopped process does not see other signals
            return True
    return False


def group_members(group: int) -> list[int]:
    """The pids in a process group, zombies left out."""
    found = []
    for pid in psutil.pids():
        stat = _stat(pid)
        if stat is not None and stat.group == group and stat.state != "Z":
            found.append(pid)
    return found


def boot_id() -> str:
    """A name for this boot of the machine."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return str(int(psutil.boot_time()))


def _stat(pid: int) -> _Stat | None:
    if not _LINUX:
        return _stat_by_psutil(pid)
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return _Stat(state=fields[0], group=int(fields[2]), started=int(fields[19]))


def _stat_by_psutil(pid: int) -> _Stat | None:
    try:
        process = psutil.Process(pid)
        letter = {psutil.STATUS_STOPPED: "T", psutil.STATUS_ZOMBIE: "Z"}.get(process.status(), "S")
        return _Stat(state=letter, group=os.getpgid(pid), started=int(process.create_time() * 100))
    except (psutil.Error, ProcessLookupError, PermissionError):
        return None
