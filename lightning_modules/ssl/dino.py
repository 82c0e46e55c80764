"""DINO, arXiv:2104.14294: self-distillation with no labels. A student must say of a part what a slow teacher says of the whole.

Both are vision transformers with a head that shares an image among K prototypes. With the student's s and the teacher's t of two views,
  loss = -Σ_k p_k(t) ln p_k(s),  p(s) = softmax(s / τ_s),  p(t) = softmax((t - c) / τ_t),
averaged over all pairs of a view the teacher sees (two large ones) and another view the student sees (the large ones and some small).
Something must keep one prototype from taking everything; the low τ_t keeps the teacher from saying "all alike". In the paper it is the centre
c <- λ c + (1 - λ) mean(t). Here it is by default three rounds of Sinkhorn and Knopp over the batch (arXiv:2006.09882, section 3.1; DINO's successor
does so too, arXiv:2304.07193, section 4): each prototype gets an equal share of the images, each image's shares sum to 1. With the centre a short run
uses about four prototypes and learns next to nothing (decision 0046).
Either collapse shows in I = H(mean p(t)) - mean H(p(t)), what a prototype tells about an image: 0 then, and at most ln K.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from data.catalog import Alarm, Config, Dataset, MethodCard, MetricCard, Preset, ReferenceLine, Sabotage, option
from data.text import Text
from lightning_modules.options import TrainingOptions
from lightning_modules.ssl import metrics
from lightning_modules.ssl.encoders import TransformerOptions, transformer
from lightning_modules.ssl.learner import JudgeOptions
from lightning_modules.ssl.presets import transformer_presets
from lightning_modules.ssl.teacher import TaughtMethod, TeacherOptions
from lightning_modules.ssl.views import ViewOptions, small_view, two_views

_CENTRE_MOMENTUM = 0.9
"""arXiv:2104.14294, section 3.1 and table 7"""
_BOTTLENECK = 64
_ROUNDS = 3
"""arXiv:2006.09882, section 3.1"""


class _Distillation(Config):
    """What keeps DINO from collapsing; these fields come first in the form."""

    centring: bool = option(
        True,
        title=Text(en="Centring", hi="सेंटरिंग"),
        help=Text(en="What all images have in common is taken off, of the head's output and of the teacher's answers. Without it one prototype may take all images: the representation collapses.",
                  hi="जो सब तस्वीरों में एक-सा है वह घटा दिया जाता है, हेड के आउटपुट से और टीचर के जवाबों से। इसके बिना एक प्रोटोटाइप सारी तस्वीरें ले सकता है: रिप्रेज़ेंटेशन ढह जाता है।"),
        source="arXiv:2104.14294, section 3.1",
    )  # fmt: skip
    balance: Literal["sinkhorn", "centre"] = option(
        "sinkhorn",
        title=Text(en="Balance of prototypes", hi="प्रोटोटाइप का संतुलन"),
        help=Text(en="How centring keeps the prototypes in use: by giving each an equal share of every batch (Sinkhorn-Knopp, learns in short runs), or by a slow centre, as in the paper.",
                  hi="सेंटरिंग प्रोटोटाइप को काम में कैसे रखे: हर बैच का बराबर हिस्सा सबको देकर (Sinkhorn-Knopp, छोटे रन में भी सीखता है), या पेपर की तरह धीमे केंद्र से।"),
        source="arXiv:2304.07193, section 4",
        labels={"sinkhorn": Text(en="Equal shares (Sinkhorn)", hi="बराबर हिस्से (Sinkhorn)"), "centre": Text(en="Centre (the paper)", hi="केंद्र (पेपर वाला)")},
    )  # fmt: skip
    teacher_temperature: float = option(
        0.02, gt=0.001, le=10, symbol="τ_t",
        title=Text(en="Temperature of the teacher", hi="टीचर का तापमान"),
        help=Text(en="Low: the teacher decides; high: it says that all prototypes fit alike, and nothing is learned.",
                  hi="कम: टीचर फ़ैसला करता है; ज़्यादा: कहता है सब प्रोटोटाइप बराबर ठीक हैं, और कुछ नहीं सीखा जाता।"),
        source="arXiv:2104.14294, section 3.1",
    )  # fmt: skip
    student_temperature: float = option(
        0.1, gt=0.001, le=10, symbol="τ_s", advanced=True,
        title=Text(en="Temperature of the student", hi="स्टूडेंट का तापमान"),
        help=Text(en="That of the student's answers.", hi="स्टूडेंट के जवाबों का तापमान।"),
        source="arXiv:2104.14294, section 3.1",
    )  # fmt: skip
    prototypes: int = option(
        256, ge=2, le=100_000, symbol="K", advanced=True,
        title=Text(en="Prototypes", hi="प्रोटोटाइप"),
        help=Text(en="Among how many an image is shared out.", hi="एक तस्वीर कितनों में बाँटी जाती है।"),
        source="arXiv:2104.14294, appendix C",
    )  # fmt: skip
    small_views: int = option(
        2, ge=0, le=16, unit="items", advanced=True,
        title=Text(en="Small views", hi="छोटे व्यू"),
        help=Text(en="Views of a small part at half the size, which the student alone sees.", hi="छोटे हिस्से के आधे आकार के व्यू, जिन्हें सिर्फ़ स्टूडेंट देखता है।"),
        source="arXiv:2006.09882, section 3.2",
    )  # fmt: skip


class DINOConfig(JudgeOptions, TransformerOptions, ViewOptions, TeacherOptions, _Distillation):
    """What a person chooses about DINO."""


class Sharing(nn.Module):
    """An encoder and its head: views -> cosines with the prototypes [batch, K] (arXiv:2104.14294, appendix C).

    With `even` the head ends in a batch norm: without it all images begin near one place, the student's shares are far from the centred ones of the
    teacher, and a short run spends its steps on that alone (the loss stays above ln K).
    """

    def __init__(self, encoder: nn.Module, features: int, prototypes: int, *, even: bool) -> None:
        super().__init__()
        hidden = 4 * features
        self.encoder = encoder
        self.head = nn.Sequential(
            nn.Linear(features, hidden),
            nn.GELU(),
            nn.Linear(hidden, _BOTTLENECK, bias=False),
            nn.BatchNorm1d(_BOTTLENECK, affine=False) if even else nn.Identity(),
        )
        self.prototypes = nn.Parameter(torch.randn(prototypes, _BOTTLENECK))

    def forward(self, x: Tensor) -> Tensor:
        """Cosines."""
        return F.normalize(self.head(self.encoder(x)), dim=1) @ F.normalize(self.prototypes, dim=1).T


def distillation(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """The loss: student [views, batch, K] (of which the first two are the teacher's views), teacher's shares [2, batch, K]."""
    told = (student / temperature).log_softmax(dim=-1)
    pairs = -torch.einsum("tbk,sbk->ts", teacher, told) / student.shape[1]
    different = ~torch.eye(2, len(student), dtype=torch.bool, device=student.device)
    return pairs[different].mean()


def balanced(scores: Tensor, rounds: int = _ROUNDS) -> Tensor:
    """Shares [items, K] of scores [items, K] that give every prototype about the same: Sinkhorn-Knopp in logarithms; each row sums to 1."""
    logs = scores
    for _ in range(rounds):
        logs = logs - logs.logsumexp(dim=0, keepdim=True)
        logs = logs - logs.logsumexp(dim=1, keepdim=True)
    return logs.exp()


def information(shares: Tensor) -> Tensor:
    """I of the teacher's shares [items, K], in nats: 0 at either collapse."""
    mean = shares.mean(dim=0)
    return _entropy(mean) - _entropy(shares).mean()


def _entropy(shares: Tensor) -> Tensor:
    return -torch.xlogy(shares, shares).sum(dim=-1)


class DINO(TaughtMethod):
    """The module that Lightning trains; `centre` [K] stands in the state dict."""

    centre: Tensor

    def __init__(self, config: DINOConfig, dataset: Dataset, options: TrainingOptions) -> None:
        super().__init__(options)
        self.config = config
        encoder = transformer(dataset.shape, config, "class", even=True)
        self.adopt(Sharing(encoder, encoder.features, config.prototypes, even=config.centring))
        self.follow(momentum=config.momentum, rises=True)
        self.watch(dataset, config.judged, config)
        self.register_buffer("centre", torch.zeros(config.prototypes))

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """Distillation of two large views to these and the small ones: x [batch, …] -> the loss."""
        x, config = batch[0], self.config
        large = two_views(x, config)
        told = [self.network(large)]
        if config.small_views:
            told.append(self.network(small_view(x.repeat(config.small_views, 1, 1, 1), config)))
        student = torch.cat(told).view(2 + config.small_views, len(x), -1)
        shares = self.shares(large)
        loss = distillation(student, shares.view(2, len(x), -1), config.student_temperature)
        self.log("loss", loss.detach())
        self.log("assignment_information", information(shares))
        return loss

    @torch.no_grad()
    def shares(self, views: Tensor) -> Tensor:
        """What the teacher says of views [items, …]: [items, K]; then the centre moves."""
        found: Tensor = self.teacher(views)
        if self.config.centring and self.config.balance == "sinkhorn":
            return balanced(found / self.config.teacher_temperature)
        shares = ((found - self.centre) / self.config.teacher_temperature).softmax(dim=-1)
        if self.config.centring:
            self.centre.lerp_(found.mean(dim=0).to(self.centre.dtype), 1 - _CENTRE_MOMENTUM)
        return shares

    def reference_lines(self, dataset: Dataset) -> list[ReferenceLine]:
        """All prototypes alike, collapse, and those of every representation."""
        alike = Text(en="all prototypes alike, ln K", hi="सब प्रोटोटाइप बराबर, ln K")
        lines = [
            ReferenceLine("loss", math.log(self.config.prototypes), alike),
            ReferenceLine("assignment_information", 0.0, Text(en="collapsed", hi="ढहा हुआ")),
        ]
        return lines + super().reference_lines(dataset)


_SIZES: dict[str, dict[str, Any]] = {
    "tiny": {"learning_rate": 2e-3, "batch_size": 128},
    "small": {"learning_rate": 2e-3},
    "base": {"momentum": 0.996},
}
_DIGITS = {"small_views": 0}
"""Half of an image of eight pixels shows nothing."""

_SABOTAGES = (
    Sabotage(
        "no_centring",
        Text(en="Without centring", hi="सेंटरिंग के बिना"),
        Text(en="Nothing keeps one prototype from taking all images.",
             hi="एक ही प्रोटोटाइप सारी तस्वीरें ले ले, इसे रोकने वाला कुछ नहीं बचता।"),
        {"centring": False},
    ),
)  # fmt: skip

METHOD = MethodCard(
    name="dino",
    title=Text(en="DINO (a teacher of its own)", hi="DINO (अपना ही टीचर)"),
    summary=Text(
        en="Learns without labels to say of a part what a slow copy says of the whole; its attention can be looked at.",
        hi="बिना लेबल सीखता है: हिस्सा देखकर वही कहना जो धीमी कॉपी पूरी तस्वीर देखकर कहती है; इसका अटेंशन देखा जा सकता है।",
    ),
    family="self_supervised",
    source="M. Caron and others: Emerging Properties in Self-Supervised Vision Transformers, 2021, arXiv:2104.14294",
    config=DINOConfig,
    build=DINO,
    accepts=("image",),
    answers=("embed", "attention"),
    presets=(
        *transformer_presets({"momentum": 0.9}, mirrored=True, sizes=_SIZES),
        Preset("tiny", _DIGITS, datasets=("digits",)),
        Preset("small", _DIGITS, datasets=("digits",)),
        Preset("base", _DIGITS, datasets=("digits",)),
    ),
    sabotages=_SABOTAGES,
    metrics=(
        *metrics.METRICS,
        metrics.POINTING,
        MetricCard(
            "assignment_information",
            Text(en="What a prototype tells", hi="प्रोटोटाइप कितना बताता है"),
            Text(en="Nats that the teacher's prototype tells about an image: 0 when one prototype takes all, or all fit alike.",
                 hi="टीचर का प्रोटोटाइप तस्वीर के बारे में कितने नैट बताता है: एक ही सब ले ले, या सब बराबर हों, तो 0।"),
            better="higher", unit="nats",
            alarm=Alarm(
                0.1,
                Text(en="The teacher's answers have collapsed: it says the same of every image, so the loss teaches nothing more, however low it is. "
                        "Put centring back, or lower the teacher's temperature or the learning rate.",
                     hi="टीचर के जवाब ढह गए हैं: वह हर तस्वीर के बारे में एक ही बात कहता है, इसलिए लॉस कितना भी कम हो, अब कुछ नहीं सिखाता। "
                        "सेंटरिंग वापस लाएँ, या टीचर का तापमान या लर्निंग रेट घटाएँ।"),
            ),
        ),
    ),
)  # fmt: skip
