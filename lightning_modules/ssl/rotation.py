"""Rotation prediction, arXiv:1803.07728: say by how many right angles an image was turned; who can, knows what things look like.

Each image of a batch is turned by k = 0, 1, 2 or 3 right angles, evenly at random, and a classifier on the representation names k: cross
entropy, ln 4 by guessing. Things that look the same upside down (0, 1, 8) set a ceiling below 100 %.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from data.catalog import Dataset, MethodCard, MetricCard, ReferenceLine
from data.text import Text
from lightning_modules.blocks.resnet import Projected, SmallResNet, in_channels_last
from lightning_modules.options import TrainingOptions
from lightning_modules.ssl import metrics
from lightning_modules.ssl.encoders import EncoderOptions
from lightning_modules.ssl.learner import JudgeOptions, RepresentationMethod
from lightning_modules.ssl.presets import view_presets
from lightning_modules.ssl.views import ViewOptions, random_view

TURNS = 4
_JUDGED = 500


class RotationConfig(JudgeOptions, EncoderOptions, ViewOptions):
    """What a person chooses about rotation prediction."""


def turned(x: Tensor, turns: Tensor) -> Tensor:
    """Each image [batch, colours, side, side] turned counter-clockwise by so many right angles [batch]."""
    kinds = torch.stack([torch.rot90(x, k, dims=(2, 3)) for k in range(TURNS)])
    return kinds[turns, torch.arange(len(x), device=x.device)]


def centre_square(x: Tensor) -> Tensor:
    """The middle of images [batch, colours, height, width]: [batch, colours, side, side] of the shorter side."""
    height, width = x.shape[-2:]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return x[..., top : top + side, left : left + side]


class Rotation(RepresentationMethod):
    """The module that Lightning trains."""

    def __init__(self, config: RotationConfig, dataset: Dataset, options: TrainingOptions) -> None:
        super().__init__(options)
        self.config = config
        encoder = SmallResNet(dataset.shape, channels=config.channels, blocks=config.blocks)
        self.adopt(in_channels_last(Projected(encoder, nn.Linear(encoder.features, TURNS))))
        self.watch(dataset, config.judged, config)

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """Cross entropy of the turn of a view of each image: x [batch, …] -> the loss."""
        x = centre_square(random_view(batch[0], self.config))
        turns = torch.randint(TURNS, (len(x),), device=x.device)
        said = self.network(turned(x, turns).contiguous(memory_format=torch.channels_last))
        loss = F.cross_entropy(said, turns)
        self.log("loss", loss.detach())
        return loss

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """How often the turn of held-out images is named rightly, each in all four turns; and the representation."""
        x = centre_square(torch.from_numpy(dataset.test.x[:_JUDGED])).to(self.device)
        right = torch.stack([self._named(x, k) == k for k in range(TURNS)])
        return {"rotation_accuracy": float(right.float().mean()), **super().evaluate(dataset)}

    def _named(self, x: Tensor, k: int) -> Tensor:
        found: Tensor = self.best_network(turned(x, torch.full((len(x),), k, device=x.device))).argmax(dim=1)
        return found

    def reference_lines(self, dataset: Dataset) -> list[ReferenceLine]:
        """Guessing, and those of every representation."""
        guess = Text(en="guessing, ln 4", hi="अंदाज़ा, ln 4")
        lines = [
            ReferenceLine("loss", math.log(TURNS), guess),
            ReferenceLine("rotation_accuracy", 1 / TURNS, Text(en="guessing", hi="अंदाज़ा")),
        ]
        return lines + super().reference_lines(dataset)


METHOD = MethodCard(
    name="rotation",
    title=Text(en="Rotation prediction", hi="रोटेशन का अनुमान"),
    summary=Text(
        en="Learns without labels by naming how far an image was turned: only who knows what is up can say.",
        hi="बिना लेबल सीखता है: तस्वीर कितनी घुमाई गई, यह बताना होता है; जो जानता है ऊपर क्या है, वही बता सकता है।",
    ),
    family="self_supervised",
    source="S. Gidaris, P. Singh, N. Komodakis: Unsupervised Representation Learning by Predicting Image Rotations, 2018, arXiv:1803.07728",
    config=RotationConfig,
    build=Rotation,
    accepts=("image",),
    answers=("embed",),
    presets=view_presets({"flip": False}),
    metrics=(
        *metrics.METRICS,
        MetricCard(
            "rotation_accuracy",
            Text(en="Turns named rightly", hi="सही पहचाने घुमाव"),
            Text(en="Share of held-out images, in all four turns, whose turn is named rightly.", hi="चारों घुमावों में अलग रखी कितनी तस्वीरों का घुमाव सही बताया गया।"),
            better="higher",
        ),
    ),
)  # fmt: skip
