"""The points of a metric as arrays, and how a chunk of them is packed into bytes.

A chunk is a header, then steps (nothing at all when they are evenly spaced, which is the rule), values as float64, and
times as float32 seconds since the chunk's first point: 12 bytes a point.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

CHUNK = 1_000
"""Points in a full chunk."""

_HEADER = struct.Struct("<Bxxxxxxxqqdq")  # kind of steps, first step, stride, first time, count
_EVEN, _ODD = 0, 1


@dataclass(frozen=True)
class Points:
    """Points in order of step; equal steps stand in the order they were logged. All arrays are [points]."""

    steps: Ints
    values: Floats
    times: Floats

    @classmethod
    def of(cls, steps: Sequence[int], values: Sequence[float], times: Sequence[float]) -> Points:
        """Points from plain sequences, put in order of step."""
        return cls(np.array(steps, np.int64), np.array(values, np.float64), np.array(times, np.float64)).in_order()

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, part: slice | npt.NDArray[np.bool_] | Ints) -> Points:
        return Points(self.steps[part], self.values[part], self.times[part])

    def in_order(self) -> Points:
        """The same points in order of step; nothing is copied when they are already."""
        if np.all(self.steps[1:] >= self.steps[:-1]):
            return self
        return self[np.argsort(self.steps, kind="stable")]

    def between(self, first: int | None, last: int | None) -> Points:
        """The points with `first` <= step <= `last`."""
        start = 0 if first is None else int(np.searchsorted(self.steps, first, "left"))
        end = len(self) if last is None else int(np.searchsorted(self.steps, last, "right"))
        return self[start:end]


NONE = Points.of([], [], [])


def join(parts: Sequence[Points]) -> Points:
    """All points of `parts`, one part after the other, in order of step."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return NONE
    return Points(
        np.concatenate([part.steps for part in parts]),
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.times for part in parts]),
    ).in_order()


def pack(points: Points) -> bytes:
    """Points (at least one, in order) as bytes."""
    gaps = np.diff(points.steps)
    even = len(gaps) == 0 or bool(np.all(gaps == gaps[0]))
    stride = int(gaps[0]) if even and len(gaps) else 0
    start = float(points.times[0])
    header = _HEADER.pack(_EVEN if even else _ODD, int(points.steps[0]), stride, start, len(points))
    steps = b"" if even else points.steps.astype("<i8").tobytes()
    times = (points.times - start).astype("<f4").tobytes()
    return header + steps + points.values.astype("<f8").tobytes() + times


def unpack(packed: bytes) -> Points:
    """The points that `pack` was given; times to float32 precision within the chunk."""
    kind, first, stride, start, count = _HEADER.unpack_from(packed)
    offset = _HEADER.size
    if kind == _EVEN:
        steps = first + stride * np.arange(count, dtype=np.int64)
    else:
        steps = np.frombuffer(packed, "<i8", count, offset).astype(np.int64, copy=False)
        offset += 8 * count
    values = np.frombuffer(packed, "<f8", count, offset).astype(np.float64, copy=False)
    times = start + np.frombuffer(packed, "<f4", count, offset + 8 * count).astype(np.float64)
    return Points(steps, values, times)
