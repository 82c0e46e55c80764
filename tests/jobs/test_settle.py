"""What becomes of an attempt that lives no more."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from dashboard.jobs import words
from dashboard.jobs.attempt import DISK_TROUBLE
from dashboard.jobs.folder import Ending
from dashboard.jobs.settle import LONGEST_BACKOFF_S, Death, verdict
from dashboard.tracking.records import State


def _death(**known: Any) -> Death:
    usual: dict[str, Any] = {
        "state": State.RUNNING, "ending": None, "status": -signal.SIGKILL, "asked": None, "progressed": False, "restarts": 0,
    }  # fmt: skip
    return Death(**{**usual, **known})


def _ending(state: State) -> Ending:
    return Ending(attempt=1, time=0.0, step=7, state=state, code="x", text={"en": "So it is.", "hi": "ऐसा है।"})


@pytest.mark.parametrize("state", [State.FINISHED, State.STOPPED, State.PAUSED, State.FAILED])
def test_the_last_word_counts_whatever_the_exit_status_says(state: State) -> None:
    decided = verdict(_death(ending=_ending(state), restarts=4), max_restarts=5)
    assert (decided.state, decided.reason.text.hi, decided.restarts) == (state, "ऐसा है।", 0)


def test_a_death_without_a_word_is_a_crash_and_is_tried_again_at_once_then_ever_later() -> None:
    delays = [verdict(_death(restarts=k), max_restarts=50).delay_s for k in range(20)]
    assert delays[0] == 0
    assert delays == sorted(delays)
    assert delays[-1] == LONGEST_BACKOFF_S
    first = verdict(_death(), max_restarts=5)
    assert first.state is State.QUEUED and "signal 9, SIGKILL" in first.reason.text.en


def test_restarts_without_progress_end_in_a_crash_loop_and_progress_begins_the_count_anew() -> None:
    assert verdict(_death(restarts=4), max_restarts=5).state is State.QUEUED
    looped = verdict(_death(restarts=5), max_restarts=5)
    assert (looped.state, looped.reason.code) == (State.FAILED, "crash_loop")
    onward = verdict(_death(restarts=5, progressed=True), max_restarts=5)
    assert (onward.state, onward.restarts) == (State.QUEUED, 1)


def test_no_restart_at_all_when_none_is_allowed() -> None:
    assert verdict(_death(), max_restarts=0).state is State.FAILED


@pytest.mark.parametrize(("asked", "state"), [("stop", State.STOPPED), ("pause", State.PAUSED), (None, State.STOPPED)])
def test_a_job_that_dies_while_it_is_being_stopped_is_stopped_not_restarted(asked: Any, state: State) -> None:
    decided = verdict(_death(state=State.STOPPING, asked=asked), max_restarts=5)
    assert (decided.state, decided.reason.code) == (state, "stop_killed")


def test_a_disk_too_full_for_the_last_word_pauses_the_run() -> None:
    decided = verdict(_death(status=DISK_TROUBLE), max_restarts=5)
    assert (decided.state, decided.reason.code) == (State.PAUSED, "disk_full")


def test_every_exit_status_has_words() -> None:
    assert words.how_it_died(None).en == "cause unknown"
    assert words.how_it_died(3).en == "exit code 3"
    assert words.how_it_died(-11).hi == "सिग्नल 11, SIGSEGV से बंद"
    assert "-64" not in words.how_it_died(-64).en
