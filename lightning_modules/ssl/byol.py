"""BYOL, arXiv:2006.07733: predict what a slow copy of the network says of another view. No image is pushed away from any other.

The online network f with a predictor q sees one view, the target network, its slow copy, the other. The loss (equation 2) is the squared
distance of the two at length 1, 2 - 2 cos(q(z), z'), averaged over both assignments of the views: 0 when all is predicted, 2 by
chance. A constant representation would have loss 0 too; predictor, slow copy and stopped gradient keep away from it. Each can be
switched off here, to see what then happens. While batch norms stay, only the projections fall together: inside the network images stay apart
(arXiv:2010.10241; decision 0064).
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from data.catalog import Config, Dataset, MethodCard, ReferenceLine, Sabotage, option
from data.text import Text
from lightning_modules.blocks.resnet import SmallResNet, in_channels_last, projector
from lightning_modules.options import TrainingOptions
from lightning_modules.ssl import metrics
from lightning_modules.ssl.encoders import EncoderOptions
from lightning_modules.ssl.learner import JudgeOptions
from lightning_modules.ssl.presets import view_presets
from lightning_modules.ssl.representation import spread
from lightning_modules.ssl.teacher import TaughtMethod, TeacherOptions
from lightning_modules.ssl.views import ViewOptions, two_views


class _Prediction(Config):
    """What keeps BYOL from collapsing; these fields come first in the form."""

    predictor: bool = option(
        True,
        title=Text(en="Predictor", hi="प्रेडिक्टर"),
        help=Text(en="A small network between the two sides. Without it the projections may collapse: try it and watch.",
                  hi="दोनों पक्षों के बीच एक छोटा नेटवर्क। इसके बिना प्रोजेक्शन ढह सकते हैं: आज़माकर देखें।"),
        source="arXiv:2006.07733, table 5",
    )  # fmt: skip
    stop_gradient: bool = option(
        True,
        title=Text(en="Slow, fixed target", hi="धीमा, स्थिर लक्ष्य"),
        help=Text(en="The target is a slow copy that the loss does not move. Without it the target is the network itself, trained to be easy to predict: it collapses.",
                  hi="लक्ष्य एक धीमी कॉपी है जिसे लॉस नहीं हिलाता। इसके बिना लक्ष्य नेटवर्क ख़ुद है, जो आसान बनना सीख लेता है: वह ढह जाता है।"),
        source="arXiv:2011.10566, section 4.1",
    )  # fmt: skip
    batch_norm: bool = option(
        True, advanced=True,
        title=Text(en="Batch norm", hi="बैच नॉर्म"),
        help=Text(en="Keeps the images of a batch apart inside the network. With it a run without safeguards falls together only in its projections; without it the whole representation does.",
                  hi="नेटवर्क के अंदर बैच की तस्वीरों को अलग रखता है। इसके साथ बिना सुरक्षा वाला रन सिर्फ़ प्रोजेक्शन में ढहता है; इसके बिना पूरा रिप्रेज़ेंटेशन ढह जाता है।"),
        source="arXiv:2010.10241",
    )  # fmt: skip
    projection: int = option(
        64, ge=2, le=4096, unit="numbers", advanced=True,
        title=Text(en="Projection size", hi="प्रोजेक्शन का आकार"),
        help=Text(en="Numbers the loss sees of an image; thrown away after training.", hi="लॉस एक तस्वीर के कितने नंबर देखता है; ट्रेनिंग के बाद हटा दिए जाते हैं।"),
        source="arXiv:2006.07733, section 3.3",
    )  # fmt: skip


class BYOLConfig(JudgeOptions, EncoderOptions, ViewOptions, TeacherOptions, _Prediction):
    """What a person chooses about BYOL."""


class Online(nn.Module):
    """Encoder, projector and predictor: views [batch, …] -> projections z and predictions q(z), both [batch, dimensions].

    With `even` the projector ends in a batch norm, as in arXiv:2011.10566: what all images have in common is no part of what is predicted.
    In 80 steps on MNIST-5k that was worth ten points of accuracy with ten labels a class. It also puts a collapse off, so that it goes
    together with the first safeguard that is switched off.
    """

    def __init__(
        self, encoder: SmallResNet, projection: int, *, predicts: bool, even: bool, normed: bool = True
    ) -> None:
        super().__init__()
        hidden = 2 * encoder.features
        self.encoder = encoder
        self.projector = projector(encoder.features, hidden, projection, last_norm=even, normed=normed)
        self.predictor: nn.Module = nn.Identity()
        if predicts:
            self.predictor = projector(projection, hidden, projection, normed=normed)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Projections and predictions."""
        z = self.projector(self.encoder(x))
        return z, self.predictor(z)


def regression(predicted: Tensor, target: Tensor) -> Tensor:
    """Equation 2, averaged: 2 - 2 cos of predictions and targets [batch, dimensions], from 0 to 4."""
    return 2 - 2 * F.cosine_similarity(predicted, target, dim=1).mean()


class BYOL(TaughtMethod):
    """The module that Lightning trains."""

    contrasts = True

    def __init__(self, config: BYOLConfig, dataset: Dataset, options: TrainingOptions) -> None:
        super().__init__(options)
        self.config = config
        normed = config.batch_norm
        encoder = SmallResNet(dataset.shape, channels=config.channels, blocks=config.blocks, normed=normed)
        whole = config.predictor and config.stop_gradient and normed
        online = Online(encoder, config.projection, predicts=config.predictor, even=whole, normed=normed)
        self.adopt(in_channels_last(online))
        self.follow(momentum=config.momentum, rises=True)
        self.watch(dataset, config.judged, config)

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """The loss of both views, each predicting the other: x [batch, …] -> the loss."""
        views = two_views(batch[0], self.config).contiguous(memory_format=torch.channels_last)
        z, predicted = self.network(views)
        loss = regression(predicted, self.targets(views, z).roll(len(batch[0]), dims=0))
        self.log("loss", loss.detach())
        self.log("projection_spread", spread(z.detach()))
        return loss

    def targets(self, views: Tensor, z: Tensor) -> Tensor:
        """What is to be predicted of each view [2 * batch, dimensions]; without the stopped gradient its own projections z."""
        if not self.config.stop_gradient:
            return z
        with torch.no_grad():
            found: Tensor = self.teacher(views)[0]
        return found

    def reference_lines(self, dataset: Dataset) -> list[ReferenceLine]:
        """Chance, and those of every representation."""
        label = Text(en="unrelated directions", hi="बेमेल दिशाएँ")
        return [ReferenceLine("loss", 2.0, label), *super().reference_lines(dataset)]


_SIZES: dict[str, dict[str, Any]] = {"small": {"steps": 550}, "base": {"momentum": 0.996}}
"""A step costs twice what it costs with contrast, since the slow copy sees both views too."""

_SABOTAGES = (
    Sabotage(
        "no_predictor",
        Text(en="Without the predictor", hi="प्रेडिक्टर के बिना"),
        Text(en="The projections themselves are to be alike. The slow target alone holds them apart, and not for long.",
             hi="प्रोजेक्शन को सीधे एक-सा होना है। उन्हें अलग रखने को सिर्फ़ धीमा लक्ष्य बचता है, और वह भी ज़्यादा देर नहीं।"),
        {"predictor": False},
    ),
    Sabotage(
        "no_fixed_target",
        Text(en="Without a fixed target", hi="स्थिर लक्ष्य के बिना"),
        Text(en="Both sides are trained to meet: the easiest way is one point for all images.",
             hi="दोनों पक्ष मिलना सीखते हैं: सबसे आसान रास्ता है सारी तस्वीरों का एक ही बिंदु।"),
        {"stop_gradient": False},
    ),
    Sabotage(
        "neither",
        Text(en="With neither", hi="दोनों के बिना"),
        Text(en="No predictor and no fixed target: the loss wants one point for all images.",
             hi="न प्रेडिक्टर, न स्थिर लक्ष्य: लॉस सारी तस्वीरों का एक ही बिंदु चाहता है।"),
        {"predictor": False, "stop_gradient": False},
    ),
    Sabotage(
        "neither_nor_norm",
        Text(en="With neither, and without batch norm", hi="दोनों के और बैच नॉर्म के बिना"),
        Text(en="Batch norm still keeps images apart inside the network; without it the representation itself is lost.",
             hi="बैच नॉर्म नेटवर्क के अंदर तस्वीरों को अलग रखता है; उसके बिना रिप्रेज़ेंटेशन ही खो जाता है।"),
        {"predictor": False, "stop_gradient": False, "batch_norm": False},
    ),
)  # fmt: skip

METHOD = MethodCard(
    name="byol",
    title=Text(en="BYOL (predict a slower self)", hi="BYOL (अपनी धीमी कॉपी का अनुमान)"),
    summary=Text(
        en="Learns without labels and without comparing images: one view must predict what a slow copy says of the other.",
        hi="बिना लेबल और बिना तस्वीरों की तुलना के सीखता है: एक व्यू से अनुमान कि धीमी कॉपी दूसरे के बारे में क्या कहेगी।",
    ),
    family="self_supervised",
    source="J.-B. Grill and others: Bootstrap Your Own Latent, 2020, arXiv:2006.07733",
    config=BYOLConfig,
    build=BYOL,
    accepts=("image",),
    answers=("embed",),
    presets=view_presets({"momentum": 0.9}, sizes=_SIZES),
    sabotages=_SABOTAGES,
    metrics=(*metrics.METRICS, metrics.PROJECTION_SPREAD),
)
