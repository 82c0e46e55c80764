"""What became of an attempt that lives no more: a pure decision from its last word, its death and its progress."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.jobs import words
from dashboard.jobs.attempt import DISK_TROUBLE
from dashboard.jobs.folder import Ask, Ending
from dashboard.jobs.outcome import DISK_FULL
from dashboard.tracking.records import Reason, State
from data.text import Text

FIRST_BACKOFF_S = 0.5
LONGEST_BACKOFF_S = 30.0


@dataclass(frozen=True)
class Death:
    """All that is known of an attempt whose process is gone."""

    state: State
    """The state its row was in."""
    ending: Ending | None
    """Its last word; None when it died without one."""
    status: int | None
    """Exit status as `os.waitstatus_to_exitcode` gives it; None when nobody saw it."""
    asked: Ask | None
    progressed: bool
    """Whether this attempt left a checkpoint of its own."""
    restarts: int
    """Restarts without progress so far."""


@dataclass(frozen=True)
class Verdict:
    """The state that follows, the reason told, and when a queued run may start again."""

    state: State
    reason: Reason
    restarts: int
    delay_s: float = 0.0


def verdict(death: Death, *, max_restarts: int) -> Verdict:
    """Settle one attempt."""
    if death.ending is not None:
        return Verdict(death.ending.state, _reason_of(death.ending), 0)
    if death.status == DISK_TROUBLE:
        return Verdict(State.PAUSED, DISK_FULL, 0)
    if death.state is State.STOPPING:
        state = State.PAUSED if death.asked == "pause" else State.STOPPED
        return Verdict(state, words.STOP_KILLED, 0)
    restarts = 1 if death.progressed else death.restarts + 1
    how = words.how_it_died(death.status)
    if restarts > max_restarts:
        told = words.filled(words.CRASH_LOOP, times=restarts, how=how)
        return Verdict(State.FAILED, Reason("crash_loop", told), restarts)
    delay = 0.0 if restarts == 1 else min(LONGEST_BACKOFF_S, FIRST_BACKOFF_S * 2 ** (restarts - 2))
    return Verdict(State.QUEUED, Reason("crashed", words.filled(words.CRASHED, how=how)), restarts, delay)


def _reason_of(ending: Ending) -> Reason:
    known = {State.FINISHED: words.FINISHED, State.STOPPED: words.STOPPED, State.PAUSED: words.PAUSED}
    if ending.text.get("en") and ending.text.get("hi"):
        return Reason(ending.code or str(ending.state), Text(en=ending.text["en"], hi=ending.text["hi"]))
    return known.get(ending.state, words.FINISHED)
