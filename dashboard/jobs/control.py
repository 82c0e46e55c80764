"""What people can do with runs: check, start, stop, pause, resume, prolong, clone, delete. Pages and command line alike.

Nothing here imports torch and nothing here runs a job: a row is written or changed (compare-and-set, so that a second
click or a second tab changes nothing), and the supervisor does the rest.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from dashboard.compute.client import ask as ask_worker
from dashboard.compute.cold import COLD_S, ask_cold
from dashboard.jobs import words
from dashboard.jobs.expected import Estimate
from dashboard.jobs.folder import ask, folder_of
from dashboard.jobs.launch import environment_of, fork_is_safe
from dashboard.jobs.liveness import holder, living_holder
from dashboard.jobs.parent import parent_of
from dashboard.jobs.spec import RunSpec
from dashboard.jobs.status import LOCK, LOG, SupervisorStatus, supervisor_status
from dashboard.settings import Settings
from dashboard.tracking.records import NewRun, Run, RunFilter, State
from dashboard.tracking.store import Store
from data.text import Problem, Text

__all__ = [
    "Estimate", "Prepared", "SupervisorStatus", "clone", "delete", "end_supervisor", "ensure_supervisor", "pause", "prepare",
    "prolong", "resume", "shut_down", "stop", "submit", "supervisor_status", "undelete",
]  # fmt: skip

IDLE_EXIT_S = 600
"""A supervisor that nobody asked for by name goes when it has had nothing to do for this long."""
MOST_REPEATS = 100
STARTS_WITHIN_S = 10.0

_RESUMABLE = {State.STOPPED, State.PAUSED, State.FAILED}


class Prepared(BaseModel):
    """An order after full validation: complete with its estimate, or what is wrong at which field."""

    model_config = ConfigDict(frozen=True)

    spec: RunSpec | None = None
    errors: dict[str, Text] = {}
    estimate: Estimate | None = None


def prepare(settings: Settings, spec: RunSpec, *, measure: bool = True, timeout_s: float = COLD_S) -> Prepared:
    """Validate an order where torch is, and measure a few of its steps.

    Goes through a compute worker; where no supervisor lives or jobs start cold, through a fresh process.

    Args:
        settings: The settings of this home.
        spec: The order as a form or the command line made it.
        measure: Also estimate time and memory.
        timeout_s: Longest wait, for a worker that still warms up too.

    Raises:
        Problem: The estimate itself failed; what is wrong with the order comes back in `errors`.
    """
    order = {"spec": spec.model_dump(mode="json")}
    if supervisor_status(settings).alive and fork_is_safe() and settings.start == "warm":
        return _prepared(lambda request: ask_worker(settings, request, order, timeout_s=timeout_s).values, measure)
    return _prepared(lambda request: ask_cold(settings, request, order, timeout_s=timeout_s), measure)


def _prepared(asking: Callable[[str], dict[str, Any]], measure: bool) -> Prepared:
    checked = asking("validate")
    if checked["errors"]:
        return Prepared(errors={name: Text(**text) for name, text in checked["errors"].items()})
    estimate = Estimate.model_validate(asking("estimate")) if measure else None
    return Prepared(spec=RunSpec.model_validate(checked["spec"]), estimate=estimate)


def submit(
    store: Store,
    settings: Settings,
    spec: RunSpec,
    *,
    token: str | None = None,
    name: str | None = None,
    repeat: int = 1,
    group: str | None = None,
    tags: Sequence[str] = (),
    user: str = "",
    parent: str | None = None,
) -> list[Run]:
    """Queue a run, or `repeat` runs of consecutive seeds as one group, and see to it that a supervisor lives.

    Args:
        store: The run store.
        settings: The settings of this home.
        spec: The complete, checked order.
        token: Made once per form; the same token never queues a second run but returns the first.
        name: What people call it; made from method and data set when empty.
        repeat: Number of runs; more than one makes a group.
        group: The group the runs join; None: one of their own when there are several.
        tags: Tags to start with.
        user: Who asked.
        parent: The run this one was cloned from.
    """
    if not 1 <= repeat <= MOST_REPEATS:
        raise Problem(words.REPEATS, code="bad_repeat", field="repeat")
    first = int(spec.training.get("seed", 0))
    title = name or f"{spec.method} · {spec.dataset}"
    if group is None and repeat > 1:
        group = f"{title} ×{repeat} · {(token or uuid.uuid4().hex)[:6]}"
    runs = []
    for seed in range(first, first + repeat):
        one = spec.model_copy(update={"training": {**spec.training, "seed": seed}})
        run, _ = store.create_run(
            NewRun(
                name=title if repeat == 1 else f"{title} · {seed}",
                method=spec.method,
                dataset=spec.dataset,
                preset=spec.preset,
                config=one.model_dump(mode="json"),
                seed=seed,
                total_steps=int(spec.training.get("steps", 0)),
                token=token if token is None or repeat == 1 else f"{token}:{seed}",
                group=group,
                parent=parent or parent_of(spec.start_from),
                parent_checkpoint=spec.start_from,
                tags=tuple(tags),
                user=user,
            )
        )
        runs.append(run)
    ensure_supervisor(settings)
    return runs


def stop(store: Store, settings: Settings, run_id: str) -> Run:
    """Ask a run to finish its step, save a checkpoint and end. Asking twice is asking once."""
    return _end(store, settings, run_id, State.STOPPED)


def pause(store: Store, settings: Settings, run_id: str) -> Run:
    """Like `stop`, but the run is only set aside: its slot goes to others until it is resumed."""
    return _end(store, settings, run_id, State.PAUSED)


def resume(store: Store, settings: Settings, run_id: str) -> Run:
    """Queue a stopped, paused or failed run again; it goes on from its last checkpoint, bit for bit."""
    run = _own(store, run_id)
    if run.deleted_at is not None:
        store.undelete(run_id)
    if not store.set_state(run_id, State.QUEUED, None, expect=_RESUMABLE, restarts=0, ended_at=None):
        run = store.run(run_id)
        if not run.state.active:
            raise Problem(words.filled(words.NOT_RESUMABLE, state=state_text(run.state)), code="not_resumable")
    ensure_supervisor(settings)
    return store.run(run_id)


def prolong(store: Store, settings: Settings, run_id: str, steps: int) -> Run:
    """Train `steps` more than were ordered; a finished run goes on from its last checkpoint.

    A learning-rate schedule that falls to zero over the run is stretched: from here on it follows the new total.
    """
    if steps < 1:
        raise Problem(words.MORE_STEPS, code="bad_steps", field="steps")
    run = _own(store, run_id)
    spec = RunSpec.model_validate(run.config)
    total = run.total_steps + steps
    longer = spec.model_copy(update={"training": {**spec.training, "steps": total}})
    ended = {*_RESUMABLE, State.FINISHED}
    if not store.set_state(
        run_id, State.QUEUED, None, expect=ended, restarts=0, ended_at=None,
        total_steps=total, config=longer.model_dump(mode="json"),
    ):  # fmt: skip
        raise Problem(
            words.filled(words.NOT_PROLONGABLE, state=state_text(store.run(run_id).state)), code="not_prolongable"
        )
    ensure_supervisor(settings)
    return store.run(run_id)


def clone(store: Store, run_id: str, changes: Mapping[str, Any] | None = None) -> RunSpec:
    """The order of a run with some values changed, ready for `prepare` and `submit`.

    Args:
        store: The run store.
        run_id: The run to copy.
        changes: Values by field name, of the training options, the method or the data set, or of the order itself.
    """
    spec = RunSpec.model_validate(store.run(run_id).config)
    parts = {"training": dict(spec.training), "method_config": dict(spec.method_config)}
    parts["dataset_config"] = dict(spec.dataset_config)
    top: dict[str, Any] = {}
    for key, value in (changes or {}).items():
        part = next((values for values in parts.values() if key in values), None)
        if part is not None:
            part[key] = value
        elif key in RunSpec.model_fields and key not in parts:
            top[key] = value
        else:
            raise Problem(words.filled(words.UNKNOWN_FIELD, name=key), code="unknown_field", field=key)
    return RunSpec.model_validate({**spec.model_dump(), **parts, **top})


def delete(store: Store, run_id: str) -> None:
    """Move a run to the trash; refused while it is active."""
    store.delete(run_id)


def undelete(store: Store, run_id: str) -> None:
    """Take a run out of the trash."""
    store.undelete(run_id)


def ensure_supervisor(settings: Settings, *, idle_exit_s: float = IDLE_EXIT_S) -> None:
    """Start a supervisor for this home if none lives; it outlives this process. Harmless to call often and at once."""
    lock = settings.home / LOCK
    if living_holder(lock) is not None:
        _touch(settings)
        return
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (settings.home / LOG).open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "dashboard.jobs.supervisor", "--idle-exit", str(idle_exit_s)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment_of(settings),
            cwd=settings.home, start_new_session=True,
        )  # fmt: skip
    threading.Thread(
        target=process.wait, daemon=True, name="supervisor-reaper"
    ).start()  # no zombie if it dies before us
    _await_lock(settings, process)


def shut_down(store: Store, settings: Settings, *, keep_jobs: bool = False, timeout_s: float = 40.0) -> None:
    """End the supervisor of this home; its jobs are paused first (with a checkpoint) unless they are to go on alone."""
    until = time.monotonic() + timeout_s
    if not keep_jobs and holder(settings.home / LOCK) is not None:
        working = (State.STARTING, State.RUNNING, State.STOPPING)
        for run in store.runs(RunFilter(states=working)):
            if not run.external:
                pause(store, settings, run.id)
        while time.monotonic() < until and any(not run.external for run in store.runs(RunFilter(states=working))):
            time.sleep(0.1)
    end_supervisor(settings, timeout_s=max(1.0, until - time.monotonic()))


def end_supervisor(settings: Settings, *, timeout_s: float = 10.0) -> None:
    """Ask the supervisor to end, and wait until it has; jobs live on."""
    pid = holder(settings.home / LOCK)
    if pid is None:
        return
    os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + timeout_s
    while holder(settings.home / LOCK) == pid and time.monotonic() < until:
        time.sleep(0.02)


def _own(store: Store, run_id: str) -> Run:
    run = store.run(run_id)
    if run.external:
        raise Problem(words.EXTERNAL, code="external_run")
    if run.example:
        raise Problem(words.EXAMPLE, code="example_run")
    return run


def _end(store: Store, settings: Settings, run_id: str, into: State) -> Run:
    pausing = into is State.PAUSED
    run = _own(store, run_id)
    if store.set_state(run_id, into, words.PAUSED if pausing else words.STOPPED_QUEUED, expect={State.QUEUED}):
        return store.run(run_id)
    told = words.PAUSING if pausing else words.STOPPING
    if store.set_state(run_id, State.STOPPING, told, expect={State.STARTING, State.RUNNING}):
        ask(folder_of(settings, run_id), "pause" if pausing else "stop")
        ensure_supervisor(settings)  # somebody must see to it that the job heeds this
    elif not (run := store.run(run_id)).state.active and run.state not in _RESUMABLE:
        raise Problem(words.NOT_ACTIVE, code="not_active")
    return store.run(run_id)


def _touch(settings: Settings) -> None:
    """Tell an idle supervisor that it is wanted; changing times does not open the file, which would endanger no lock."""
    with contextlib.suppress(OSError):
        os.utime(settings.home / LOCK)


def _await_lock(settings: Settings, process: subprocess.Popen[bytes]) -> None:
    """Wait until the new supervisor, or one that was faster, holds the lock."""
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until and process.poll() is None and holder(settings.home / LOCK) is None:
        time.sleep(0.01)


def state_text(state: State) -> Text:
    """A state in one word, for sentences."""
    return words.STATES[state]
