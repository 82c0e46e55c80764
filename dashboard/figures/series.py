"""What is drawn: envelopes as named series, panels of series with their reference levels, and the x axis.

The x axis counts optimiser steps, epochs (steps divided by steps per epoch) or training time: seconds since the
first point, with the breaks between two attempts taken out, so that a run paused overnight has no hole in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from dashboard.tracking.records import Envelope

Array = npt.NDArray[np.float64]
AxisKind = Literal["step", "epoch", "time"]
AXIS_KINDS: tuple[AxisKind, ...] = ("step", "epoch", "time")


@dataclass(frozen=True)
class Axis:
    """The x axis: what it counts and whether it is logarithmic. Epochs need `steps_per_epoch`."""

    kind: AxisKind = "step"
    log: bool = False
    steps_per_epoch: float = 1.0


@dataclass(frozen=True)
class Attempt:
    """One attempt of a run: it went on from `step` at `time` (Unix seconds); the first has step 0."""

    number: int
    step: int
    time: float


@dataclass(frozen=True)
class Clock:
    """Training time of a run: at `steps` the run had trained `seconds`; between them time runs evenly."""

    steps: npt.NDArray[np.int64]
    seconds: Array


@dataclass(frozen=True)
class Series:
    """One curve: an envelope with its name, its place in the colour sequence, and the attempts it came from.

    `clock` is the clock of the whole run; without it the envelope's own times are used, which is right as long as
    the envelope begins where the run began. `band` marks an envelope over runs, whose extremes are drawn as an area.
    """

    name: str
    envelope: Envelope
    index: int = 0
    attempts: tuple[Attempt, ...] = ()
    clock: Clock | None = None
    band: bool = False


@dataclass(frozen=True)
class Level:
    """A reference line: a value the metric is read against, with its label."""

    value: float
    label: str


@dataclass(frozen=True)
class Panel:
    """One metric: its curves, its reference levels, and how its y axis is drawn."""

    title: str
    series: tuple[Series, ...]
    levels: tuple[Level, ...] = ()
    unit: str = ""
    log: bool = False


def clock(envelope: Envelope, attempts: tuple[Attempt, ...] = ()) -> Clock:
    """The clock of a run from the envelope of one of its metrics: breaks between attempts take no time."""
    time = np.asarray(envelope.time, dtype=np.float64)
    if len(time) == 0:
        return Clock(np.zeros(1, dtype=np.int64), np.zeros(1))
    spent = time - time[0]
    for attempt in attempts:
        after = time >= attempt.time
        if attempt.number > 1 and after.any() and not after.all():
            spent[after] -= max(0.0, attempt.time - float(time[~after].max()))
    return Clock(envelope.last_step, np.maximum.accumulate(np.maximum(spent, 0.0)))


def positions(steps: npt.NDArray[np.int64], series: Series, axis: Axis) -> Array:
    """Where `steps` of a series stand on the x axis, in steps, epochs or seconds."""
    at = np.asarray(steps, dtype=np.float64)
    if axis.kind == "epoch":
        return at / max(axis.steps_per_epoch, 1e-9)
    if axis.kind == "time":
        knots = series.clock or clock(series.envelope, series.attempts)
        return np.interp(at, knots.steps, knots.seconds)
    return at


def time_unit(seconds: float) -> tuple[Literal["s", "min", "h"], float]:
    """The unit in which a run of so many seconds is drawn, and its length in seconds."""
    if seconds <= 180.0:
        return "s", 1.0
    return ("min", 60.0) if seconds <= 10_800.0 else ("h", 3600.0)


def steps_between(low: float, high: float, knots: Clock, axis: Axis) -> tuple[int, int]:
    """The steps between two ends of a drawn x axis range (log10 on a log axis): what a zoom asks the store for."""
    if axis.log:
        low, high = 10.0**low, 10.0**high
    if axis.kind == "epoch":
        low, high = low * axis.steps_per_epoch, high * axis.steps_per_epoch
    elif axis.kind == "time":
        unit = time_unit(float(knots.seconds[-1]))[1]
        low, high = (float(np.interp(v * unit, knots.seconds, knots.steps)) for v in (low, high))
    first = max(0, int(np.floor(low)))
    return first, max(first + 1, int(np.ceil(high)))


def extremes(envelope: Envelope) -> tuple[npt.NDArray[np.int64], Array]:
    """Every lowest and highest value at its own step, in order of step: [<= 2 x buckets] steps and values.

    A bucket of one point (or of equal values) gives one point, any other gives two, so that no spike is lost.
    """
    two = envelope.low_step != envelope.high_step
    low_first = envelope.low_step <= envelope.high_step
    first = np.where(low_first, envelope.low_step, envelope.high_step)
    second = np.where(low_first, envelope.high_step, envelope.low_step)
    first_value = np.where(low_first, envelope.low, envelope.high)
    second_value = np.where(low_first, envelope.high, envelope.low)
    keep = np.stack([np.ones_like(two), two], axis=1).ravel()
    steps = np.stack([first, second], axis=1).ravel()[keep]
    values = np.stack([first_value, second_value], axis=1).ravel()[keep]
    return steps.astype(np.int64), values.astype(np.float64)


def middles(envelope: Envelope) -> npt.NDArray[np.int64]:
    """The step in the middle of each bucket, where its mean is drawn; the last bucket is drawn at its last step."""
    middle = (envelope.first_step + envelope.last_step) // 2
    if len(middle):
        middle[-1] = envelope.last_step[-1]
    return np.asarray(middle, dtype=np.int64)


def coarser(envelope: Envelope, buckets: int) -> Envelope:
    """Merge neighbouring buckets until at most `buckets` are left; no extreme is lost."""
    have = len(envelope.mean)
    if have <= buckets:
        return envelope
    starts = np.unique(np.arange(buckets, dtype=np.int64) * have // buckets)
    ends = np.append(starts[1:], have) - 1
    low_at = np.array([a + int(np.argmin(envelope.low[a : b + 1])) for a, b in zip(starts, ends, strict=True)])
    high_at = np.array([a + int(np.argmax(envelope.high[a : b + 1])) for a, b in zip(starts, ends, strict=True)])
    count = np.add.reduceat(envelope.count, starts)
    return Envelope(
        first_step=envelope.first_step[starts],
        last_step=envelope.last_step[ends],
        low=envelope.low[low_at],
        low_step=envelope.low_step[low_at],
        high=envelope.high[high_at],
        high_step=envelope.high_step[high_at],
        mean=np.add.reduceat(envelope.mean * envelope.count, starts) / count,
        time=envelope.time[ends],
        count=count,
        broken_steps=envelope.broken_steps,
        broken_values=envelope.broken_values,
        exact=False,
        points=envelope.points,
    )
