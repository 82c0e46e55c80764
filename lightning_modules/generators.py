"""What every network can do that turns noise into an item in one evaluation: draw, be watched, be measured, answer.

A subclass trains `network` (see `Method.adopt`) and says in `decoded` how noise becomes items.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from data.catalog import Config, Dataset, FloatArray, ReferenceLine, option
from data.fields import checked
from data.text import Problem, Text
from lightning_modules import quality, samples
from lightning_modules.base import Answer, Method, Picture
from lightning_modules.diffusion.asking.requests import MOST_ITEMS
from lightning_modules.diffusion.drawing import gallery
from lightning_modules.diffusion.process.item_noise import ItemNoise

BATCH = 512
"""Items drawn together. Which items share a batch does not change their noise."""
_GRID_ROWS = 6
_POINTS_DRAWN = 1000
_REAL_SHOWN = 2000


class DrawRequest(Config):
    """Draw new items. There are no sampler steps to choose: noise becomes an item in one evaluation."""

    count: int = option(
        16, ge=1, le=MOST_ITEMS, unit="items",
        title=Text(en="Samples", hi="सैंपल"),
        help=Text(en="How many to draw.", hi="कितने बनाने हैं।"),
    )  # fmt: skip
    seed: int = option(
        0, ge=0, le=2**31 - 1,
        title=Text(en="Seed", hi="सीड"),
        help=Text(en="Same seed, same samples, drawn one by one or all at once.", hi="एक ही सीड, वही सैंपल; एक-एक बनाएँ या सब साथ।"),
    )  # fmt: skip
    label: int = option(
        -1, ge=-1, le=100_000,
        title=Text(en="Class", hi="क्लास"),
        help=Text(en="Number of the wanted class; -1: each in turn.", hi="चाही गई क्लास का नंबर; -1: बारी-बारी से सब।"),
    )  # fmt: skip


class GeneratorMethod(Method):
    """A `Method` whose network generates in one evaluation. Call `describe` in the constructor."""

    def describe(self, dataset: Dataset, *, noise: int, use_labels: bool, quality_samples: int) -> None:
        """Take over what is drawn, from the data.

        Args:
            dataset: Its kind, shape and classes become those of the model.
            noise: Random numbers an item is made of.
            use_labels: Whether the network is told the class, where the data has classes.
            quality_samples: Samples drawn at every evaluation; 0: none.
        """
        self.kind = dataset.kind
        self.shape = dataset.shape
        self.classes = dataset.classes if use_labels and not dataset.captions else ()  # captions are not classes
        self.noise = noise
        self.quality_samples = quality_samples
        self._reach = float(np.abs(dataset.train.x).max()) * 1.15
        self._real = dataset.train.x[:_REAL_SHOWN] if dataset.kind == "points" else dataset.train.x[:0]
        self._held_ruler: samples.Ruler | None = None

    def decoded(self, noise: Tensor, y: Tensor | None) -> Tensor:
        """Noise [batch, noise] and classes [batch] or None -> items [batch, *shape], by the best network."""
        raise NotImplementedError

    def draw(self, request: DrawRequest, *, batch: int = BATCH) -> FloatArray:
        """Samples [count, *shape]; the same for any `batch`, up to the rounding of the arithmetic."""
        parts = []
        for first in range(0, request.count, batch):
            count = min(batch, request.count - first)
            noise = ItemNoise(request.seed, first, count, (self.noise,), self.device)
            parts.append(self.decoded(noise(), self._wanted(request.label, first, count)))
        drawn: FloatArray = torch.cat(parts).cpu().numpy()
        return drawn

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """The quality of some samples; always of the same noise."""
        if not self.quality_samples:
            return {}
        drawn = quality.flat(self.draw(DrawRequest(count=self.quality_samples, seed=self.options.seed)))
        return samples.measured(drawn, self.ruler(dataset), asked=len(self.classes))

    def reference_lines(self, dataset: Dataset) -> list[ReferenceLine]:
        """Real against real, and chance."""
        return samples.real_lines(self.ruler(dataset), asked=len(self.classes))

    def pictures(self) -> list[Picture]:
        """One grid of samples, or one view of the plane; always of the same noise."""
        columns = len(self.classes) if 4 <= len(self.classes) <= 12 else 8
        count = columns * _GRID_ROWS if self.kind == "image" else _POINTS_DRAWN
        drawn = self.draw(DrawRequest(count=count, seed=self.options.seed))
        if self.kind == "points":
            pixels = gallery.point_view(drawn, self._real, self._reach)
        else:
            pixels = gallery.image_grid(drawn, columns)
        return [Picture("samples", pixels, Text(en="Samples", hi="सैंपल"), {"count": count, "seed": self.options.seed})]

    def answer(self, request: str, values: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Answer:
        """ "sample" (see `DrawRequest`) -> x."""
        if request == "sample":
            return Answer({"classes": list(self.classes)}, {"x": self.draw(checked(DrawRequest, values))})
        return super().answer(request, values, arrays)

    def ruler(self, dataset: Dataset) -> samples.Ruler:
        """What this data set is measured with, made once."""
        if self._held_ruler is None or self._held_ruler.dataset is not dataset:
            self._held_ruler = samples.Ruler(dataset)
        return self._held_ruler

    def _wanted(self, label: int, first: int, count: int) -> Tensor | None:
        """The class of each item: `label`, or each in turn for -1; None when the model knows no classes."""
        if label >= len(self.classes):
            there = f"0–{len(self.classes) - 1}" if self.classes else "–"
            raise Problem(
                Text(en=f"This model knows no class {label} (it knows: {there}).", hi=f"यह मॉडल क्लास {label} नहीं जानता (जानता है: {there})।"),
                code="unknown_class", field="label",
            )  # fmt: skip
        if not self.classes:
            return None
        turn = torch.arange(first, first + count, device=self.device) % len(self.classes)
        return turn if label < 0 else torch.full_like(turn, label)
