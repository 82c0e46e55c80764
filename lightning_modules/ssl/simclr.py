"""SimCLR, arXiv:2002.05709: two views of an image should lie near each other and far from all other images of the batch.

N images give 2N views z with length 1. For a view i whose other view is j (equation 1, NT-Xent),
  l(i, j) = -ln( exp(z_i·z_j / τ) / Σ_{k ≠ i} exp(z_i·z_k / τ) ),
averaged over all 2N. When all views are one point this is ln(2N - 1). It is never below the value for a simplex, where partners are
one and all others have cosine -1/(N - 1): -1/τ + ln(exp(1/τ) + (2N - 2) exp(-1/(τ (N - 1)))).
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from data.catalog import Config, Dataset, MethodCard, ReferenceLine, option
from data.text import Text
from lightning_modules.blocks.resnet import Projected, SmallResNet, in_channels_last, projector
from lightning_modules.options import TrainingOptions
from lightning_modules.ssl import metrics
from lightning_modules.ssl.encoders import EncoderOptions
from lightning_modules.ssl.learner import JudgeOptions, RepresentationMethod
from lightning_modules.ssl.presets import view_presets
from lightning_modules.ssl.representation import spread
from lightning_modules.ssl.views import ViewOptions, two_views


class _Contrast(Config):
    """The loss; these fields come first in the form."""

    temperature: float = option(
        0.2, gt=0.005, le=10, symbol="τ",
        title=Text(en="Temperature", hi="तापमान"),
        help=Text(en="Small: only the most similar other images push away; large: all push alike.", hi="छोटा: सिर्फ़ सबसे मिलती-जुलती तस्वीरें दूर धकेलती हैं; बड़ा: सब बराबर।"),
        source="arXiv:2002.05709, table 5",
    )  # fmt: skip
    projection: int = option(
        64, ge=2, le=4096, unit="numbers", advanced=True,
        title=Text(en="Projection size", hi="प्रोजेक्शन का आकार"),
        help=Text(en="Numbers the loss sees of an image; thrown away after training.", hi="लॉस एक तस्वीर के कितने नंबर देखता है; ट्रेनिंग के बाद हटा दिए जाते हैं।"),
        source="arXiv:2002.05709, figure 8",
    )  # fmt: skip


class SimCLRConfig(JudgeOptions, EncoderOptions, ViewOptions, _Contrast):
    """What a person chooses about SimCLR."""


def nt_xent(z: Tensor, temperature: float) -> Tensor:
    """Equation 1, averaged: z [2N, dimensions], of any length, views of one image N apart -> the loss."""
    views = len(z)
    directions = F.normalize(z, dim=1)
    logits = directions @ directions.T / temperature
    own = torch.eye(views, dtype=torch.bool, device=z.device)
    partner = torch.arange(views, device=z.device).roll(views // 2)
    return F.cross_entropy(logits.masked_fill(own, -torch.inf), partner)


def chance(images: int) -> float:
    """The loss when nothing is told apart, ln(2N - 1)."""
    return math.log(2 * images - 1)


def floor(images: int, temperature: float) -> float:
    """A level the loss cannot fall below (see the module)."""
    if images < 2:
        return 0.0
    others = math.log(2 * images - 2) - 1 / (temperature * (images - 1))
    return float(torch.logaddexp(torch.tensor(1 / temperature), torch.tensor(others))) - 1 / temperature


class SimCLR(RepresentationMethod):
    """The module that Lightning trains."""

    contrasts = True

    def __init__(self, config: SimCLRConfig, dataset: Dataset, options: TrainingOptions) -> None:
        super().__init__(options)
        self.config = config
        encoder = SmallResNet(dataset.shape, channels=config.channels, blocks=config.blocks)
        head = projector(encoder.features, 2 * encoder.features, config.projection)
        self.adopt(in_channels_last(Projected(encoder, head)))
        self.watch(dataset, config.judged, config)

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """NT-Xent of two views of each image: x [N, …] -> the loss."""
        views = two_views(batch[0], self.config)
        z = self.network(views.contiguous(memory_format=torch.channels_last))
        loss = nt_xent(z, self.config.temperature)
        self.log("loss", loss.detach())
        self.log("projection_spread", spread(z.detach()))
        return loss

    def reference_lines(self, dataset: Dataset) -> list[ReferenceLine]:
        """Chance and floor of the loss, and those of every representation."""
        images = self.options.batch_size
        lines = [
            ReferenceLine("loss", chance(images), Text(en="nothing told apart, ln(2N − 1)", hi="कुछ अलग न पहचाना, ln(2N − 1)")),
            ReferenceLine("loss", floor(images, self.config.temperature), Text(en="lowest possible", hi="सबसे कम संभव")),
        ]  # fmt: skip
        return lines + super().reference_lines(dataset)


METHOD = MethodCard(
    name="simclr",
    title=Text(en="SimCLR (two views)", hi="SimCLR (दो व्यू)"),
    summary=Text(
        en="Learns without labels what an image shows: two altered views of one image must be found among all others.",
        hi="बिना लेबल सीखता है कि तस्वीर में क्या है: एक तस्वीर के दो बदले हुए व्यू बाक़ी सबमें से पहचानने होते हैं।",
    ),
    family="self_supervised",
    source="T. Chen and others: A Simple Framework for Contrastive Learning of Visual Representations, 2020, arXiv:2002.05709",
    config=SimCLRConfig,
    build=SimCLR,
    accepts=("image",),
    answers=("embed",),
    presets=view_presets({}),
    metrics=(*metrics.METRICS, metrics.PROJECTION_SPREAD),
)
