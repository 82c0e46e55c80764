"""`kill -9` of every process there is, at any moment: the run ends as if nothing had happened."""

from __future__ import annotations

import random
import subprocess
import sys
import time

import psutil
import pytest

from dashboard.jobs import control
from dashboard.jobs.launch import environment_of
from dashboard.jobs.liveness import group_members, holder
from dashboard.tracking.records import State
from tests.faults.conftest import STEPS, TRIALS, TRUE_WITHIN_S, Uninterrupted, assert_as_if_nothing_had_happened
from tests.jobs.studio import Studio, kill

pytestmark = pytest.mark.faults


def _somewhere_in_a_run(studio: Studio, trial: int, kind: str) -> str:
    """A run in progress, interrupted at a moment that differs from trial to trial; every second one loads in processes."""
    chance = random.Random(f"{kind} {trial}")
    run = studio.submit(pause_s=0.05, training={"steps": STEPS, "num_workers": 2 * (trial % 2)})
    studio.until_step(run, chance.randrange(1, STEPS - 8))
    time.sleep(chance.random() * 0.1)
    return run


def _state_is_true_soon(studio: Studio, run: str, attempt: int) -> None:
    def true() -> bool:
        row = studio.run(run)
        alive = holder(studio.settings.runs / run / "lock") is not None
        return alive if row.state is State.RUNNING and row.attempt == attempt else True

    studio.until(true, TRUE_WITHIN_S, "the dead job is no longer shown as running")


@pytest.mark.parametrize("trial", TRIALS)
def test_a_killed_job_is_resumed_to_the_same_bits(studio: Studio, uninterrupted: Uninterrupted, trial: int) -> None:
    run = _somewhere_in_a_run(studio, trial, "job")
    job = studio.job(run)
    helpers = group_members(job)
    kill(job)
    _state_is_true_soon(studio, run, 1)
    studio.until(lambda: not any(psutil.pid_exists(pid) for pid in helpers), TRUE_WITHIN_S, "its helpers are gone too")
    assert_as_if_nothing_had_happened(studio, run, uninterrupted)
    assert studio.run(run).attempt == 2
    [event] = [event for event in studio.store.events(run) if event.code == "crashed"]
    assert "SIGKILL" in event.text.en


@pytest.mark.parametrize("trial", TRIALS)
def test_a_killed_starter_costs_a_running_job_nothing(studio: Studio, uninterrupted: Uninterrupted, trial: int) -> None:
    run = _somewhere_in_a_run(studio, trial, "starter")
    kill(studio.starter())
    assert_as_if_nothing_had_happened(studio, run, uninterrupted)
    assert studio.run(run).attempt == 1
    studio.until(lambda: control.supervisor_status(studio.settings).start == "warm", 60, "another starter is warm")


@pytest.mark.parametrize("trial", TRIALS)
def test_a_killed_supervisor_costs_a_running_job_nothing(
    studio: Studio, uninterrupted: Uninterrupted, trial: int
) -> None:
    run = _somewhere_in_a_run(studio, trial, "supervisor")
    starter = studio.starter()
    kill(studio.supervisor())
    studio.until(lambda: not psutil.pid_exists(starter), TRUE_WITHIN_S, "the starter goes with its supervisor")
    time.sleep(0.1 * trial)
    control.ensure_supervisor(studio.settings)
    assert_as_if_nothing_had_happened(studio, run, uninterrupted)
    assert studio.run(run).attempt == 1


@pytest.mark.parametrize("trial", TRIALS)
def test_a_job_killed_together_with_its_supervisor_is_resumed_to_the_same_bits(
    studio: Studio, uninterrupted: Uninterrupted, trial: int
) -> None:
    run = _somewhere_in_a_run(studio, trial, "both")
    job, supervisor = studio.job(run), studio.supervisor()
    kill(supervisor)
    kill(job)
    control.ensure_supervisor(studio.settings)
    _state_is_true_soon(studio, run, 1)
    assert_as_if_nothing_had_happened(studio, run, uninterrupted)
    assert studio.run(run).attempt == 2


@pytest.mark.parametrize("trial", TRIALS[1:])
def test_a_run_outlives_the_program_that_started_it(studio: Studio, uninterrupted: Uninterrupted, trial: int) -> None:
    control.end_supervisor(studio.settings)
    order = studio.order(pause_s=0.05, training={"steps": STEPS})
    program = (
        "import sys, time; from dashboard.settings import Settings; from dashboard.tracking.store import Store;"
        "from dashboard.jobs import control; from dashboard.jobs.spec import RunSpec; s = Settings();"
        "[run] = control.submit(Store.open(s), s, RunSpec.model_validate_json(sys.argv[1]));"
        "print(run.id, flush=True); time.sleep(600)"
    )
    asker = subprocess.Popen(
        [sys.executable, "-c", program, order.model_dump_json()], env=environment_of(studio.settings),
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert asker.stdout is not None
    run = asker.stdout.readline().strip()
    if trial % 2:
        studio.until_step(run, 1 + trial)
    asker.kill()
    asker.wait()
    asker.stdout.close()
    assert_as_if_nothing_had_happened(studio, run, uninterrupted)
    assert studio.run(run).attempt == 1


@pytest.mark.parametrize("when", ["before writing", "in writing", "before renaming", "after renaming"])
def test_a_job_killed_while_it_saves_a_checkpoint_loses_nothing(
    studio: Studio, uninterrupted: Uninterrupted, when: str
) -> None:
    marker = studio.settings.home / f"killed {when}"
    run = studio.submit(training={"steps": STEPS}, fault=f"die {when}", at=12, once=str(marker))
    assert_as_if_nothing_had_happened(studio, run, uninterrupted)
    assert studio.run(run).attempt == 2
