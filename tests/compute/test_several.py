"""A request with several answers: each comes at once, a person may leave, and the limits hold."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from dashboard.compute.client import ask, stream
from dashboard.jobs.launch import door_path, environment_of
from dashboard.settings import Settings
from data.text import Problem

LIMIT_MIB = 900


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    settings = Settings(home=tmp_path_factory.mktemp("several") / "home")
    door = door_path(settings)
    door.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.compute.several", str(door), str(LIMIT_MIB)]
    served = subprocess.Popen(command, env=environment_of(settings))
    try:
        ask(settings, "pid", timeout_s=60)
        yield settings
    finally:
        served.kill()
        served.wait()
        door.unlink()


def _pid(settings: Settings) -> int:
    return int(ask(settings, "pid").values["pid"])


def _told(trail: Path) -> str:
    until = time.monotonic() + 5
    while not (trail.exists() and trail.read_text()) and time.monotonic() < until:
        time.sleep(0.01)
    return trail.read_text() if trail.exists() else "nothing"


def test_each_answer_comes_before_the_next_is_worked_out(alone: Settings, tmp_path: Path) -> None:
    began, came = time.monotonic(), []
    for answer in stream(alone, "count", {"to": 4, "pause_s": 0.2, "trail": str(tmp_path / "t")}):
        came.append((answer.values["k"], time.monotonic() - began))
        np.testing.assert_array_equal(answer.arrays["x"], np.full(3, answer.values["k"]))
    assert [k for k, _ in came] == [1, 2, 3, 4]
    assert came[0][1] < 0.3 < came[2][1]
    assert _told(tmp_path / "t") == "all"


def test_asking_once_gives_the_last_answer(alone: Settings, tmp_path: Path) -> None:
    assert ask(alone, "count", {"to": 3, "trail": str(tmp_path / "t")}).values == {"k": 3}


def test_who_leaves_ends_the_work_and_the_worker_lives_on(alone: Settings, tmp_path: Path) -> None:
    before = _pid(alone)
    answers = stream(alone, "count", {"to": 1000, "pause_s": 0.05, "trail": str(tmp_path / "t")})
    assert next(answers).values["k"] == 1
    answers.close()
    assert _told(tmp_path / "t") == "left"
    assert _pid(alone) == before


def test_work_that_comes_to_no_snapshot_after_its_asker_left_is_ended(alone: Settings, tmp_path: Path) -> None:
    before, began = _pid(alone), time.monotonic()
    answers = stream(alone, "count", {"to": 2, "pause_s": 60, "trail": str(tmp_path / "t")}, timeout_s=120)
    next(answers)
    time.sleep(0.5)  # now it sleeps, and looks at nothing
    answers.close()
    assert _pid(alone) != before
    assert time.monotonic() - began < 10


def test_a_problem_after_some_answers_is_told(alone: Settings, tmp_path: Path) -> None:
    answers = stream(alone, "count", {"to": 5, "fails_at": 3, "trail": str(tmp_path / "t")})
    assert [next(answers).values["k"], next(answers).values["k"]] == [1, 2]
    with pytest.raises(Problem, match="No further") as raised:
        next(answers)
    assert raised.value.code == "no_further"


def test_an_answer_that_cannot_be_sent_is_told_and_costs_no_worker(alone: Settings, tmp_path: Path) -> None:
    before = _pid(alone)
    answers = stream(alone, "count", {"to": 5, "odd_at": 2, "trail": str(tmp_path / "t")})
    assert next(answers).values["k"] == 1
    with pytest.raises(Problem, match="not JSON serializable"):
        next(answers)
    assert _pid(alone) == before and _told(tmp_path / "t") == "left"


def test_the_time_limit_holds_for_all_answers_together(alone: Settings, tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(Problem) as raised:
        list(stream(alone, "count", {"to": 1000, "pause_s": 0.1, "trail": str(tmp_path / "t")}, timeout_s=1))
    assert raised.value.code == "worker_timeout"
    assert time.monotonic() - began < 4


def test_the_memory_limit_holds_while_answers_come(alone: Settings, tmp_path: Path) -> None:
    answers = stream(alone, "count", {"to": 100, "mib": 250, "trail": str(tmp_path / "t")})
    with pytest.raises(Problem, match=f"{LIMIT_MIB} MiB") as raised:
        list(answers)
    assert raised.value.code == "worker_memory"
    assert _pid(alone)
