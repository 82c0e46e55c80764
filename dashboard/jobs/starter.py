"""The warm starter: a process that has imported torch, Lightning and every method once, and then forks a child per job.

The first training step of a forked child comes 0.2-0.4 s after the click, against 4-8 s for a cold start. Forking is
safe as long as this process has one thread and never ran a parallel operation: with two OpenMP threads used in the
parent, children hang 20 times in 20. So the thread counts are set to 1 before anything is imported, and one task in
`/proc/self/task` is asserted at every fork.

It speaks lines of JSON with the supervisor over one socket pair, ends when that closes, and is never alone: orders
come from the supervisor, and so does the listening socket of the compute workers, which are forked here too.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import selectors
import signal
import socket
import sys
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dashboard.jobs import attempt as job
from dashboard.jobs.folder import dumps
from dashboard.settings import Settings, settings

SINGLE_THREADED = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}
"""Environment in which the starter must be born."""

COLD_ONLY = 78
"""Exit code of a starter that must not fork: it has a GPU context or a second thread, which no child survives (EX_CONFIG)."""

_REAP_EVERY_S = 0.05


@dataclass
class Starter:
    """The starter's state: the line to the supervisor and the children it waits for."""

    settings: Settings
    line: socket.socket
    door: socket.socket
    """Listening socket of the compute workers."""
    workers: set[int] = field(default_factory=set)
    _waiting: bytes = b""

    def say(self, **message: Any) -> None:
        """Send one message to the supervisor."""
        self.line.sendall(dumps(message))

    def serve(self) -> None:
        """Answer until the supervisor goes away."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.line, selectors.EVENT_READ)
            while True:
                self._keep_workers()
                if selector.select(_REAP_EVERY_S):
                    received = self.line.recv(65_536)
                    if not received:
                        return
                    self._waiting += received
                    self._obey()
                self._reap()

    def _obey(self) -> None:
        *lines, self._waiting = self._waiting.split(b"\n")
        for line in lines:
            order = json.loads(line)
            self._start_job(Path(order["folder"]), int(order["attempt"]))

    def _start_job(self, folder: Path, attempt: int) -> None:
        pid = _fork()
        if pid == 0:
            self._be_job(folder, attempt)
        self.say(said="started", folder=str(folder), attempt=attempt, pid=pid)

    def _be_job(self, folder: Path, attempt: int) -> None:
        code = 1
        try:
            os.setsid()
            self._leave()
            code = job.perform(folder, attempt) if job.enter(folder, attempt) else job.NOT_MINE
        except BaseException:
            traceback.print_exc()
        finally:
            _exit(code)

    def _keep_workers(self) -> None:
        while len(self.workers) < self.settings.compute_workers:
            pid = _fork()
            if pid == 0:
                self._be_worker()
            self.workers.add(pid)

    def _be_worker(self) -> None:
        code = 1
        try:
            job.die_with_parent()
            door = self.door.dup()
            self._leave()
            from dashboard.compute.worker import serve

            code = serve(door, self.settings)
        except BaseException:
            traceback.print_exc()
        finally:
            _exit(code)

    def _leave(self) -> None:
        """In a child: drop what belongs to the starter."""
        self.line.close()
        self.door.close()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid in self.workers:
                self.workers.discard(pid)
                continue
            self.say(said="ended", pid=pid, status=os.waitstatus_to_exitcode(status))


def _fork() -> int:
    if not single_threaded():
        raise RuntimeError("more than one thread at fork: the child would hang")
    sys.stdout.flush()
    sys.stderr.flush()
    return os.fork()


def single_threaded() -> bool:
    """Whether this process has one thread, as far as the system tells."""
    tasks = Path("/proc/self/task")
    return not tasks.is_dir() or len(list(tasks.iterdir())) == 1


def _exit(code: int) -> None:
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)  # no interpreter teardown: the child shares its parent's open files


def warm_up(home: Settings) -> bool:
    """Import what jobs need, publish the catalogue, and settle the memory that children share; False: never fork."""
    import torch

    torch.set_num_threads(1)
    with contextlib.suppress(RuntimeError):
        torch.set_num_interop_threads(1)
    import dashboard.compute.worker
    import dashboard.jobs.training
    from dashboard.publishing import publish

    publish(home)
    dashboard.jobs.training.warm_up()
    gc.collect()
    gc.freeze()
    if not single_threaded():
        sys.stderr.write("something that was imported has started a thread (a plug-in?): jobs will start cold\n")
        return False
    return not torch.cuda.is_initialized()  # type: ignore[no-untyped-call]


def main(arguments: list[str]) -> int:
    """`python -m dashboard.jobs.starter LINE_FD DOOR_FD`, started by the supervisor only."""
    job.die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line = socket.socket(fileno=int(arguments[0]))
    door = socket.socket(fileno=int(arguments[1]))
    began = time.monotonic()
    starter = Starter(settings(), line, door)
    if not warm_up(starter.settings):
        return COLD_ONLY
    starter.say(said="ready", seconds=round(time.monotonic() - began, 2))
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        starter.serve()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
