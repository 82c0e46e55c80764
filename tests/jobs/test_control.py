"""What people ask for becomes exactly one change, however often and from wherever they ask."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dashboard.jobs import control, words
from dashboard.jobs.folder import asked, folder_of
from dashboard.jobs.spec import RunSpec
from dashboard.settings import Settings
from dashboard.tracking.records import NewRun, RunFilter, State
from dashboard.tracking.store import Store
from data.text import Problem

SPEC = RunSpec(
    method="ddpm", dataset="digits", preset="tiny", method_config={"channels": 16}, training={"steps": 100, "seed": 5}
)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(control, "ensure_supervisor", lambda settings: None)  # nothing is to run here
    return Settings(home=tmp_path / "home", examples=False)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with Store.open(settings) as opened:
        yield opened


def _one(store: Store, settings: Settings, state: State = State.QUEUED) -> str:
    [run] = control.submit(store, settings, SPEC)
    store.set_state(run.id, state)
    return run.id


def test_the_same_form_sent_twice_at_once_is_one_run(store: Store, settings: Settings) -> None:
    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda _: control.submit(store, settings, SPEC, token="form")[0].id, range(8)))
    assert len(set(runs)) == 1
    assert store.count(RunFilter()) == 1


def test_two_deliberate_equal_runs_are_two(store: Store, settings: Settings) -> None:
    first, second = (control.submit(store, settings, SPEC, token=token)[0].id for token in ("a", "b"))
    assert first != second


def test_a_repeated_run_is_a_group_of_consecutive_seeds_and_repeating_the_form_adds_none(
    store: Store, settings: Settings
) -> None:
    runs = control.submit(store, settings, SPEC, token="form", repeat=3)
    assert [run.seed for run in runs] == [5, 6, 7]
    assert [run.config["training"]["seed"] for run in runs] == [5, 6, 7]
    assert len({run.group for run in runs}) == 1 and runs[0].group
    assert [run.id for run in control.submit(store, settings, SPEC, token="form", repeat=3)] == [run.id for run in runs]
    with pytest.raises(Problem, match="between 1 and 100"):
        control.submit(store, settings, SPEC, repeat=0)


def test_a_running_job_is_asked_once_and_in_its_folder(store: Store, settings: Settings) -> None:
    run = _one(store, settings, State.RUNNING)
    assert control.stop(store, settings, run).state is State.STOPPING
    assert asked(folder_of(settings, run)) == "stop"
    assert control.pause(store, settings, run).state is State.STOPPING
    assert asked(folder_of(settings, run)) == "stop"


def test_pausing_tells_the_job_to_pause(store: Store, settings: Settings) -> None:
    run = _one(store, settings, State.STARTING)
    paused = control.pause(store, settings, run)
    assert paused.reason is not None and paused.reason.code == words.PAUSING.code
    assert asked(folder_of(settings, run)) == "pause"


@pytest.mark.parametrize("state", [State.STOPPED, State.PAUSED, State.FAILED])
def test_an_ended_run_is_queued_again_once(store: Store, settings: Settings, state: State) -> None:
    run = _one(store, settings, state)
    store.set_state(run, state, restarts=4)
    resumed = control.resume(store, settings, run)
    assert (resumed.state, resumed.restarts) == (State.QUEUED, 0)
    assert control.resume(store, settings, run).state is State.QUEUED


def test_a_finished_run_is_prolonged_not_resumed_and_not_stopped(store: Store, settings: Settings) -> None:
    run = _one(store, settings, State.FINISHED)
    with pytest.raises(Problem, match="only a stopped, paused or failed run"):
        control.resume(store, settings, run)
    with pytest.raises(Problem, match="not running"):
        control.stop(store, settings, run)
    longer = control.prolong(store, settings, run, 50)
    assert (longer.state, longer.total_steps, longer.config["training"]["steps"]) == (State.QUEUED, 150, 150)
    with pytest.raises(Problem, match="this one is queued"):
        control.prolong(store, settings, run, 50)
    with pytest.raises(Problem, match="at least 1"):
        control.prolong(store, settings, run, 0)


def test_a_clone_has_the_changes_where_they_belong(store: Store, settings: Settings) -> None:
    run = _one(store, settings)
    spec = control.clone(store, run, {"channels": 32, "steps": 7, "start_from": f"{run}@5"})
    assert spec.method_config["channels"] == 32
    assert spec.training == {"steps": 7, "seed": 5}
    assert spec.start_from == f"{run}@5"
    assert control.clone(store, run) == SPEC
    with pytest.raises(Problem, match="no field named “chanels”") as raised:
        control.clone(store, run, {"chanels": 1})
    assert raised.value.field == "chanels"


def test_a_working_run_cannot_be_deleted_and_a_deleted_one_comes_back(store: Store, settings: Settings) -> None:
    run = _one(store, settings, State.RUNNING)
    with pytest.raises(Problem, match="still active"):
        control.delete(store, run)
    store.set_state(run, State.STOPPED)
    control.delete(store, run)
    assert store.run(run).deleted_at is not None
    control.undelete(store, run)
    assert store.run(run).deleted_at is None


def test_a_notebooks_run_is_not_ours_to_steer(store: Store, settings: Settings) -> None:
    run, _ = store.create_run(NewRun("n", "", "", "", {}, 0, 0, external=True))
    for act in (control.stop, control.pause, control.resume):
        with pytest.raises(Problem, match="script or notebook"):
            act(store, settings, run.id)


def test_an_unknown_run_is_a_problem_in_words(store: Store, settings: Settings) -> None:
    with pytest.raises(Problem, match="no run"):
        control.stop(store, settings, "nowhere")
