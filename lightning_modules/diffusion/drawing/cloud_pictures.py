"""Clouds of points as pictures: parallel projection, near points dark and in front, far ones pale. Numpy only.

Axes: x to the right, y away from the viewer, z up.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from data.catalog import FloatArray
from lightning_modules.diffusion.drawing.gallery import Pixels
from lightning_modules.diffusion.drawing.sound_pictures import tiled
from lightning_modules.diffusion.drawing.views import View

FRONT = (25.0, 15.0)
SIDE = (-60.0, 35.0)
"""(azimuth, elevation) of the two usual views, degrees: a little from the left and above, and from the right corner."""
_FINE = 2
_PAPER = 255.0
_NEAR = np.array([45, 52, 150], dtype=np.float64)
_FAR = np.array([205, 209, 240], dtype=np.float64)
_REACH = 1.5
_SPACING = 2.6
_SHOWN = 16
_FEW = 8
_STRIP_ROWS = 4


def projected(cloud: npt.NDArray[np.floating], azimuth: float, elevation: float) -> npt.NDArray[np.float64]:
    """Points [points, 3] as seen from an angle: to the right, up, and towards the viewer [points, 3]."""
    turn, lift = np.radians(azimuth), np.radians(elevation)
    x = cloud[:, 0] * np.cos(turn) + cloud[:, 1] * np.sin(turn)
    y = -cloud[:, 0] * np.sin(turn) + cloud[:, 1] * np.cos(turn)
    up = cloud[:, 2] * np.cos(lift) + y * np.sin(lift)
    near = cloud[:, 2] * np.sin(lift) - y * np.cos(lift)
    return np.stack([x, up, near], axis=1)


def cloud_view(
    cloud: FloatArray, *, side_px: int = 96, view: tuple[float, float] = FRONT, reach: float = _REACH
) -> Pixels:
    """One cloud [points, 3] from an angle: [side, side, 3] bytes, showing [-reach, reach]."""
    size = side_px * _FINE
    finite = cloud[np.isfinite(cloud).all(axis=1)].astype(np.float64)
    seen = projected(finite, *view)
    seen = seen[seen[:, 2].argsort()]
    across = ((seen[:, 0] / reach + 1) / 2 * (size - 1)).round().clip(-size, 2 * size).astype(np.int64)
    down = ((1 - seen[:, 1] / reach) / 2 * (size - 1)).round().clip(-size, 2 * size).astype(np.int64)
    nearness = np.clip((seen[:, 2] / reach + 1) / 2, 0, 1)[:, None]
    inks = _FAR + nearness * (_NEAR - _FAR)
    canvas = np.full((size, size, 3), _PAPER)
    dots = _dot(max(2, round(side_px / 48)))
    rows, columns = down[:, None] + dots[:, 0], across[:, None] + dots[:, 1]  # [points, pixels of a dot]
    inside = (rows >= 0) & (rows < size) & (columns >= 0) & (columns < size)
    painted = np.broadcast_to(inks[:, None], (*rows.shape, 3))
    canvas[rows[inside], columns[inside]] = painted[inside]  # far to near: the last stays
    smooth: Pixels = canvas.reshape(side_px, _FINE, side_px, _FINE, 3).mean(axis=(1, 3)).round().astype(np.uint8)
    return smooth


def cloud_grid(clouds: Sequence[FloatArray] | FloatArray, columns: int, *, side_px: int = 96) -> Pixels:
    """Clouds [items, points, 3] row by row, each from the front and, under it, from the side."""
    tiles = [
        np.concatenate([cloud_view(cloud, side_px=side_px), cloud_view(cloud, side_px=side_px, view=SIDE)])
        for cloud in clouds
    ]
    return tiled(tiles, columns, gap=2)


def on_a_floor(clouds: FloatArray) -> FloatArray:
    """Clouds [items, points, 3] side by side in rows, all standing on z = 0, as one [all points, 3]."""
    columns = int(np.ceil(np.sqrt(len(clouds))))
    row, column = np.divmod(np.arange(len(clouds)), columns)
    standing = clouds.copy()
    standing[..., 0] += (_SPACING * column)[:, None]
    standing[..., 1] += (_SPACING * row)[:, None]
    standing[..., 2] -= clouds[..., 2].min(axis=1, keepdims=True)
    return standing.reshape(-1, 3)


def cloud_strip(stages: Sequence[FloatArray], *, side_px: int = 96) -> Pixels:
    """Some clouds on their way out of the noise: stages of [items, points, 3]; one row an item, one column a stage."""
    views = [cloud_view(stage[k], side_px=side_px) for k in range(len(stages[0])) for stage in stages]
    return tiled(views, len(stages), gap=1)


def _dot(radius: int) -> npt.NDArray[np.int64]:
    """Offsets (row, column) of the pixels of a disc."""
    steps = np.arange(-radius, radius + 1)
    rows, columns = np.meshgrid(steps, steps, indexing="ij")
    inside = rows**2 + columns**2 <= radius**2 + 1
    return np.stack([rows[inside], columns[inside]], axis=1)


class SolidView(View):
    """Shapes of every class where there are not too many, each from two sides."""

    def __init__(self, classes: Sequence[str]) -> None:
        self.classes = tuple(classes)
        self.count = len(classes) if _FEW <= len(classes) <= _SHOWN else _FEW

    def few(self, items: Sequence[object] | FloatArray) -> list[int]:
        """Numbers of those that a scene shows, evenly from first to last class."""
        return [int(k) for k in np.linspace(0, len(items) - 1, min(_FEW, len(items))).round()]

    def names(self, items: Sequence[object] | FloatArray) -> list[str]:
        """Their classes, when the model is told classes: samples come class by class."""
        return [self.classes[k % len(self.classes)] for k in self.few(items)] if self.classes else []

    def grid(self, items: FloatArray) -> Pixels:
        """From the front and, under it, from the side."""
        return cloud_grid(items, min(_FEW, len(items)))

    def strip(self, frames: Sequence[FloatArray]) -> Pixels:
        """A row for each of some shapes."""
        rows = self.few(frames[-1])[1::2][:_STRIP_ROWS]
        return cloud_strip([frame[rows] for frame in frames])
