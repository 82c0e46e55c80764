"""A studio of its own for tests: a home, a store and, when asked, a supervisor; and eyes on every process of it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from dashboard.jobs import control
from dashboard.jobs.folder import log_tail
from dashboard.jobs.liveness import holder
from dashboard.jobs.spec import RunSpec
from dashboard.jobs.status import LOCK
from dashboard.settings import Settings
from dashboard.tracking.records import Run, State
from dashboard.tracking.store import Store

PLUGIN = Path(__file__).with_name("plugin_practice.py")
QUICK = {"steps": 20, "batch_size": 8, "evaluate_every": 10, "sample_every": 1000, "checkpoint_every": 5}


class Studio:
    def __init__(self, home: Path, **options: Any) -> None:
        self.settings = Settings(
            home=home, **{"slots": 2, "threads_per_job": 1, "max_restarts": 3, "examples": False, **options}
        )
        self.settings.plugins.mkdir(parents=True)
        shutil.copy(PLUGIN, self.settings.plugins / "practice.py")
        self.store = Store.open(self.settings)

    def start(self) -> None:
        control.ensure_supervisor(self.settings)
        self.until(lambda: control.supervisor_status(self.settings).start != "starting", 90, "the starter is warm")

    def close(self) -> None:
        control.end_supervisor(self.settings)
        for process in self.processes():
            process.kill()
        self.store.close()
        shutil.rmtree(self.settings.sockets, ignore_errors=True)

    def order(self, method: str = "practice", *, training: dict[str, Any] | None = None, **config: Any) -> RunSpec:
        return RunSpec(
            method=method, dataset="digits", preset="tiny", method_config=config, training={**QUICK, **(training or {})}
        )

    def submit(self, method: str = "practice", *, training: dict[str, Any] | None = None, **config: Any) -> str:
        [run] = control.submit(self.store, self.settings, self.order(method, training=training, **config))
        return run.id

    def run(self, run_id: str) -> Run:
        return self.store.run(run_id)

    def until(self, true: Callable[[], object], within_s: float, what: str) -> float:
        began = time.monotonic()
        while not true():
            if time.monotonic() - began > within_s:
                raise AssertionError(f"not within {within_s} s: {what}\n{self.explain()}")
            time.sleep(0.01)
        return time.monotonic() - began

    def until_state(self, run_id: str, *states: State, within_s: float = 60) -> Run:
        self.until(lambda: self.run(run_id).state in states, within_s, f"{run_id} is {' or '.join(states)}")
        return self.run(run_id)

    def until_step(self, run_id: str, step: int, within_s: float = 60) -> None:
        self.until(lambda: self.run(run_id).step >= step, within_s, f"{run_id} reaches step {step}")

    def curve(self, run_id: str, metric: str = "loss") -> tuple[list[int], list[float]]:
        steps, values, _ = self.store.points(run_id, metric)
        return steps.tolist(), values.tolist()

    def supervisor(self) -> int:
        pid = holder(self.settings.home / LOCK)
        assert pid is not None, "there is no supervisor"
        return pid

    def starter(self) -> int:
        [found] = [p.pid for p in self.processes() if self._is_starter(p)]
        return found

    def _is_starter(self, process: psutil.Process) -> bool:
        try:
            # a job whose starter died has the same command and parent, but a session of its own
            ours = process.ppid() == self.supervisor() and os.getsid(process.pid) == os.getsid(process.ppid())
            return ours and "dashboard.jobs.starter" in process.cmdline()
        except (psutil.Error, ProcessLookupError):
            return False

    def job(self, run_id: str) -> int:
        pid = holder(self.settings.runs / run_id / "lock")
        assert pid is not None, f"{run_id} has no job"
        return pid

    def processes(self) -> list[psutil.Process]:
        """Every process that was born with this home, zombies included, the tests' own left out."""
        mark = f"SAMAJH_HOME={self.settings.home}".encode()
        found = []
        for process in psutil.process_iter():
            try:
                if process.pid != os.getpid() and mark in Path(f"/proc/{process.pid}/environ").read_bytes().split(
                    b"\0"
                ):
                    found.append(process)
            except (OSError, psutil.Error):
                continue
        return found

    def explain(self) -> str:
        runs = [
            f"{run.id} {run.state} step {run.step} {run.reason and run.reason.text.en}" for run in self.store.runs()
        ]
        logs = [line for run in self.store.runs()[:2] for line in log_tail(self.settings.runs / run.id, 15)]
        log = self.settings.home / "supervisor.log"
        return "\n".join([*runs, *logs, *(log.read_text().splitlines()[-15:] if log.exists() else [])])


def kill(pid: int) -> None:
    """`kill -9`, and wait until the kernel has taken everything from the process: it does so a moment later."""
    os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + 10
    while psutil.pid_exists(pid) and time.monotonic() < until:
        with contextlib.suppress(psutil.Error):
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return
        time.sleep(0.001)
