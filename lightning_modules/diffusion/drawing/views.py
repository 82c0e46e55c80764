"""How items of each kind of data are drawn while a model learns them: one grid of samples, one strip of a walk."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from data.catalog import Dataset, FloatArray
from lightning_modules.diffusion.drawing import gallery
from lightning_modules.diffusion.drawing.gallery import Pixels

Item = TypeVar("Item")

_GRID_ROWS = 6
_STRIP_ROWS = 4
_POINTS_DRAWN = 1000
_REAL_SHOWN = 2000
_FEW = 8


class View(ABC):
    """`count` items are drawn for the two pictures."""

    count: int

    @abstractmethod
    def grid(self, items: FloatArray) -> Pixels:
        """Items [count, *shape] in one picture."""

    @abstractmethod
    def strip(self, frames: Sequence[FloatArray]) -> Pixels:
        """The same items at several stages of a walk, left to right."""


class ImageView(View):
    """Images side by side."""

    def __init__(self, classes: int) -> None:
        self.columns = classes if 4 <= classes <= 12 else 8
        self.count = self.columns * _GRID_ROWS

    def grid(self, items: FloatArray) -> Pixels:
        """Rows of images, one column a class where there are classes."""
        return gallery.image_grid(items, self.columns)

    def strip(self, frames: Sequence[FloatArray]) -> Pixels:
        """A row for each of the first four images."""
        return gallery.image_grid(np.stack([f[k] for k in range(_STRIP_ROWS) for f in frames]), len(frames))


class PointView(View):
    """Points in the plane over real ones."""

    count = _POINTS_DRAWN

    def __init__(self, real: FloatArray, reach: float) -> None:
        self.real = real
        self.reach = reach

    def grid(self, items: FloatArray) -> Pixels:
        """All points in one plane."""
        return gallery.point_view(items, self.real, self.reach)

    def strip(self, frames: Sequence[FloatArray]) -> Pixels:
        """The plane at each stage."""
        return gallery.point_strip(list(frames), self.real, self.reach)


class WaveView(View):
    """Sounds as waveforms."""

    count = _FEW

    def grid(self, items: FloatArray) -> Pixels:
        """One below the other."""
        return gallery.tiles([gallery.wave(item[0]) for item in items], columns=2)

    def strip(self, frames: Sequence[FloatArray]) -> Pixels:
        """A row for each of the first four sounds."""
        drawn = [gallery.wave(frame[k][0], width=120) for k in range(_STRIP_ROWS) for frame in frames]
        return gallery.tiles(drawn, columns=len(frames))


class CloudView(View):
    """Clouds of points in space, seen from a little above."""

    count = _FEW

    def __init__(self, reach: float) -> None:
        self.reach = reach

    def grid(self, items: FloatArray) -> Pixels:
        """Side by side."""
        return gallery.tiles([gallery.cloud_view(item, self.reach) for item in items], columns=4)

    def strip(self, frames: Sequence[FloatArray]) -> Pixels:
        """A row for each of the first four clouds."""
        drawn = [gallery.cloud_view(frame[k], self.reach) for k in range(_STRIP_ROWS) for frame in frames]
        return gallery.tiles(drawn, columns=len(frames))


def view_of(dataset: Dataset, classes: int) -> View:
    """The usual view of a data set; `classes` are those the model is told."""
    if dataset.kind == "image":
        return ImageView(classes)
    if dataset.kind == "audio":
        return WaveView()
    reach = float(np.abs(dataset.train.x).max()) * 1.15
    return CloudView(reach) if dataset.kind == "cloud" else PointView(dataset.train.x[:_REAL_SHOWN], reach)


def spread(stages: Sequence[Item], count: int) -> list[Item]:
    """At most `count` stages, evenly from first to last."""
    count = min(count, len(stages))
    return [stages[round(k * (len(stages) - 1) / max(1, count - 1))] for k in range(count)]
