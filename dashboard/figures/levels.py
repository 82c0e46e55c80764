"""Reference lines: where their labels stand, so that none lies on another, on linear and logarithmic axes.

Plotly places the label of an `hline` wrongly on a log axis, so both line and label are placed here in the units of
the axis: on a log axis an annotation wants log10 of the value, a trace wants the value itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dashboard.figures.series import Level

LABEL_HEIGHT_PX = 17


@dataclass(frozen=True)
class Placed:
    """A level on its axis: the value, and the place of its label in axis units (log10 on a log axis)."""

    level: Level
    label_at: float


def axis_units(value: float, *, log: bool) -> float:
    """A value in the units in which Plotly wants ranges and annotations of this axis."""
    return math.log10(value) if log else value


def spread(wanted: npt.NDArray[np.float64], gap: float, low: float, high: float) -> npt.NDArray[np.float64]:
    """Move labels as little as needed so that neighbours are `gap` apart and all lie in [low, high].

    Labels keep their order. One pass up pushes them apart, one pass down brings back what left the top.
    """
    order = np.argsort(wanted, kind="stable")
    placed = np.clip(wanted[order].astype(np.float64), low, high)
    for i in range(1, len(placed)):
        placed[i] = max(placed[i], placed[i - 1] + gap)
    for i in range(len(placed) - 1, -1, -1):
        limit = high if i == len(placed) - 1 else placed[i + 1] - gap
        placed[i] = min(placed[i], limit)
    result = np.empty_like(placed)
    result[order] = placed
    return result


def place(levels: tuple[Level, ...], *, log: bool, bounds: tuple[float, float], height_px: float) -> tuple[Placed, ...]:
    """Place the labels of all levels that the axis can show; `bounds` are in axis units."""
    shown = [level for level in levels if math.isfinite(level.value) and (level.value > 0 or not log)]
    if not shown:
        return ()
    low, high = bounds
    pixel = (high - low) / max(height_px, 1.0)
    wanted = np.array([axis_units(level.value, log=log) for level in shown]) + 0.55 * LABEL_HEIGHT_PX * pixel
    at = spread(wanted, LABEL_HEIGHT_PX * pixel, low + LABEL_HEIGHT_PX * pixel, high - 0.5 * LABEL_HEIGHT_PX * pixel)
    return tuple(Placed(level, float(y)) for level, y in zip(shown, at, strict=True))
