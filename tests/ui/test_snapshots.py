"""Snapshots: the newest is shown, the same question is asked once, what nobody looks at is ended, failures are told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator

import pytest

from dashboard.ui import snapshots
from dashboard.ui.snapshots import Latest, Snapshots
from data.text import Problem, Text


def _until(true: Callable[[], bool], within_s: float = 5.0) -> None:
    until = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < until
        time.sleep(0.005)


def test_the_newest_snapshot_is_there_before_the_last() -> None:
    go, opened = threading.Event(), []

    def open_() -> Generator[int, None, None]:
        opened.append(1)
        yield 1
        go.wait(5)
        yield 2

    kept: Snapshots[int] = Snapshots()
    _until(lambda: kept.ask("q", open_).value == 1)
    assert not kept.ask("q", open_).done
    go.set()
    _until(lambda: kept.ask("q", open_).done)
    assert kept.ask("q", open_).value == 2 and opened == [1]


def test_what_nobody_looks_at_is_ended_and_can_be_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "UNSEEN_S", 0.1)
    ended = threading.Event()

    def open_() -> Generator[int, None, None]:
        try:
            for k in range(1000):
                yield k
                time.sleep(0.02)
        finally:
            ended.set()

    kept: Snapshots[int] = Snapshots()
    kept.ask("q", open_)
    assert ended.wait(5)
    _until(lambda: kept.ask("q", open_).value is not None)


def test_a_problem_keeps_the_last_snapshot_and_anything_else_becomes_a_number_in_the_log() -> None:
    def fails(error: Exception) -> Callable[[], Generator[int, None, None]]:
        def open_() -> Generator[int, None, None]:
            yield 1
            raise error

        return open_

    kept: Snapshots[int] = Snapshots()
    told = Problem(Text(en="No.", hi="नहीं।"), code="no")
    for key, error, code in (("a", told, "no"), ("b", ValueError("x"), "unexpected")):
        _until(lambda key=key, error=error: kept.ask(key, fails(error)).done)  # type: ignore[misc]
        latest = kept.ask(key, fails(error))
        assert latest.value == 1 and latest.problem is not None and latest.problem.code == code


def test_what_failed_a_while_ago_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    dead = [True]

    def open_() -> Generator[int, None, None]:
        yield 1
        if dead:
            raise Problem(Text(en="The worker stopped.", hi="वर्कर रुक गया।"), code="worker_stopped")
        yield 2

    kept: Snapshots[int] = Snapshots()
    _until(lambda: kept.ask("q", open_).done)
    dead.clear()
    assert kept.ask("q", open_).problem is not None, "at once the failure is still told"
    monkeypatch.setattr(snapshots, "FAILED_FOR_S", 0.0)
    _until(lambda: kept.ask("q", open_) == Latest(2, done=True))
