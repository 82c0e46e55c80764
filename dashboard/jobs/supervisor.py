"""The supervisor: one process per home that starts queued runs, watches jobs and settles what became of them.

It is its own session, so it outlives the browser, Streamlit and the shell that started it; jobs outlive it in turn, and
its successor adopts them by their locks. It imports no torch. It is a subreaper: jobs whose warm starter has died
become its children, so that their deaths are seen and no zombie stays.

Order of every start: the row says `starting`, the order stands in the run's folder, only then a process is made. A
crash between any two of these leaves a run that is found without a lock, and is simply started again; a process that comes
late finds a newer order than its own and ends without a word.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import time
from dataclasses import dataclass

from dashboard import catalogue
from dashboard.jobs.attempt import become_subreaper
from dashboard.jobs.desk import Desk
from dashboard.jobs.launch import Launcher
from dashboard.jobs.liveness import HeldElsewhere, Lock
from dashboard.jobs.status import LOCK, LOG, SupervisorStatus, write_status
from dashboard.settings import Settings, settings
from dashboard.tracking.store import Store
from data.text import Problem, Text

TICK_S = 0.05
HOUSEKEEPING_EVERY_S = 2.0

ALREADY_RUNNING = 3
"""Exit code when another supervisor holds the home."""


@dataclass
class Supervisor:
    """The loop around the desk: signals, status, idleness, changed code, a home that has gone."""

    settings: Settings
    desk: Desk
    launcher: Launcher
    idle_exit_s: float
    lock_inode: int
    since: float = 0.0
    _ending: bool = False
    _busy_at: float = 0.0
    _kept_house_at: float = 0.0
    _catalogue_key: str = ""
    _told: SupervisorStatus | None = None

    def run(self) -> None:
        """Serve until told to end, idle for too long, or the home is gone; jobs live on except in the last case."""
        self.since = time.time()
        self._busy_at = time.monotonic()
        for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(signum, self._end)
        self._catalogue_key = catalogue.key(self.settings)
        self._tell(None)
        self.launcher.open()
        while not self._ending:
            self.launcher.attend(TICK_S)
            trouble = None
            try:
                self.desk.turn()
            except Problem as problem:  # a locked store or a full disk: jobs go on, and so does the next round
                trouble = problem.text
            except Exception:  # a file that went with the home in the midst of a round
                if self._home_stands():
                    raise
            if not self._home_stands():
                self.desk.abandon()
                return
            self._tell(trouble)
            self._keep_house()

    def _end(self, *_: object) -> None:
        self._ending = True

    def _home_stands(self) -> bool:
        try:
            return (self.settings.home / LOCK).stat().st_ino == self.lock_inode
        except OSError:
            return False

    def _keep_house(self) -> None:
        now = time.monotonic()
        if self.desk.watched or self.desk.rows:
            self._busy_at = now
        if now - self._kept_house_at < HOUSEKEEPING_EVERY_S:
            return
        self._kept_house_at = now
        key = catalogue.key(self.settings)
        if key != self._catalogue_key:
            self._catalogue_key = key
            self.launcher.refresh()
        if self.idle_exit_s and min(now - self._busy_at, self._unwanted_s()) > self.idle_exit_s:
            self._ending = True

    def _unwanted_s(self) -> float:
        """Seconds since somebody last wanted a supervisor: `ensure_supervisor` touches the lock file."""
        with contextlib.suppress(OSError):
            return time.time() - (self.settings.home / LOCK).stat().st_mtime
        return 0.0

    def _tell(self, trouble: Text | None) -> None:
        status = SupervisorStatus(
            alive=True,
            pid=os.getpid(),
            start=self.launcher.mode,
            since=self.since,
            slots=self.settings.job_slots,
            running=len(self.desk.watched),
            queued=len(self.desk.queued),
            trouble=trouble,
        )
        if status != self._told:
            with contextlib.suppress(OSError):  # a full disk must not take the supervisor down; told at the next change
                write_status(self.settings.home, status)
                self._told = status


def serve(home: Settings, *, idle_exit_s: float = 0.0) -> int:
    """Be the supervisor of this home, if nobody else is."""
    home.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock_path = home.home / LOCK
    try:
        lock = Lock(lock_path)
    except HeldElsewhere:
        sys.stderr.write("another supervisor holds this home\n")
        return ALREADY_RUNNING
    become_subreaper()
    inode = lock_path.stat().st_ino
    launcher = Launcher(home, home.home / LOG)
    try:
        with Store.open(home, checkpointer=True) as store:
            desk = Desk(store, home, launcher)
            Supervisor(home, desk, launcher, idle_exit_s, inode).run()
    finally:
        launcher.close()
        lock.release()
    return 0


def main(arguments: list[str]) -> int:
    """`python -m dashboard.jobs.supervisor [--idle-exit SECONDS]`."""
    parser = argparse.ArgumentParser(prog="dashboard.jobs.supervisor")
    parser.add_argument("--idle-exit", type=float, default=0.0, help="end after this many idle seconds; 0: never")
    chosen = parser.parse_args(arguments)
    if os.getpgrp() != os.getpid():
        with contextlib.suppress(PermissionError):
            os.setsid()
    return serve(settings(), idle_exit_s=chosen.idle_exit)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
