"""Runs from start to end through a real supervisor, a warm starter and real jobs."""

from __future__ import annotations

import math

import pytest

from dashboard.jobs import control
from dashboard.jobs.folder import log_tail
from dashboard.tracking.records import NewRun, State
from tests.jobs.studio import Studio


@pytest.fixture(scope="module")
def whole(studio: Studio) -> str:
    """An uninterrupted run of twenty steps."""
    run = studio.submit()
    studio.until_state(run, State.FINISHED)
    return run


def test_a_submitted_run_trains_every_step_and_finishes(studio: Studio, whole: str) -> None:
    run = studio.run(whole)
    steps, values = studio.curve(whole)
    assert steps == list(range(1, 21))
    assert all(math.isfinite(value) for value in values)
    assert (run.step, run.total_steps, run.attempt) == (20, 20, 1)
    assert run.weights_sha256 and run.reason and run.reason.code == "finished"
    assert studio.curve(whole, "error")[0] == [10, 20]
    assert [c.step for c in studio.store.checkpoints(whole) if c.path.exists()][-1] == 20


def test_a_stopped_run_resumes_to_the_same_bits_and_the_same_curve(studio: Studio, whole: str) -> None:
    run = studio.submit(pause_s=0.1)
    studio.until_step(run, 4)
    control.stop(studio.store, studio.settings, run)
    control.stop(studio.store, studio.settings, run)
    stopped = studio.until_state(run, State.STOPPED)
    assert 4 <= stopped.step < 20
    control.resume(studio.store, studio.settings, run)
    finished = studio.until_state(run, State.FINISHED)
    assert finished.attempt == 2
    assert finished.weights_sha256 == studio.run(whole).weights_sha256
    assert studio.curve(run) == studio.curve(whole)
    assert studio.curve(run, "error") == studio.curve(whole, "error")


def test_a_run_with_loading_processes_is_the_same_run(studio: Studio, whole: str) -> None:
    run = studio.submit(training={"num_workers": 2})
    assert studio.until_state(run, State.FINISHED).weights_sha256 == studio.run(whole).weights_sha256


def test_a_prolonged_run_equals_a_run_that_was_long_from_the_start(studio: Studio, whole: str) -> None:
    run = studio.submit(training={"steps": 12})
    studio.until_state(run, State.FINISHED)
    prolonged = control.prolong(studio.store, studio.settings, run, 8)
    assert prolonged.total_steps == 20
    assert studio.until_state(run, State.FINISHED).weights_sha256 == studio.run(whole).weights_sha256
    assert studio.curve(run) == studio.curve(whole)


def test_a_paused_run_gives_its_slot_to_others_and_says_so(studio: Studio) -> None:
    first, second, third = (studio.submit(pause_s=0.2, training={"steps": 300}) for _ in range(3))
    studio.until_state(first, State.RUNNING)
    studio.until_state(second, State.RUNNING)
    assert studio.run(third).state is State.QUEUED
    control.pause(studio.store, studio.settings, first)
    paused = studio.until_state(first, State.PAUSED)
    assert paused.reason is not None and "free for others" in paused.reason.text.en
    studio.until_state(third, State.RUNNING, within_s=10)
    for run in (second, third):
        control.stop(studio.store, studio.settings, run)
    studio.until_state(second, State.STOPPED)
    studio.until_state(third, State.STOPPED)


def test_a_run_that_starts_from_another_has_its_weights_not_its_step(studio: Studio, whole: str) -> None:
    spec = studio.order(training={"steps": 2}).model_copy(update={"start_from": f"{whole}@20"})
    [child] = control.submit(studio.store, studio.settings, spec)
    studio.until_state(child.id, State.FINISHED)
    fresh = studio.submit(training={"steps": 2})
    studio.until_state(fresh, State.FINISHED)
    assert studio.curve(child.id)[0] == [1, 2]
    assert studio.curve(child.id)[1][0] < studio.curve(whole)[1][0]
    assert studio.curve(child.id)[1] != studio.curve(fresh)[1]
    assert studio.run(child.id).parent == whole


def test_starting_from_a_run_without_checkpoints_fails_in_words(studio: Studio, whole: str) -> None:
    spec = studio.order().model_copy(update={"start_from": f"{whole}@3"})
    [child] = control.submit(studio.store, studio.settings, spec)
    failed = studio.until_state(child.id, State.FAILED)
    assert failed.reason is not None and failed.reason.code == "no_parent"


def test_a_run_whose_order_cannot_be_read_fails_in_words_and_holds_nobody_up(studio: Studio, whole: str) -> None:
    spoilt, _ = studio.store.create_run(NewRun("spoilt", "practice", "digits", "", {"nonsense": 1}, 0, 20))
    failed = studio.until_state(spoilt.id, State.FAILED)
    assert failed.reason is not None and failed.reason.code == "bad_order"
    studio.until_state(studio.submit(training={"steps": 1}), State.FINISHED)


def test_a_plain_lightning_module_trains_too(studio: Studio) -> None:
    run = studio.submit("plain")
    studio.until_state(run, State.FINISHED)
    steps, values = studio.curve(run)
    assert steps == list(range(1, 21)) and values[-1] < values[0]


def test_an_error_in_training_is_told_and_not_tried_again(studio: Studio) -> None:
    run = studio.submit(fault="raise", at=3)
    failed = studio.until_state(run, State.FAILED)
    assert failed.reason is not None and "the numbers do not add up" in failed.reason.text.en
    assert failed.attempt == 1 and failed.step == 3
    assert any("Traceback" in line for line in log_tail(studio.settings.runs / run, 100))


def test_a_problem_of_the_method_is_the_reason_word_for_word(studio: Studio) -> None:
    run = studio.submit(fault="refuse")
    failed = studio.until_state(run, State.FAILED)
    assert failed.reason is not None and failed.reason.text.en == "These two do not go together."


def test_a_loss_that_is_no_number_is_logged_and_told_and_training_goes_on(studio: Studio) -> None:
    run = studio.submit(fault="nan", at=10)
    studio.until_state(run, State.FINISHED)
    steps, values = studio.curve(run)
    assert steps == list(range(1, 21))
    assert [math.isnan(value) for value in values] == [False] * 10 + [True] * 10
    [event] = [event for event in studio.store.events(run) if event.code == "not_finite"]
    assert event.step == 11


def test_a_job_that_dies_again_and_again_without_progress_is_a_crash_loop(studio: Studio) -> None:
    settings = studio.settings
    run = studio.submit(fault="die", at=2)
    failed = studio.until_state(run, State.FAILED, within_s=90)
    assert failed.reason is not None and failed.reason.code == "crash_loop"
    assert "SIGKILL" in failed.reason.text.en
    assert failed.attempt == settings.max_restarts + 1


@pytest.mark.parametrize("fault", ["memory", "eat"])
def test_a_job_out_of_memory_says_so_in_plain_words(studio: Studio, fault: str) -> None:
    run = studio.submit(fault=fault, at=2)
    failed = studio.until_state(run, State.FAILED)
    assert failed.reason is not None and failed.reason.code == "out_of_memory"
    assert "700 MiB" in failed.reason.text.en
    assert failed.attempt == 1


def test_early_stopping_ends_a_run_that_no_longer_improves(studio: Studio) -> None:
    training = {"steps": 400, "learning_rate": 1e-9, "early_stop": "error", "patience": 2, "evaluate_every": 2}
    run = studio.submit(training=training)
    finished = studio.until_state(run, State.FINISHED)
    assert finished.reason is not None and finished.reason.code == "early_stop"
    assert finished.step < 100


def test_the_newest_checkpoints_and_the_best_one_are_kept(studio: Studio) -> None:
    run = studio.submit(fault="nan", at=20, training={"steps": 60, "evaluate_every": 4})
    studio.until_state(run, State.FINISHED)
    steps, values = studio.curve(run, "error")
    best = min((value, step) for step, value in zip(steps, values, strict=True) if not math.isnan(value))[1]
    assert best <= 20
    assert {checkpoint.step for checkpoint in studio.store.checkpoints(run)} == {best, 50, 55, 60}


def test_no_more_jobs_run_than_there_are_slots_and_all_get_their_turn(studio: Studio) -> None:
    runs = [studio.submit(training={"steps": 6}, pause_s=0.05) for _ in range(5)]
    most = 0

    def done() -> bool:
        nonlocal most
        states = [studio.run(run).state for run in runs]
        most = max(most, sum(state in (State.STARTING, State.RUNNING, State.STOPPING) for state in states))
        return all(state is State.FINISHED for state in states)

    studio.until(done, 60, "five runs finish")
    assert most == 2


def test_a_run_that_was_only_queued_stops_at_once_and_resumes(studio: Studio) -> None:
    busy = [studio.submit(pause_s=0.3, training={"steps": 500}) for _ in range(2)]
    waiting = studio.submit()
    assert control.stop(studio.store, studio.settings, waiting).state is State.STOPPED
    for run in busy:
        control.stop(studio.store, studio.settings, run)
        studio.until_state(run, State.STOPPED)
    control.resume(studio.store, studio.settings, waiting)
    studio.until_state(waiting, State.FINISHED)


def test_extra_loggers_write_beside_ours_and_a_missing_package_is_told(studio: Studio) -> None:
    spec = studio.order(training={"steps": 3}).model_copy(update={"loggers": ("tensorboard",)})
    [run] = control.submit(studio.store, studio.settings, spec)
    studio.until_state(run.id, State.FINISHED)
    assert list((studio.settings.runs / run.id / "tensorboard").rglob("events.out.tfevents.*"))
    [run] = control.submit(studio.store, studio.settings, spec.model_copy(update={"loggers": ("wandb",)}))
    failed = studio.until_state(run.id, State.FAILED)
    assert failed.reason is not None and "pip install" in failed.reason.text.en


def test_a_new_plug_in_is_taken_up_without_a_restart_by_hand(studio: Studio) -> None:
    source = (studio.settings.plugins / "practice.py").read_text()
    renamed = source.replace('name="practice"', 'name="later"').replace('name="plain"', 'name="later-plain"')
    (studio.settings.plugins / "later.py").write_text(renamed)
    studio.until(lambda: control.supervisor_status(studio.settings).start == "starting", 10, "the change is seen")
    studio.until(lambda: control.supervisor_status(studio.settings).start == "warm", 60, "the starter is warm again")
    assert studio.until_state(studio.submit("later"), State.FINISHED).method == "later"
