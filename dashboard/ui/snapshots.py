"""Answers that sharpen while one looks: each runs in a thread of its own, and a page reads the newest snapshot.

What nobody looks at any more is ended: the iterator is closed, which closes the line, and the worker stops.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Generator, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from dashboard.ui.background import FAILED_FOR_S
from data.text import Problem, Text

Value = TypeVar("Value")
_log = logging.getLogger(__name__)

UNSEEN_S = 15.0
"""A question nobody looked at for this long is given up: a page that waits looks several times a second."""
MOST_AT_ONCE = 6


@dataclass(frozen=True)
class Latest(Generic[Value]):
    """The newest snapshot, or why there will be none; `done` when it is the last."""

    value: Value | None = None
    problem: Problem | None = None
    done: bool = False


@dataclass
class _Question(Generic[Value]):
    latest: Latest[Value]
    seen_at: float
    failed_at: float | None = None

    @property
    def stale(self) -> bool:
        return self.failed_at is not None and time.monotonic() - self.failed_at > FAILED_FOR_S


class Snapshots(Generic[Value]):
    """Keeps the newest snapshot of each question.

    Args:
        keep: Questions kept; the longest unused one goes first.
    """

    def __init__(self, *, keep: int = 60) -> None:
        self._keep = keep
        self._questions: OrderedDict[Hashable, _Question[Value]] = OrderedDict()
        self._lock = threading.Lock()

    def ask(self, key: Hashable, open_: Callable[[], Generator[Value, None, None]]) -> Latest[Value]:
        """The newest snapshot of a question; `open_` is called when it is new, was given up, or failed a while ago."""
        with self._lock:
            question = self._questions.get(key)
            if question is None or question.stale:
                question = self._questions[key] = _Question(Latest(), time.monotonic())
                self._drop_the_oldest()
                threading.Thread(
                    target=self._work, args=(key, question, open_), daemon=True, name="samajh-snapshots"
                ).start()
            question.seen_at = time.monotonic()
            self._questions.move_to_end(key)
            return question.latest

    @property
    def busy(self) -> bool:
        """Whether anything is still being worked on."""
        with self._lock:
            return any(not question.latest.done for question in self._questions.values())

    def leave(self, key: Hashable) -> None:
        """Give a question up: its work ends at the next snapshot, and asking again begins anew."""
        with self._lock:
            question = self._questions.pop(key, None)
            if question is not None:
                question.seen_at = -UNSEEN_S

    def _drop_the_oldest(self) -> None:
        while len(self._questions) > self._keep:
            self._questions.popitem(last=False)
        running = [question for question in self._questions.values() if not question.latest.done]
        for question in running[:-MOST_AT_ONCE]:
            question.seen_at = -UNSEEN_S  # its thread sees that at its next snapshot

    def _work(
        self, key: Hashable, question: _Question[Value], open_: Callable[[], Generator[Value, None, None]]
    ) -> None:
        try:
            with contextlib.closing(open_()) as values:
                for value in values:
                    question.latest = Latest(value)
                    if time.monotonic() - question.seen_at > UNSEEN_S:
                        self._forget(key, question)
                        return
            question.latest = Latest(question.latest.value, done=True)
        except Problem as problem:
            self._fail(question, problem)
        except Exception as error:  # whatever it is, the page must be told
            number = secrets.token_hex(3)
            _log.exception("error %s", number, exc_info=error)
            sentence = Text(
                en=f"This could not be worked out; look for {number} in the log.",
                hi=f"इसका जवाब नहीं मिल पाया; लॉग में {number} देखें।",
            )
            self._fail(question, Problem(sentence, code="unexpected"))

    def _fail(self, question: _Question[Value], problem: Problem) -> None:
        question.failed_at = time.monotonic()
        question.latest = Latest(question.latest.value, problem, done=True)

    def _forget(self, key: Hashable, question: _Question[Value]) -> None:
        with self._lock:
            if self._questions.get(key) is question:
                del self._questions[key]
