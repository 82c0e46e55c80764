"""Signs of trouble in a curve, told in plain words: not a number, divergence, collapse, standstill, learning by heart.

Thresholds are plain and few. Divergence: the mean of the newest tenth of the curve is more than three times the best
tenth and above where the curve began. Collapse: the newest 20 points of a metric lie below the level its card gives, on average and
at the end. Standstill: no new point for ten times the usual distance between points, and
at least 30 s; a job that evaluates or saves is not at a standstill yet. Learning by heart: samples less than three quarters
as far from the training data as held-out real data is, or a tenth more copies than there (`lightning_modules.samples`
measures both); before that, a training error less than half of the held-out one.
"""

from __future__ import annotations

from collections.abc import Mapping
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

LEAST_NEWNESS = 0.75
MOST_COPIED = 0.1
WIDEST_GAP = 0.5

Sign = Literal["not_finite", "diverging", "collapsed", "stalled", "memorising"]


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


def memorising(newest: Mapping[str, float], usual: Mapping[str, float]) -> Concern | None:
    """Whether a generative model repeats what it was trained on, or is on its way there.

    Args:
        newest: The newest values by metric: "nn_ratio", "copied", "eps_mse", "train_eps_mse", as far as there are.
        usual: What held-out real data scores, by metric.
    """
    newness, copied = newest.get("nn_ratio"), newest.get("copied", 0.0)
    if newness is not None and (newness < LEAST_NEWNESS or copied > usual.get("copied", 0.0) + MOST_COPIED):
        return Concern(
            "memorising",
            Text(
                en=f"The model is learning its training data by heart: samples are {newness:.0%} as far from it as new real data is, "
                f"and {copied:.0%} are copies. More data, fewer steps or dropout help.",
                hi=f"मॉडल ट्रेनिंग डेटा रट रहा है: सैंपल उससे, नए असली डेटा की तुलना में, सिर्फ़ {newness:.0%} दूर हैं, और {copied:.0%} नकल हैं। "
                "ज़्यादा डेटा, कम स्टेप या ड्रॉपआउट से मदद मिलती है।",
            ),
        )
    seen, held_out = newest.get("train_eps_mse"), newest.get("eps_mse")
    if seen is not None and held_out is not None and seen < WIDEST_GAP * held_out:
        return Concern(
            "memorising",
            Text(
                en=f"The error on training data ({number(seen, 2)}) is less than half of that on held-out data ({number(held_out, 2)}): "
                "the model begins to learn by heart. More data, fewer steps or dropout help.",
                hi=f"ट्रेनिंग डेटा पर त्रुटि ({number(seen, 2)}) अलग रखे डेटा वाली ({number(held_out, 2)}) के आधे से भी कम है: "
                "मॉडल रटने लगा है। ज़्यादा डेटा, कम स्टेप या ड्रॉपआउट से मदद मिलती है।",
            ),
        )
    return None


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
