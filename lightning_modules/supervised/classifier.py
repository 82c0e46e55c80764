"""A classifier of images, learned from labels: a small residual network or a small vision transformer, and a linear layer on it.

The loss is the cross entropy of the true class, -ln p_c(x). Guessing costs ln(classes) and is right as often as the commonest class.
What it learned can be asked for ("predict"), and explained on the page Explain.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from data.catalog import Config, Dataset, MethodCard, MetricCard, Preset, ReferenceLine, option
from data.text import Problem, Text
from lightning_modules.base import Answer, Method, Picture
from lightning_modules.blocks.resnet import SmallResNet, in_channels_last
from lightning_modules.diffusion.drawing import gallery
from lightning_modules.options import TrainingOptions
from lightning_modules.ssl import embedding
from lightning_modules.ssl.encoders import EncoderOptions, TransformerOptions, transformer

_BATCH = 256
_HELD_OUT = 2000
_SHOWN = 24


class _Kind(Config):
    """Which network; this field comes first in the form."""

    network: Literal["residual", "transformer"] = option(
        "residual",
        title=Text(en="Network", hi="नेटवर्क"),
        help=Text(en="Residual networks learn small data better; transformers can be asked where they look.",
                  hi="कम डेटा पर रेज़िडुअल नेटवर्क बेहतर सीखते हैं; ट्रांसफ़ॉर्मर से पूछा जा सकता है कि वे कहाँ देखते हैं।"),
        labels={"residual": Text(en="Residual network", hi="रेज़िडुअल नेटवर्क"), "transformer": Text(en="Vision transformer", hi="विज़न ट्रांसफ़ॉर्मर")},
    )  # fmt: skip


class ClassifierConfig(TransformerOptions, EncoderOptions, _Kind):
    """What a person chooses about a classifier."""


class Classes(nn.Module):
    """An encoder and a linear layer on it: x -> scores before the softmax [batch, classes]."""

    def __init__(self, encoder: nn.Module, features: int, classes: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(features, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Scores."""
        scores: Tensor = self.head(self.encoder(x))
        return scores


class Classifier(Method):
    """The module that Lightning trains; `classes` and `shape` are what it tells and what it sees."""

    class_of: Tensor

    def __init__(self, config: ClassifierConfig, dataset: Dataset, options: TrainingOptions) -> None:
        super().__init__(options)
        if len(dataset.classes) < 2:
            raise Problem(
                Text(en="A classifier learns from labels, and this data has no classes; choose data with classes.",
                     hi="क्लासिफ़ायर लेबल से सीखता है, और इस डेटा में क्लास नहीं हैं; क्लास वाला डेटा चुनें।"),
                code="no_classes", field="dataset",
            )  # fmt: skip
        self.config = config
        self.classes, self.shape = dataset.classes, dataset.shape
        of_caption = dataset.caption_class or range(len(dataset.classes))
        self.register_buffer("class_of", torch.tensor(list(of_caption)), persistent=False)
        self._held_out = dataset
        self.adopt(in_channels_last(self._built(config)))

    def _built(self, config: ClassifierConfig) -> Classes:
        encoder: nn.Module
        if config.network == "residual":
            resnet = SmallResNet(self.shape, channels=config.channels, blocks=config.blocks)
            encoder, features = resnet, resnet.features
        else:
            vit = transformer(self.shape, config, "mean")
            encoder, features = vit, vit.features
        return Classes(encoder, features, len(self.classes))

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """x [batch, …] and y [batch] -> the cross entropy."""
        x, y = batch
        scores = self.network(x.contiguous(memory_format=torch.channels_last))
        truth = self.class_of[y]
        loss = F.cross_entropy(scores, truth)
        self.log("loss", loss.detach())
        self.log("training_accuracy", (scores.detach().argmax(dim=1) == truth).float().mean())
        return loss

    def scores(self, x: npt.NDArray[np.float32]) -> Tensor:
        """Scores of any number of images by the best network, on the processor: [items, classes]."""
        parts = torch.split(torch.from_numpy(np.ascontiguousarray(x)), _BATCH)
        return torch.cat([self.best_network(part.to(self.device)).float().cpu() for part in parts])

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """Accuracy and cross entropy on held-out images."""
        x, truth = self._judged(dataset)
        scores = self.scores(x)
        return {
            "accuracy": float((scores.argmax(dim=1) == truth).float().mean()),
            "held_out_loss": float(F.cross_entropy(scores, truth)),
        }

    def pictures(self) -> list[Picture]:
        """The held-out images that are named wrongly with most confidence."""
        x, truth = self._judged(self._held_out)
        shares = self.scores(x).softmax(dim=1)
        sure, said = shares.max(dim=1)
        wrong = torch.where(said != truth, sure, torch.zeros_like(sure))
        order = wrong.argsort(descending=True)[: min(_SHOWN, int((wrong > 0).sum()))]
        if not len(order):
            return []
        told = ", ".join(f"{self.classes[int(said[k])]} ({self.classes[int(truth[k])]})" for k in order[:8])
        caption = Text(
            en=f"Named wrongly with most confidence, the truth in brackets: {told}",
            hi=f"सबसे पक्के यक़ीन से ग़लत पहचाने गए, कोष्ठक में सच: {told}",
        )
        return [Picture("mistakes", gallery.image_grid(x[order.numpy()], 8), caption)]

    def reference_lines(self, dataset: Dataset) -> list[ReferenceLine]:
        """Guessing."""
        _, truth = self._judged(dataset)
        commonest = float(np.bincount(truth.numpy()).max() / len(truth))
        guess = Text(en="guessing", hi="अंदाज़ा")
        level = math.log(len(self.classes))
        return [
            ReferenceLine("accuracy", commonest, guess),
            ReferenceLine("loss", level, guess),
            ReferenceLine("held_out_loss", level, guess),
        ]

    def answer(self, request: str, values: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Answer:
        """ "predict": images that came as `x`, or the first held-out ones -> `probabilities` [items, classes]."""
        if request != "predict":
            return super().answer(request, values, arrays)
        own = embedding.given(self._held_out, arrays)
        x = self._held_out.test.x[:_SHOWN] if own is None else own
        shares = self.scores(x).softmax(dim=1).numpy()
        return Answer({"classes": list(self.classes)}, {"probabilities": shares, **({"x": x} if own is None else {})})

    def _judged(self, dataset: Dataset) -> tuple[npt.NDArray[np.float32], Tensor]:
        """Held-out images, always the same, and their classes."""
        labels = dataset.labels(dataset.test)
        assert labels is not None
        chosen = np.random.default_rng(0).permutation(len(dataset.test))[:_HELD_OUT]
        return dataset.test.x[chosen], torch.from_numpy(labels[chosen])


_SHARED: dict[str, Any] = {"learning_rate": 2e-3, "schedule": "cosine", "ema_decay": 0.99}

METHOD = MethodCard(
    name="classifier",
    title=Text(en="Classifier", hi="क्लासिफ़ायर"),
    summary=Text(
        en="Learns from labels to tell what is in an image; its reasons can then be looked into on the page Explain.",
        hi="लेबल से सीखता है कि तस्वीर में क्या है; फिर उसकी वजहें “वजह” पेज पर देखी जा सकती हैं।",
    ),
    family="supervised",
    source="K. He and others: Deep Residual Learning, 2015, arXiv:1512.03385; A. Dosovitskiy and others, arXiv:2010.11929",
    config=ClassifierConfig,
    build=Classifier,
    accepts=("image",),
    presets=(
        Preset("tiny", {**_SHARED, "steps": 80, "batch_size": 64, "warmup_steps": 5, "evaluate_every": 20, "sample_every": 40, "checkpoint_every": 40}),
        Preset("small", {**_SHARED, "steps": 500, "batch_size": 128, "warmup_steps": 20, "evaluate_every": 50, "sample_every": 100}),
        Preset("base", {**_SHARED, "steps": 20_000, "batch_size": 256, "warmup_steps": 500, "channels": 64, "blocks": 2, "width": 192, "layers": 6,
                        "ema_decay": 0.999, "evaluate_every": 500, "sample_every": 1000, "checkpoint_every": 1000}),
    ),
    metrics=(
        MetricCard(
            "accuracy",
            Text(en="Accuracy", hi="सटीकता"),
            Text(en="Share of held-out images that are named rightly.", hi="अलग रखी कितनी तस्वीरें सही पहचानी गईं।"),
            better="higher", headline=True,
        ),
        MetricCard(
            "loss",
            Text(en="Training loss", hi="ट्रेनिंग लॉस"),
            Text(en="Cross entropy of the training batch, in nats.", hi="ट्रेनिंग बैच की क्रॉस एन्ट्रॉपी, नैट में।"),
            better="lower", headline=True, log_axis=True,
        ),
        MetricCard(
            "held_out_loss",
            Text(en="Held-out loss", hi="अलग रखे डेटा पर लॉस"),
            Text(en="Cross entropy on held-out images; where it rises while the training loss falls, the model learns by heart.",
                 hi="अलग रखी तस्वीरों पर क्रॉस एन्ट्रॉपी; ट्रेनिंग लॉस घटे और यह बढ़े, तो मॉडल रट रहा है।"),
            better="lower", log_axis=True,
        ),
        MetricCard(
            "training_accuracy",
            Text(en="Accuracy in training", hi="ट्रेनिंग में सटीकता"),
            Text(en="Share of the training batch that is named rightly.", hi="ट्रेनिंग बैच का कितना हिस्सा सही पहचाना गया।"),
            better="higher",
        ),
    ),
)  # fmt: skip
