"""Signs of trouble in a curve, told in plain words: not a number, divergence, collapse, standstill.

Thresholds are plain and few. Divergence: the mean of the newest tenth of the curve is more than three times the best
tenth and above where the curve began. Collapse: the newest 20 points of a metric lie below the level its card gives, on average and
at the end. Standstill: no new point for ten times the usual distance between points, and
at least 30 s; a job that evaluates or saves is not at a standstill yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from dashboard.figures.numbers import number
from dashboard.tracking.records import Envelope
from data.text import Text

DIVERGED_FACTOR = 3.0
STALL_FACTOR = 10.0
STALL_LEAST_S = 30.0
FEWEST_POINTS = 30
COLLAPSE_POINTS = 20

Sign = Literal["not_finite", "diverging", "collapsed", "stalled"]


@dataclass(frozen=True)
class Concern:
    """One sign of trouble: what it is, and a sentence with the way out."""

    sign: Sign
    text: Text


def not_finite(envelope: Envelope, title: Text) -> Concern | None:
    """Whether values of the metric were NaN or infinite."""
    count = len(envelope.broken_steps)
    if not count:
        return None
    first = int(envelope.broken_steps[0])
    last_good = int(envelope.last_step[-1]) if len(envelope.last_step) else -1
    if int(envelope.broken_steps[-1]) > last_good:
        text = Text(
            en=f"{title.en} is not a number (NaN or infinite) since step {first:,}. Stop the run and try a lower "
            "learning rate or stronger gradient clipping.",
            hi=f"स्टेप {first:,} से {title.hi} का मान NaN या अनंत है। रन रोककर लर्निंग रेट घटाएँ या ग्रेडिएंट क्लिपिंग बढ़ाएँ।",
        )
    else:
        text = Text(
            en=f"{title.en} was not a number (NaN or infinite) at {count:,} steps, first at step {first:,}; "
            "it has recovered.",
            hi=f"{title.hi} का मान {count:,} स्टेप पर NaN या अनंत हुआ, पहली बार स्टेप {first:,} पर; अब ठीक है।",
        )
    return Concern("not_finite", text)


def diverging(envelope: Envelope, title: Text, *, better: str | None = "lower") -> Concern | None:
    """Whether a metric that should fall has climbed far above its best and above its beginning."""
    means = envelope.mean
    if better != "lower" or envelope.points < FEWEST_POINTS or len(means) < 10:
        return None
    tenths = [float(part.mean()) for part in np.array_split(means, 10)]
    best, now = min(tenths), tenths[-1]
    if best <= 0 or now <= DIVERGED_FACTOR * best or now <= tenths[0]:
        return None
    return Concern(
        "diverging",
        Text(
            en=f"{title.en} is climbing: {number(now, 3)} now, {number(best, 3)} at its best. "
            "A lower learning rate usually helps.",
            hi=f"{title.hi} बढ़ रहा है: अभी {number(now, 3)}, सबसे अच्छा {number(best, 3)} था। आम तौर पर लर्निंग रेट घटाने से ठीक होता है।",
        ),
    )


def collapsed(envelope: Envelope, title: Text, *, below: float, meaning: Text) -> Concern | None:
    """Whether a metric that should stay well above a level has stayed below it; `meaning` says what that means."""
    means, counts = envelope.mean, envelope.count
    if envelope.points < FEWEST_POINTS or not len(means):
        return None
    newest = int(np.searchsorted(counts[::-1].cumsum(), COLLAPSE_POINTS)) + 1
    level = float(np.average(means[-newest:], weights=counts[-newest:]))
    if level >= below or means[-1] >= below:
        return None
    above = np.flatnonzero(means >= below)
    since = int(envelope.first_step[above[-1] + 1]) if len(above) else int(envelope.first_step[0])
    shown = number(float(means[-1]), 2)
    return Concern(
        "collapsed",
        Text(
            en=f"{meaning.en} {title.en}: {shown} now, below {below:g} since step {since:,}.",
            hi=f"{meaning.hi} {title.hi}: अभी {shown}, स्टेप {since:,} से {below:g} से नीचे।",
        ),
    )


def stalled(envelope: Envelope, *, now: float) -> float | None:
    """Seconds since the last point when that is far longer than usual; None when all is well."""
    times = envelope.time
    if len(times) < 3:
        return None
    recent = times[-50:]
    usual = float(recent[-1] - recent[0]) / max(1, int(envelope.count[-len(recent) + 1 :].sum()))
    silent = now - float(times[-1])
    return silent if silent > max(STALL_LEAST_S, STALL_FACTOR * usual) else None


def standstill(shown: Text) -> Concern:
    """The sentence for a standstill; `shown` is its length in words."""
    return Concern(
        "stalled",
        Text(
            en=f"No new point for {shown.en}. The job may be evaluating, saving or stuck; its log below tells more.",
            hi=f"{shown.hi} से कोई नया पॉइंट नहीं आया। जॉब जाँच या सेव कर रही होगी, या अटकी है; नीचे लॉग देखें।",
        ),
    )


def pace(envelope: Envelope, *, since: float, window_s: float = 30.0) -> float | None:
    """Steps a second over the newest `window_s`, counting only points after `since` (the start of the attempt)."""
    inside = (envelope.time >= since) & (envelope.time >= (envelope.time[-1] if len(envelope.time) else 0.0) - window_s)
    steps, times = envelope.last_step[inside], envelope.time[inside]
    if len(steps) < 2 or times[-1] <= times[0]:
        return None
    return float(steps[-1] - steps[0]) / float(times[-1] - times[0])
