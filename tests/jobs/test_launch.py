"""When a warm starter is given up: only one that never proved itself, however often a proved one is killed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from dashboard.jobs import launch
from dashboard.jobs.launch import Launcher, fork_is_safe
from dashboard.settings import Settings

pytestmark = pytest.mark.skipif(not fork_is_safe(), reason="jobs start cold here")


@pytest.fixture
def launcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Launcher]:
    """A real one that gives up at the first failure."""
    monkeypatch.setattr(launch, "STARTER_FAILURES", 1)
    settings = Settings(home=tmp_path)
    made = Launcher(settings, tmp_path / "log")
    made.open()
    yield made
    made.close()


def _attend_until(launcher: Launcher, true: Callable[[], object]) -> None:
    until = time.monotonic() + 60
    while not true():
        assert time.monotonic() < until, launcher.log.read_text()
        launcher.attend(0.1)


def _kill(launcher: Launcher) -> None:
    assert launcher._starter is not None
    psutil.Process(launcher._starter.pid).kill()


def test_a_starter_that_has_started_a_job_is_replaced_however_soon_it_is_killed(
    launcher: Launcher, tmp_path: Path
) -> None:
    _attend_until(launcher, lambda: launcher.mode == "warm")
    launcher.start(tmp_path / "runs" / "none", 1)  # an order for no run: the job ends at once, but it was started
    _attend_until(launcher, lambda: launcher.pids)
    _kill(launcher)
    _attend_until(launcher, lambda: launcher.mode != "warm")
    assert launcher.mode == "starting"


def test_a_starter_that_dies_before_it_is_ready_is_given_up(launcher: Launcher) -> None:
    assert launcher.mode == "starting"
    _kill(launcher)
    _attend_until(launcher, lambda: launcher.mode == "cold")
