"""MoCo v2, arXiv:1911.05722 and arXiv:2003.04297: contrast with a queue of remembered images instead of a large batch.

A query q (one view) should be like its key k+ (the other view, through a slow copy of the network) and unlike the K keys k_i of
earlier batches in a queue (equation 1): l = -ln( exp(q·k+/τ) / (exp(q·k+/τ) + Σ_i exp(q·k_i/τ)) ), all of length 1.
The newest keys then take the place of the oldest. A collapse costs ln(K + 1).
"""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from data.catalog import Config, Dataset, MethodCard, ReferenceLine, option
from data.text import Text
from lightning_modules.blocks.resnet import Projected, SmallResNet, in_channels_last, projector
from lightning_modules.options import TrainingOptions
from lightning_modules.ssl import metrics
from lightning_modules.ssl.encoders import EncoderOptions
from lightning_modules.ssl.learner import JudgeOptions
from lightning_modules.ssl.presets import view_presets
from lightning_modules.ssl.representation import spread
from lightning_modules.ssl.teacher import TaughtMethod, TeacherOptions
from lightning_modules.ssl.views import ViewOptions, random_view


class _Queue(Config):
    """The contrast; these fields come first in the form."""

    temperature: float = option(
        0.2, gt=0.005, le=10, symbol="τ",
        title=Text(en="Temperature", hi="तापमान"),
        help=Text(en="Small: only the most similar other images push away; large: all push alike.", hi="छोटा: सिर्फ़ सबसे मिलती-जुलती तस्वीरें दूर धकेलती हैं; बड़ा: सब बराबर।"),
        source="arXiv:2003.04297, section 3",
    )  # fmt: skip
    queue: int = option(
        2048, ge=2, le=1_000_000, unit="items", symbol="K",
        title=Text(en="Queue", hi="क़तार"),
        help=Text(en="Remembered images to be unlike; at most half of the training images, or an image would often meet itself.",
                  hi="याद रखी तस्वीरें जिनसे अलग होना है; ज़्यादा से ज़्यादा ट्रेनिंग की आधी तस्वीरें, नहीं तो तस्वीर अक्सर ख़ुद से ही मिलेगी।"),
        source="arXiv:1911.05722, section 3.2",
    )  # fmt: skip
    projection: int = option(
        64, ge=2, le=4096, unit="numbers", advanced=True,
        title=Text(en="Projection size", hi="प्रोजेक्शन का आकार"),
        help=Text(en="Numbers the loss sees of an image; thrown away after training.", hi="लॉस एक तस्वीर के कितने नंबर देखता है; ट्रेनिंग के बाद हटा दिए जाते हैं।"),
        source="arXiv:2003.04297, section 3",
    )  # fmt: skip


class MoCoConfig(JudgeOptions, EncoderOptions, ViewOptions, TeacherOptions, _Queue):
    """What a person chooses about MoCo."""


def info_nce(query: Tensor, key: Tensor, others: Tensor, temperature: float) -> Tensor:
    """Equation 1, averaged: query, key [batch, dimensions], others [K, dimensions], all of length 1 -> the loss."""
    logits = torch.cat([(query * key).sum(dim=1, keepdim=True), query @ others.T], dim=1) / temperature
    return F.cross_entropy(logits, torch.zeros(len(logits), dtype=torch.long, device=logits.device))


class MoCo(TaughtMethod):
    """The module that Lightning trains. `queue` [K, dimensions] and `place`, where the next key goes, stand in the state dict."""

    contrasts = True
    queue: Tensor
    place: Tensor

    def __init__(self, config: MoCoConfig, dataset: Dataset, options: TrainingOptions) -> None:
        super().__init__(options)
        self.config = config
        encoder = SmallResNet(dataset.shape, channels=config.channels, blocks=config.blocks)
        head = projector(encoder.features, 2 * encoder.features, config.projection)
        self.adopt(in_channels_last(Projected(encoder, head)))
        self.follow(momentum=config.momentum, rises=False)
        self.watch(dataset, config.judged, config)
        keys = max(2, min(config.queue, len(dataset.train) // 2))
        self.register_buffer("queue", F.normalize(torch.randn(keys, config.projection), dim=1))
        self.register_buffer("place", torch.zeros((), dtype=torch.long))

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """The loss of one view of each image against the other and the queue; then the queue takes the other in."""
        query = F.normalize(self.network(self._view(batch[0])), dim=1)
        with torch.no_grad():
            key = F.normalize(self.teacher(self._view(batch[0])), dim=1)
        loss = info_nce(query, key, self.queue.clone(), self.config.temperature)  # read before it changes
        self.remember(key)
        self.log("loss", loss.detach())
        self.log("projection_spread", spread(query.detach()))
        return loss

    @torch.no_grad()
    def remember(self, keys: Tensor) -> None:
        """Put keys [batch, dimensions] in the place of the oldest; of more than the queue holds, the last."""
        keys = keys[-len(self.queue) :]
        places = (self.place + torch.arange(len(keys), device=keys.device)) % len(self.queue)
        self.queue[places] = keys.to(self.queue.dtype)
        self.place.copy_((self.place + len(keys)) % len(self.queue))

    def _view(self, x: Tensor) -> Tensor:
        return random_view(x, self.config).contiguous(memory_format=torch.channels_last)

    def reference_lines(self, dataset: Dataset) -> list[ReferenceLine]:
        """Chance, and those of every representation."""
        level = math.log(len(self.queue) + 1)
        label = Text(en="nothing told apart, ln(K + 1)", hi="कुछ अलग न पहचाना, ln(K + 1)")
        return [ReferenceLine("loss", level, label), *super().reference_lines(dataset)]


_SIZES: dict[str, dict[str, Any]] = {"tiny": {"queue": 512}, "base": {"queue": 65_536, "momentum": 0.999}}

METHOD = MethodCard(
    name="moco",
    title=Text(en="MoCo v2 (a queue of memories)", hi="MoCo v2 (यादों की क़तार)"),
    summary=Text(
        en="Learns without labels by telling an image's other view from a queue of images seen before; a small batch is enough.",
        hi="बिना लेबल सीखता है: तस्वीर का दूसरा व्यू पहले देखी तस्वीरों की क़तार से अलग पहचानना होता है; छोटा बैच काफ़ी है।",
    ),
    family="self_supervised",
    source="K. He and others: Momentum Contrast for Unsupervised Visual Representation Learning, 2019, arXiv:1911.05722; arXiv:2003.04297",
    config=MoCoConfig,
    build=MoCo,
    accepts=("image",),
    answers=("embed",),
    presets=view_presets({}, sizes=_SIZES),
    metrics=(*metrics.METRICS, metrics.PROJECTION_SPREAD),
)
