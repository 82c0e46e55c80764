"""How the supervisor starts jobs: through the warm starter where fork is to be had, else in a fresh process."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from dashboard.jobs.folder import dumps
from dashboard.jobs.starter import COLD_ONLY, SINGLE_THREADED
from dashboard.jobs.status import Start
from dashboard.settings import Settings

STARTER_FAILURES = 3
"""A starter that dies this often in a row without having proved itself is given up: jobs then start cold."""

PROVED_AFTER_S = 5.0
"""A starter that has started a job, or been ready for this long, has proved itself; it may be killed as often as one likes."""

PATIENT_THREADS = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "0"}
"""OpenMP threads sleep while they wait: spinning made a two-thread step about ten times slower on a busy machine."""

_BACKLOG = 64


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment of a child process that must see the same settings."""
    own = {f"SAMAJH_{name.upper()}": str(value) for name, value in settings.model_dump().items()}
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
    return {**PATIENT_THREADS, **os.environ, **own, "PYTHONPATH": path}


def fork_is_safe() -> bool:
    """Whether a warm starter can work here; macOS aborts forked children that touch its frameworks."""
    return sys.platform.startswith("linux") and hasattr(os, "fork")


@dataclass
class Launcher:
    """Starts jobs and tells which of its children have ended."""

    settings: Settings
    log: Path
    mode: Start = "starting"
    _starter: subprocess.Popen[bytes] | None = None
    _line: socket.socket | None = None
    _door: socket.socket | None = None
    _waiting: bytes = b""
    _failures: int = 0
    _ready_at: float = 0.0
    _has_started_a_job: bool = False
    _cold: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    ended: dict[int, int] = field(default_factory=dict)
    """Exit statuses of processes that have ended, by pid."""
    pids: dict[tuple[str, int], int] = field(default_factory=dict)
    """The process made for each (run, attempt), whether or not it got as far as its lock."""

    def open(self) -> None:
        """Make the door of the compute workers and begin to warm up."""
        if self.settings.start == "cold" or not fork_is_safe():
            self.mode = "cold"
            return
        self._door = _open_door(self.settings)
        self._warm()

    @property
    def ready(self) -> bool:
        """Whether a job can be started now."""
        return self.mode != "starting"

    def start(self, folder: Path, attempt: int) -> None:
        """Start one attempt; its death, however soon, is told by `ended` or by its lock."""
        if self.mode == "warm" and self._line is not None:
            try:
                self._line.sendall(dumps({"folder": str(folder), "attempt": attempt}))
                return
            except OSError:
                self._lost()
        command = [sys.executable, "-P", "-m", "dashboard.jobs.attempt", str(folder), str(attempt)]
        process = self._spawn(command, environment_of(self.settings))
        self._cold[process.pid] = process
        self.pids[folder.name, attempt] = process.pid

    def attend(self, timeout_s: float) -> None:
        """Listen to the starter for at most `timeout_s`, and reap every child that has ended."""
        if self._line is None:
            time.sleep(timeout_s)
        else:
            self._line.settimeout(timeout_s)
            try:
                self._hear(self._line.recv(65_536))
            except TimeoutError:
                pass
            except OSError:
                self._lost()
        self._reap()

    def take_status(self, run: str, attempt: int) -> int | None:
        """How the process of this attempt ended; told once, None while it is not known."""
        pid = self.pids.get((run, attempt))
        status = None if pid is None else self.ended.pop(pid, None)
        if status is not None:
            del self.pids[run, attempt]
        return status

    def refresh(self) -> None:
        """Replace the starter, since the code it has imported has changed; living jobs go on."""
        if self.mode != "cold":
            self._close_line()
            self._warm()

    def renew(self) -> None:
        """Replace a starter that takes orders and does nothing."""
        if self.mode == "warm" and self._starter is not None:
            self._starter.kill()
            self._lost()

    def close(self) -> None:
        """End the starter and its workers; jobs live on."""
        self._close_line()
        if self._starter is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._starter.wait(5)
        if self._door is not None:
            self._door.close()

    def _warm(self) -> None:
        self.mode = "starting"
        ours, theirs = socket.socketpair()
        assert self._door is not None
        command = [sys.executable, "-P", "-m", "dashboard.jobs.starter", str(theirs.fileno()), str(self._door.fileno())]
        environment = {**environment_of(self.settings), **SINGLE_THREADED}
        self._starter = self._spawn(command, environment, (theirs.fileno(), self._door.fileno()))
        theirs.close()
        self._line = ours
        self._waiting = b""
        self._has_started_a_job = False

    def _spawn(
        self, command: list[str], environment: dict[str, str], keep: tuple[int, ...] = ()
    ) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, pass_fds=keep,
                cwd=self.settings.home,
            )  # fmt: skip

    def _hear(self, received: bytes) -> None:
        if not received:
            self._lost()
            return
        self._waiting += received
        *lines, self._waiting = self._waiting.split(b"\n")
        for line in lines:
            message = json.loads(line)
            if message["said"] == "ready":
                self.mode, self._ready_at = "warm", time.monotonic()
            elif message["said"] == "ended":
                self.ended[message["pid"]] = message["status"]
            elif message["said"] == "started":
                self._has_started_a_job = True
                self.pids[Path(message["folder"]).name, message["attempt"]] = message["pid"]

    def _lost(self) -> None:
        """The starter is gone; its jobs are now our children. Start another, or give up on warm starts."""
        self._close_line()
        code = self._starter.wait() if self._starter is not None else None
        ready_for_s = time.monotonic() - self._ready_at if self.mode == "warm" else 0.0
        proved = self._has_started_a_job or ready_for_s > PROVED_AFTER_S
        self._failures = 0 if proved else self._failures + 1
        if code == COLD_ONLY or self._failures >= STARTER_FAILURES:
            self.mode = "cold"
            return
        self._warm()

    def _close_line(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            code = os.waitstatus_to_exitcode(status)
            self.ended[pid] = code
            process = self._cold.pop(pid, None)
            if process is not None:
                process.returncode = code
            elif self._starter is not None and pid == self._starter.pid:
                self._starter.returncode = code


def _open_door(settings: Settings) -> socket.socket:
    """The listening socket of the compute workers, in a folder nobody else may enter.

    The supervisor holds it, so that a request made while the workers are still warming up waits instead of failing.
    """
    settings.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
    stat = settings.sockets.stat()
    if stat.st_uid != os.getuid() or stat.st_mode & 0o077:
        raise PermissionError(f"{settings.sockets} must belong to you alone")
    path = door_path(settings)
    path.unlink(missing_ok=True)
    door = socket.socket(socket.AF_UNIX)
    door.bind(str(path))
    door.listen(_BACKLOG)
    return door


def door_path(settings: Settings) -> Path:
    """Where compute workers are reached."""
    return settings.sockets / "compute"
