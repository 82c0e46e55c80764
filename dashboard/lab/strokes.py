"""What a drawing canvas sends, as strokes; and a few ready shapes for those who cannot or do not want to draw.

The canvas speaks Fabric's JSON: a free line is an object of type "Path" with absolute commands M, L, Q, C and Z, drawn around
its own centre, and a place, scale and angle that change when a person moves it. Notation: a stroke is a list of [x, y], y downwards.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

Stroke = list[list[float]]

MOST_CORNERS = 1500
"""Corners of a whole drawing; denser ones are thinned."""
_ORIGIN = {"left": 0.5, "top": 0.5, "center": 0.0, "right": -0.5, "bottom": -0.5}


def from_canvas(sent: Mapping[str, Any] | None) -> list[Stroke]:
    """The strokes of what a canvas sent; objects that are no lines are passed over."""
    found = [_path(one) for one in (sent or {}).get("objects", ()) if str(one.get("type", "")).lower() == "path"]
    return thinned([stroke for stroke in found if stroke])


def thinned(strokes: Sequence[Stroke]) -> list[Stroke]:
    """At most `MOST_CORNERS` corners in all, each stroke keeping its ends."""
    total = sum(len(stroke) for stroke in strokes)
    every = max(1, math.ceil(total / MOST_CORNERS))
    return [stroke if every == 1 else [*stroke[:-1:every], stroke[-1]] for stroke in strokes]


def _path(path: Mapping[str, Any]) -> Stroke:
    corners = [command[-2:] for command in path.get("path", ()) if len(command) >= 3]
    if not corners:
        return []
    points = np.array(corners, dtype=np.float64)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    scale = np.array([float(path.get("scaleX", 1)), float(path.get("scaleY", 1))])
    size = np.ptp(points, axis=0) + float(path.get("strokeWidth", 0))
    origin = np.array([_ORIGIN.get(str(path.get("originX")), 0.5), _ORIGIN.get(str(path.get("originY")), 0.5)])
    place = np.array([float(path.get("left", 0)), float(path.get("top", 0))])
    angle = math.radians(float(path.get("angle", 0)))
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    centre = place + turn @ (origin * size * scale)
    moved = centre + ((points - middle) * scale) @ turn.T
    return [[round(float(x), 1), round(float(y), 1)] for x, y in moved]


def _arc(x: float, y: float, radius: float, first: float, last: float, corners: int = 40) -> Stroke:
    angles = np.linspace(math.radians(first), math.radians(last), corners)
    return [[round(x + radius * math.cos(a), 1), round(y + radius * math.sin(a), 1)] for a in angles]


SHAPES: dict[str, list[Stroke]] = {
    "ring": [_arc(180, 180, 110, 0, 360)],
    "moons": [_arc(140, 160, 85, 180, 360), _arc(220, 190, 85, 0, 180)],
    "dots": [_arc(180 + 115 * math.cos(a), 180 + 115 * math.sin(a), 14, 0, 360, 12) for a in np.linspace(0, 2 * math.pi, 6)[:-1]],
    "spiral": [
        [[round(180 + r * math.cos(a), 1), round(180 + r * math.sin(a), 1)] for a, r in zip(np.linspace(0, 4.5 * math.pi, 90), np.linspace(12, 130, 90), strict=True)]
    ],
}  # fmt: skip
