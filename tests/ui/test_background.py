"""Slow answers: never twice, newest first, bounded, and a failure is told, not lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import pytest

from dashboard.ui.background import Background, Outcome
from data.text import Problem, Text

Value = TypeVar("Value")


def _answer(background: Background[Value], key: str, answer: Callable[[], Value]) -> Outcome[Value]:
    until = time.monotonic() + 5
    while time.monotonic() < until:
        outcome = background.ask(key, answer)
        if outcome is not None:
            return outcome
        time.sleep(0.005)
    raise AssertionError("no answer within 5 s")


def test_a_question_is_worked_on_once_and_its_answer_kept() -> None:
    calls: list[int] = []
    background: Background[int] = Background()

    def slowly() -> int:
        calls.append(1)
        time.sleep(0.05)
        return 7

    assert background.ask("a", slowly) is None
    assert _answer(background, "a", slowly).value == 7
    assert background.ask("a", slowly) == Outcome(value=7)
    assert len(calls) == 1


def test_a_question_is_pending_until_it_is_answered_or_dropped() -> None:
    background: Background[int] = Background(waiting=1)
    gate = threading.Event()
    background.ask("slow", lambda: int(gate.wait(5)))
    time.sleep(0.05)
    background.ask("dropped", lambda: 1)
    background.ask("waiting", lambda: 2)
    assert [background.pending(key) for key in ("slow", "dropped", "waiting", "never asked")] == [
        True,
        False,
        True,
        False,
    ]
    gate.set()
    assert _answer(background, "waiting", lambda: 2).value == 2
    assert not background.pending("slow") and not background.pending("waiting")


def test_the_newest_question_is_answered_first_and_the_oldest_waiting_ones_are_dropped() -> None:
    background: Background[int] = Background(waiting=2)
    gate, done, order = threading.Event(), threading.Event(), list[str]()

    def note(name: str) -> int:
        order.append(name)
        if len(order) == 2:
            done.set()
        return 0

    background.ask("first", lambda: int(gate.wait(5)))
    time.sleep(0.05)
    for name in ("old", "middle", "new"):
        background.ask(name, partial(note, name))
    gate.set()
    assert done.wait(5)
    assert order == ["new", "middle"]


def test_a_problem_and_a_bug_both_come_back_as_a_sentence() -> None:
    background: Background[int] = Background()

    def refuse() -> int:
        raise Problem(Text(en="No.", hi="नहीं।"), code="no")

    def crash() -> int:
        raise ZeroDivisionError

    refused, crashed = _answer(background, "a", refuse).problem, _answer(background, "b", crash).problem
    assert refused is not None and refused.code == "no"
    assert crashed is not None and crashed.code == "unexpected"
    assert _answer(background, "c", lambda: 1).value == 1


def test_what_failed_a_while_ago_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    background: Background[int] = Background()
    dead = [True]

    def revived() -> int:
        if dead:
            raise Problem(Text(en="The worker stopped.", hi="वर्कर रुक गया।"), code="worker_stopped")
        return 7

    assert _answer(background, "a", revived).problem is not None
    dead.clear()
    assert _answer(background, "a", revived).problem is not None, "at once the failure is still told"
    monkeypatch.setattr("dashboard.ui.background.FAILED_FOR_S", 0.0)
    assert _answer(background, "a", revived).value == 7


def test_answers_are_bounded() -> None:
    background: Background[int] = Background(keep=3)
    for index in range(6):
        _answer(background, str(index), partial(int, index))
    assert background.ask("0", lambda: 1) is None
    assert background.ask("5", lambda: 1) == Outcome(value=5)


def test_large_answers_are_bounded_by_their_bytes_and_the_newest_is_always_kept() -> None:
    background: Background[bytes] = Background(weigh=len, most_bytes=100)
    for index in range(4):
        _answer(background, str(index), partial(bytes, 40))
    assert background.ask("1", bytes) is None
    assert background.ask("3", bytes) == Outcome(value=bytes(40))
    _answer(background, "huge", partial(bytes, 1000))
    assert background.ask("huge", bytes) == Outcome(value=bytes(1000))
