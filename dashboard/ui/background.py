"""Slow answers off the script thread, so that a page never waits: newest question first, answers kept, bounded.

The thread is a daemon and touches no Streamlit; pages look at the answer on their next run.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from data.text import Problem, Text

Value = TypeVar("Value")
_log = logging.getLogger(__name__)


FAILED_FOR_S = 5.0
"""A failure older than this is no answer any more: a worker has died and been replaced, a run has got its first checkpoint."""


@dataclass(frozen=True)
class Outcome(Generic[Value]):
    """An answer, or why there is none."""

    value: Value | None = None
    problem: Problem | None = None
    at: float = field(default_factory=time.monotonic, compare=False)

    @property
    def stale(self) -> bool:
        """Whether this is a failure that may be another answer by now."""
        return self.problem is not None and time.monotonic() - self.at > FAILED_FOR_S


class Background(Generic[Value]):
    """Answers questions one after another.

    Args:
        keep: Answers kept; the longest unused one goes first.
        waiting: Questions that may wait; the oldest one is dropped, since nobody looks at it any more.
        weigh: Bytes of an answer, if answers may be large; then no more than `most_bytes` are kept, the newest always.
        most_bytes: See `weigh`.
    """

    def __init__(
        self,
        *,
        keep: int = 200,
        waiting: int = 8,
        weigh: Callable[[Value], int] | None = None,
        most_bytes: int = 0,
    ) -> None:
        self._keep = keep
        self._weigh = weigh
        self._most_bytes = most_bytes
        self._waiting = waiting
        self._done: OrderedDict[Hashable, Outcome[Value]] = OrderedDict()
        self._asked: OrderedDict[Hashable, Callable[[], Value]] = OrderedDict()
        self._working: Hashable = None
        self._change = threading.Condition()
        threading.Thread(target=self._work, daemon=True, name="samajh-background").start()

    def ask(self, key: Hashable, answer: Callable[[], Value]) -> Outcome[Value] | None:
        """The outcome for `key`, or None while it is being worked on; `answer` is called once a key, after a failure once more."""
        with self._change:
            if key in self._done and not self._done[key].stale:
                self._done.move_to_end(key)
                return self._done[key]
            self._done.pop(key, None)
            if key != self._working:
                self._asked[key] = answer
                self._asked.move_to_end(key)
                while len(self._asked) > self._waiting:
                    self._asked.popitem(last=False)
                self._change.notify()
            return None

    def peek(self, key: Hashable) -> Outcome[Value] | None:
        """The outcome if there is one; nothing is asked."""
        with self._change:
            outcome = self._done.get(key)
            return None if outcome is None or outcome.stale else outcome

    def forget(self, key: Hashable) -> None:
        """Ask again next time."""
        with self._change:
            self._done.pop(key, None)

    def pending(self, key: Hashable) -> bool:
        """Whether it waits or is being worked on; neither once it is answered, or was dropped."""
        with self._change:
            return key == self._working or key in self._asked

    @property
    def busy(self) -> bool:
        """Whether anything is still being worked on."""
        with self._change:
            return self._working is not None or bool(self._asked)

    def _work(self) -> None:
        while True:
            with self._change:
                while not self._asked:
                    self._change.wait()
                key, answer = self._asked.popitem(last=True)
                self._working = key
            outcome = _attempt(answer)
            with self._change:
                self._working = None
                self._done[key] = outcome
                while len(self._done) > 1 and self._too_much():
                    self._done.popitem(last=False)

    def _too_much(self) -> bool:
        if len(self._done) > self._keep:
            return True
        if self._weigh is None:
            return False
        return sum(self._weigh(one.value) for one in self._done.values() if one.value is not None) > self._most_bytes


def _attempt(answer: Callable[[], Value]) -> Outcome[Value]:
    try:
        return Outcome(value=answer())
    except Problem as problem:
        return Outcome(problem=problem)
    except Exception as error:  # whatever it is, the thread must live and the page must be told
        number = secrets.token_hex(3)
        _log.exception("error %s", number, exc_info=error)
        sentence = Text(
            en=f"This could not be worked out; look for {number} in the log.",
            hi=f"इसका जवाब नहीं मिल पाया; लॉग में {number} देखें।",
        )
        return Outcome(problem=Problem(sentence, code="unexpected"))
