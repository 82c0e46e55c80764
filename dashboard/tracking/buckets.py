"""Curves thinned without loss of extremes: buckets of consecutive points, and stretches of broken values.

A bucket knows its exact minimum and maximum and where they stand; buckets merge exactly, so a curve can be thinned in
any number of stages and no one-step spike is ever lost. NaN and infinite values never enter a bucket: they are kept
as *stretches*, evenly spaced steps with the same kind of broken value, so that a run that diverged and logged a
million NaNs costs a few bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dashboard.tracking.points import Floats, Ints, Points
from dashboard.tracking.records import Envelope

ROLLUP = 1_024
"""Most buckets in the roll-up of a curve."""

STRETCH = 2_000
"""Most points drawn of one stretch of broken values (the two ends among them)."""

BROKEN = np.array([np.nan, np.inf, -np.inf])
"""Broken values by kind."""


@dataclass(frozen=True)
class Buckets:
    """One row a bucket, in order of step; every array is [buckets]. `time` is that of the bucket's last point."""

    first_step: Ints
    last_step: Ints
    low: Floats
    low_step: Ints
    high: Floats
    high_step: Ints
    mean: Floats
    time: Floats
    count: Ints

    def __len__(self) -> int:
        return len(self.count)

    @classmethod
    def of(cls, points: Points) -> Buckets:
        """One bucket for each finite point."""
        finite = np.isfinite(points.values)
        kept = points if finite.all() else points[finite]
        steps, values = kept.steps, kept.values
        return cls(steps, steps, values, steps, values, steps, values, kept.times, np.ones(len(kept), np.int64))

    def pack(self) -> bytes:
        """Nine rows of 8-byte numbers."""
        return b"".join(np.ascontiguousarray(row).astype(row.dtype.newbyteorder("<")).tobytes() for row in _rows(self))

    @classmethod
    def unpack(cls, packed: bytes) -> Buckets:
        """What `pack` was given."""
        whole = np.frombuffer(packed, "<i8").reshape(9, -1)
        real = np.frombuffer(packed, "<f8").reshape(9, -1)
        return cls(whole[0], whole[1], real[2], whole[3], real[4], whole[5], real[6], real[7], whole[8])

    def grouped(self, starts: Ints) -> Buckets:
        """Neighbours merged: group i holds the buckets from `starts[i]` up to the next start."""
        if len(starts) == len(self):
            return self
        ends = np.append(starts[1:], len(self))
        low, high = np.minimum.reduceat(self.low, starts), np.maximum.reduceat(self.high, starts)
        count = np.add.reduceat(self.count, starts)
        # scaled before it is summed, so that values near the largest float do not overflow
        share = self.count / np.repeat(count, ends - starts)
        mean = np.clip(np.add.reduceat(self.mean * share, starts), low, high)
        return Buckets(
            self.first_step[starts],
            self.last_step[ends - 1],
            low,
            self.low_step[_first_where(self.low == np.repeat(low, ends - starts), starts)],
            high,
            self.high_step[_first_where(self.high == np.repeat(high, ends - starts), starts)],
            mean,
            self.time[ends - 1],
            count,
        )

    def at_most(self, buckets: int) -> Buckets:
        """The same curve in at most `buckets` buckets of as equal a number of rows as can be."""
        if len(self) <= buckets:
            return self
        return self.grouped(np.arange(buckets, dtype=np.int64) * len(self) // buckets)


EMPTY = Buckets.of(Points.of([], [], []))


def _rows(buckets: Buckets) -> tuple[npt.NDArray[np.int64] | npt.NDArray[np.float64], ...]:
    b = buckets
    return (b.first_step, b.last_step, b.low, b.low_step, b.high, b.high_step, b.mean, b.time, b.count)


def _first_where(mask: npt.NDArray[np.bool_], starts: Ints) -> Ints:
    """Index of the first True of each group; every group has one."""
    position = np.where(mask, np.arange(len(mask)), len(mask))
    return np.minimum.reduceat(position, starts)


def join(parts: Sequence[Buckets]) -> Buckets:
    """One list of buckets after the other."""
    filled = [part for part in parts if len(part)]
    if len(filled) == 1:
        return filled[0]
    if not filled:
        return EMPTY
    return Buckets(*(np.concatenate(column) for column in zip(*map(_rows, filled), strict=True)))


def extend(buckets: Buckets, size: int, added: Buckets) -> tuple[Buckets, int]:
    """Append one-point buckets to a roll-up whose buckets hold `size` points each (the last one perhaps fewer).

    Returns:
        The longer roll-up and its size: twice as large as often as needed to stay within `ROLLUP` buckets.
    """
    if not len(added):
        return buckets, size
    rows = join([buckets, added])
    before = np.cumsum(rows.count) - rows.count
    points = int(before[-1] + rows.count[-1])
    while points > ROLLUP * size:
        size *= 2
    group = before // size
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    return rows.grouped(starts), size


Stretch = tuple[int, int, int, int]
"""First step, stride, count, kind."""


@dataclass(frozen=True)
class Stretches:
    """Broken values: row i stands for `count[i]` values of `kind[i]` at `first[i]`, `first[i] + stride[i]`, ..."""

    first: Ints
    stride: Ints
    count: Ints
    kind: Ints

    def __len__(self) -> int:
        return len(self.first)

    @classmethod
    def of(cls, points: Points) -> Stretches:
        """The broken values among `points`."""
        broken = np.flatnonzero(~np.isfinite(points.values))
        if not len(broken):
            return NO_STRETCHES
        values = points.values[broken]
        kind = np.where(np.isnan(values), 0, np.where(values > 0, 1, 2)).astype(np.int64)
        return _merged([(step, 0, 1, k) for step, k in zip(points.steps[broken].tolist(), kind.tolist(), strict=True)])

    def rows(self) -> list[Stretch]:
        """One tuple a stretch."""
        columns = (self.first.tolist(), self.stride.tolist(), self.count.tolist(), self.kind.tolist())
        return list(zip(*columns, strict=True))

    def pack(self) -> bytes:
        """Four rows of int64."""
        return np.stack([self.first, self.stride, self.count, self.kind]).astype("<i8").tobytes()

    @classmethod
    def unpack(cls, packed: bytes) -> Stretches:
        """What `pack` was given."""
        return cls(*np.frombuffer(packed, "<i8").reshape(4, -1)) if packed else NO_STRETCHES

    def expand(self, limit: int = STRETCH) -> tuple[Ints, Floats]:
        """Steps and values; of a stretch longer than `limit`, so many evenly spread ones, both ends among them."""
        if not len(self):
            return np.empty(0, np.int64), np.empty(0)
        shown = np.minimum(self.count, limit)
        position = np.arange(shown.sum()) - np.repeat(np.cumsum(shown) - shown, shown)
        index = position * np.repeat(self.count - 1, shown) // np.repeat(np.maximum(shown - 1, 1), shown)
        steps = np.repeat(self.first, shown) + index * np.repeat(self.stride, shown)
        order = np.argsort(steps, kind="stable")
        return steps[order], BROKEN[np.repeat(self.kind, shown)][order]

    def between(self, first: int | None, last: int | None) -> Stretches:
        """The part with `first` <= step <= `last`."""
        stride = np.maximum(self.stride, 1)
        skipped = np.zeros_like(self.count) if first is None else np.clip(-((self.first - first) // stride), 0, None)
        left = self.count if last is None else np.minimum(self.count, (last - self.first) // stride + 1)
        # a stretch of stride 0 is many values at one step: all of them are in, or none
        flat = self.stride == 0
        skipped = np.where(flat & (skipped > 0), self.count, skipped)
        left = np.where(flat & (left > 0), self.count, left)
        kept = left > skipped
        start = self.first + skipped * self.stride
        return Stretches(start[kept], self.stride[kept], (left - skipped)[kept], self.kind[kept])


NO_STRETCHES = Stretches(*(np.empty(0, np.int64) for _ in range(4)))


def join_stretches(parts: Sequence[Stretches]) -> Stretches:
    """One list of stretches after the other; a stretch cut in two by a chunk's edge is made whole again."""
    return _merged([row for part in parts for row in part.rows()])


def _merged(rows: list[Stretch]) -> Stretches:
    """Greedy: a stretch goes on while kind and stride stay the same."""
    kept: list[Stretch] = []
    for first, stride, count, kind in rows:
        if kept and kept[-1][3] == kind:
            first0, stride0, count0, _ = kept[-1]
            gap = first - (first0 + stride0 * (count0 - 1))
            if (count0 == 1 or gap == stride0) and (count == 1 or gap == stride):
                kept[-1] = (first0, gap, count0 + count, kind)
                continue
        kept.append((first, stride, count, kind))
    return Stretches(*np.array(kept, np.int64).T) if kept else NO_STRETCHES


def envelope(buckets: Buckets, stretches: Stretches, points: int) -> Envelope:
    """The drawable curve of `points` points."""
    steps, values = stretches.expand()
    b = buckets
    return Envelope(
        first_step=b.first_step,
        last_step=b.last_step,
        low=b.low,
        low_step=b.low_step,
        high=b.high,
        high_step=b.high_step,
        mean=b.mean,
        time=b.time,
        count=b.count,
        broken_steps=steps,
        broken_values=values,
        exact=bool(np.all(b.count == 1)),
        points=points,
    )
