"""Strokes of a drawing canvas as a picture such as classifiers of digits learn from: white on black, the figure in the middle.

Y. LeCun and others brought each digit of MNIST into the middle 20 of 28 pixels by its bounding box; so is a drawing here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from dashboard.lab.strokes import Stroke

Pixels = npt.NDArray[np.uint8]
SIDE_PX = 280
INSIDE = 20 / 28
_BRUSH = 0.085
"""Width of the brush as a share of the side: about 2.4 of 28 pixels, as in MNIST."""


def picture_of(strokes: Sequence[Stroke]) -> Pixels | None:
    """The picture [side, side, 3], or None where nothing was drawn."""
    points = np.array([point for stroke in strokes for point in stroke], dtype=np.float64)
    if not len(points):
        return None
    low, high = points.min(axis=0), points.max(axis=0)
    brush = _BRUSH * SIDE_PX
    largest = max(float((high - low).max()), brush)
    scale = (INSIDE * SIDE_PX - brush) / largest
    image = Image.new("L", (SIDE_PX, SIDE_PX))
    draw = ImageDraw.Draw(image)
    for stroke in strokes:
        placed = (np.array(stroke) - (low + high) / 2) * scale + SIDE_PX / 2
        draw.line([tuple(point) for point in placed], fill=255, width=round(brush), joint="curve")
        for x, y in placed:
            draw.ellipse((x - brush / 2, y - brush / 2, x + brush / 2, y + brush / 2), fill=255)
    return np.repeat(np.asarray(image)[..., None], 3, axis=2)
