"""The desk: which queued run starts next, which living jobs are ours, and what the dead ones came to."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass, field

from pydantic import ValidationError

from dashboard.jobs import memory, words
from dashboard.jobs.attempt import out_of_memory
from dashboard.jobs.folder import (
    LOCK,
    Order,
    ask,
    asked,
    ending,
    folder_of,
    made_progress,
    started,
    withdraw,
    write_order,
)
from dashboard.jobs.launch import Launcher
from dashboard.jobs.liveness import end_group, holder
from dashboard.jobs.outcome import disk_halt
from dashboard.jobs.parent import weights_to_start_from
from dashboard.jobs.settle import Death, Verdict, verdict
from dashboard.jobs.spec import RunSpec
from dashboard.jobs.watch import Watched, ordered
from dashboard.settings import Settings
from dashboard.tracking.ingest import collect
from dashboard.tracking.records import Event, Reason, Run, RunFilter, State
from dashboard.tracking.store import Store
from data.text import Problem, Text

ACTIVE = tuple(state for state in State if state.active)
WORKING = {*ACTIVE} - {State.QUEUED}

CHECK_EVERY_S = 0.1
COLLECT_EVERY_S = 0.25
SWEEP_EVERY_S = 2.0
STATUS_WITHIN_S = 0.5
"""How long the death of a job may wait for its exit status before it is settled without one."""
ADOPTED_BEGINS_WITHIN_S = 4.0
"""An order of a dead supervisor that is not taken up within this time is given again."""
LINGERS_AT_MOST_S = 15.0
"""A process that has said its last word and still does not end is ended."""


@dataclass
class Desk:
    """Everything the supervisor decides about runs; holds no process of its own."""

    store: Store
    settings: Settings
    launcher: Launcher
    watched: dict[str, Watched] = field(default_factory=dict)
    rows: dict[str, Run] = field(default_factory=dict)
    """Active runs as the store last told them."""
    _not_before: dict[str, float] = field(default_factory=dict)
    _version: int = -1
    _checked_at: float = 0.0
    _collected_at: float = 0.0
    _swept_at: float = 0.0

    @property
    def queued(self) -> list[Run]:
        """Runs that wait for a slot, oldest first."""
        return sorted((r for r in self.rows.values() if r.state is State.QUEUED), key=lambda r: r.created_at)

    def turn(self) -> None:
        """One round: read what changed, watch, settle, start."""
        now = time.monotonic()
        self._read()
        if now - self._checked_at >= CHECK_EVERY_S:
            self._checked_at = now
            for watched in list(self.watched.values()):
                self._check(watched)
        if now - self._collected_at >= COLLECT_EVERY_S:
            self._collected_at = now
            for run in list(self.watched):
                collect(self.store, self.settings, run)
        if now - self._swept_at >= SWEEP_EVERY_S:
            self._swept_at = now
            collect(self.store, self.settings)  # notebooks and scripts
        self._start_queued(now)

    def abandon(self) -> None:
        """End every job: the home is gone, and nothing they do could be kept."""
        for watched in self.watched.values():
            watched.bury()

    def _read(self) -> None:
        version = self.store.version()
        if version == self._version:
            return
        found = self.store.runs(RunFilter(states=ACTIVE))
        self.rows = {run.id: run for run in found if not run.external}
        self._version = version
        for run in self.rows.values():
            if run.state in WORKING and run.id not in self.watched:
                self._adopt(run)

    def _adopt(self, run: Run) -> None:
        folder = folder_of(self.settings, run.id)
        limit = memory.limit_mib(self.settings, int(run.config.get("memory_limit_mib", 0)))
        watched = Watched(run.id, run.attempt, folder, limit, patience_s=ADOPTED_BEGINS_WITHIN_S, adopted=True)
        self.watched[run.id] = watched
        if watched.alive():
            self._note(watched, "info", "adopted", words.ADOPTED)

    def _check(self, watched: Watched) -> None:
        row = self.rows.get(watched.run)
        if watched.status is None:
            watched.status = self.launcher.take_status(watched.run, watched.attempt)
        if not watched.alive():
            if not (row is not None and row.state in (State.STARTING, State.STOPPING) and watched.may_still_begin()):
                self._settle(watched)
            return
        watched.unseen_since = None
        if row is None or row.state is State.QUEUED:
            self._linger(watched)
            return
        if not watched.begun and started(watched.folder, watched.attempt, watched.journal_from):
            watched.begun = True
        pid = watched.identity.pid if watched.identity else None
        if watched.begun and row.state is State.STARTING:
            self.store.set_state(row.id, State.RUNNING, None, expect={State.STARTING}, pid=pid)
        if row.state is State.STOPPING:
            self._hurry(watched, row)
        self._tell(watched, row, watched.look())

    def _hurry(self, watched: Watched, row: Run) -> None:
        if watched.asked is None:
            pausing = row.reason is not None and row.reason.code == words.PAUSING.code
            watched.asked = "pause" if pausing else "stop"
            watched.asked_at = time.monotonic()
        if asked(watched.folder) is None:  # whoever wrote the row died before it told the job
            ask(watched.folder, watched.asked)
        watched.climb()

    def _note(self, watched: Watched, level: str, code: str, text: Text) -> None:
        self.store.add_event(Event(watched.run, time.time(), None, level, code, text))

    def _tell(self, watched: Watched, row: Run, reason: Reason | None) -> None:
        while watched.wakes_told < watched.wakes:
            watched.wakes_told += 1
            self._note(watched, "warning", "woken", words.WOKEN)
        if row.state is State.RUNNING and reason != row.reason:
            self.store.set_state(row.id, State.RUNNING, reason, expect={State.RUNNING})

    def _linger(self, watched: Watched) -> None:
        now = time.monotonic()
        watched.lingers_since = watched.lingers_since or now
        if now - watched.lingers_since > LINGERS_AT_MOST_S and watched.identity is not None:
            end_group(watched.identity, signal.SIGKILL)

    def _settle(self, watched: Watched) -> None:
        if watched.status is None and watched.identity is not None:  # adopted, and our child since its starter died
            watched.status = self.launcher.ended.pop(watched.identity.pid, None)
        now = time.monotonic()
        watched.unseen_since = watched.unseen_since or now
        if watched.status is None and now - watched.unseen_since < STATUS_WITHIN_S:
            return  # its parent will tell how it died in a moment
        watched.bury()
        if self.store.runs(RunFilter(ids=(watched.run,), deleted=None)):  # else it was purged meanwhile
            collect(self.store, self.settings, watched.run)
            row = self.store.run(watched.run)
            if row.state in WORKING and row.attempt == watched.attempt:
                self._apply(watched, row, self._judge(watched, row))
        if watched.identity is None and watched.status is None and not watched.adopted:
            self.launcher.renew()
        del self.watched[watched.run]
        self._version = -1

    def _judge(self, watched: Watched, row: Run) -> Verdict:
        last_word = ending(watched.folder, watched.attempt)
        if watched.over_memory and last_word is None:
            return Verdict(State.FAILED, out_of_memory(watched.memory_limit_mib), row.restarts)
        death = Death(
            state=row.state,
            ending=last_word,
            status=watched.status,
            asked=asked(watched.folder),
            progressed=made_progress(watched.folder, watched.attempt, watched.journal_from),
            restarts=row.restarts,
        )
        return verdict(death, max_restarts=self.settings.max_restarts)

    def _apply(self, watched: Watched, row: Run, decided: Verdict) -> None:
        if decided.reason.code in ("crashed", "crash_loop", "out_of_memory", "stop_killed"):
            level = "warning" if decided.state.active or decided.state is State.STOPPED else "error"
            self._note(watched, level, decided.reason.code, decided.reason.text)
        again = decided.state is State.QUEUED
        if again:
            self._not_before[row.id] = time.monotonic() + decided.delay_s
        self.store.set_state(
            row.id, decided.state, decided.reason, expect=WORKING, restarts=decided.restarts,
            pid=None, ended_at=None if again else time.time(),
        )  # fmt: skip

    def _start_queued(self, now: float) -> None:
        for run in self.queued:
            if len(self.watched) >= self.settings.job_slots or not self.launcher.ready:
                return
            if run.id in self.watched or now < self._not_before.get(run.id, 0.0):
                continue
            if holder(folder_of(self.settings, run.id) / LOCK) is None:
                self._start(run)

    def _start(self, run: Run) -> None:
        folder = folder_of(self.settings, run.id)
        attempt = run.attempt + 1
        try:
            order = self._order(run, attempt)
            folder.mkdir(parents=True, exist_ok=True)
            withdraw(folder)  # while queued nobody asks a job anything, so this cannot eat a new request
            if not self.store.set_state(
                run.id, State.STARTING, words.STARTING, expect={State.QUEUED}, attempt=attempt, pid=None,
                started_at=run.started_at or time.time(), ended_at=None,
            ):  # fmt: skip
                return
            write_order(folder, order)
        except Problem as problem:
            if problem.code not in ("bad_order", "no_parent", "unknown_run"):
                raise
            self._refuse(run, State.FAILED, Reason(problem.code, problem.text))
            return
        except OSError as error:
            self._refuse(run, State.PAUSED, disk_halt(error).reason)
            return
        self.watched[run.id] = ordered(run.id, attempt, folder, order.memory_limit_mib)
        self.launcher.start(folder, attempt)
        self._version = -1

    def _refuse(self, run: Run, state: State, reason: Reason) -> None:
        self.store.set_state(run.id, state, reason, expect={State.QUEUED, State.STARTING}, ended_at=time.time())
        self._version = -1

    def _order(self, run: Run, attempt: int) -> Order:
        try:
            spec = RunSpec.model_validate(run.config)
        except ValidationError as error:
            raise Problem(words.BAD_ORDER, code="bad_order") from error
        begins = weights_to_start_from(self.store, self.settings, spec.start_from) if spec.start_from else None
        return Order(
            run=run.id,
            name=run.name,
            attempt=attempt,
            spec=spec,
            threads=spec.threads or self.settings.job_threads,
            memory_limit_mib=memory.limit_mib(self.settings, spec.memory_limit_mib),
            start_from=begins,
        )
