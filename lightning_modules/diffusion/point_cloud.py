"""Diffusion of shapes as sets of points in space: noise is added to every point, and a network blind to their order removes it.

The process of arXiv:2006.11239 on [points, 3] arrays, without a latent shape code: the points see each other through a Set
Transformer (`blocks/clouds.py`). Since noise and network treat all points alike, so does the distribution of the samples.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from data.catalog import Config, Dataset, FloatArray, MethodCard, Preset, ReferenceLine, option
from data.text import Text
from lightning_modules.base import Scene, Shown
from lightning_modules.blocks.clouds import CloudDenoiser
from lightning_modules.diffusion.denoising import DenoisingMethod
from lightning_modules.diffusion.drawing.cloud_pictures import SolidView
from lightning_modules.diffusion.measures import evaluation
from lightning_modules.diffusion.measures.cloud_quality import (
    chamfer,
    coverage,
    features,
    judge_of_shapes,
    nearest_neighbour_accuracy,
)
from lightning_modules.diffusion.measures.solid_metrics import CHANCE, CLOUD_METRICS, real_against_real
from lightning_modules.diffusion.parts.networks import Optimizer, optimizer_choice, told_labels
from lightning_modules.diffusion.process.objectives import OBJECTIVES
from lightning_modules.diffusion.process.schedule import noise_schedule
from lightning_modules.options import TrainingOptions
from lightning_modules.quality import Judge, copied_share, nearest_distances
from lightning_modules.samples import newness_lines

_FITTED = 2000
_COMPARED = 64
_POINTS_COMPARED = 128


class PointCloudConfig(Config):
    """What a person chooses about the diffusion of shapes."""

    noise_schedule: Literal["cosine", "linear", "sigmoid"] = option(
        "cosine",
        title=Text(en="Noise schedule", hi="नॉइज़ शेड्यूल"),
        help=Text(en="How the share of signal ᾱ falls from 1 to 0.", hi="सिग्नल का हिस्सा ᾱ 1 से 0 तक कैसे घटे।"),
        labels={"cosine": Text(en="Cosine", hi="कोसाइन"), "linear": Text(en="Linear", hi="सीधी रेखा"),
                "sigmoid": Text(en="Sigmoid", hi="सिग्मॉइड")},
        source="arXiv:2102.09672, equation 17",
    )  # fmt: skip
    noise_steps: int = option(
        1000, ge=10, le=10_000, unit="steps", symbol="T", advanced=True,
        title=Text(en="Noise steps", hi="नॉइज़ स्टेप"),
        help=Text(en="Steps from clean shapes to pure noise.", hi="साफ़ आकार से पूरे नॉइज़ तक कितने स्टेप।"),
        source="arXiv:2006.11239, section 4",
    )  # fmt: skip
    width: int = option(
        64, ge=8, le=1024, unit="units",
        title=Text(en="Width", hi="चौड़ाई"),
        help=Text(en="Numbers that stand for a point inside the network.", hi="नेटवर्क के अंदर एक बिंदु कितनी संख्याओं से दिखाया जाए।"),
    )  # fmt: skip
    layers: int = option(
        4, ge=1, le=32, unit="layers", advanced=True,
        title=Text(en="Layers", hi="परतें"),
        help=Text(en="Layers in which the points look at each other.", hi="कितनी परतों में बिंदु एक-दूसरे को देखें।"),
    )  # fmt: skip
    through: int = option(
        32, ge=0, le=1024, unit="points", symbol="m", advanced=True,
        title=Text(en="Inducing points", hi="बीच के बिंदु"),
        help=Text(en="The points look at each other through this many learned ones, at a cost that grows linearly; 0: directly, each at each.",
                  hi="बिंदु एक-दूसरे को इतने सीखे हुए बिंदुओं के ज़रिए देखते हैं, खर्च सीधा बढ़ता है; 0: सीधे, हर एक हर एक को।"),
        source="arXiv:1810.00825, section 3.2",
    )  # fmt: skip
    use_labels: bool = told_labels()
    label_dropout: float = option(
        0.1, ge=0, le=1, advanced=True,
        title=Text(en="Hidden labels", hi="छिपे लेबल"),
        help=Text(en="Share of the shapes whose class is hidden while training, so that samples can be guided later.",
                  hi="ट्रेनिंग में कितने आकारों की क्लास छिपाई जाए, ताकि बाद में सैंपल को दिशा दी जा सके।"),
        source="arXiv:2207.12598, algorithm 1",
    )  # fmt: skip
    optimizer: Optimizer = optimizer_choice()
    quality_samples: int = option(
        64, ge=0, le=10_000, unit="items", advanced=True,
        title=Text(en="Samples for quality", hi="जाँच के सैंपल"),
        help=Text(en="Shapes drawn at every evaluation to measure quality; 0 leaves it out. Distances compare the first 64.",
                  hi="हर जाँच में गुणवत्ता नापने के लिए बने आकार; 0 से यह जाँच बंद। दूरियाँ पहले 64 पर नापी जाती हैं।"),
    )  # fmt: skip
    preview_steps: int = option(
        25, ge=1, le=1000, unit="steps", advanced=True,
        title=Text(en="Steps of a preview", hi="झलक के स्टेप"),
        help=Text(en="Sampler steps for what is shown and measured while training.", hi="ट्रेनिंग के दौरान दिखाने और नापने के लिए सैंपलर के स्टेप।"),
    )  # fmt: skip


class PointCloudDiffusion(DenoisingMethod):
    """The module that Lightning trains."""

    def __init__(self, config: PointCloudConfig, dataset: Dataset, options: TrainingOptions) -> None:
        super().__init__(
            dataset,
            options,
            objective=OBJECTIVES["v"],
            noising=noise_schedule(config.noise_schedule, config.noise_steps),
            use_labels=config.use_labels,
            label_dropout=config.label_dropout,
            preview_steps=config.preview_steps,
            muon=config.optimizer == "muon",
            quality_samples=config.quality_samples,
        )
        self.config = config
        self.adopt(
            CloudDenoiser(width=config.width, layers=config.layers, through=config.through, classes=len(self.classes))
        )
        self._measure: _Eye | None = None
        self._solid_view = SolidView(self.classes)

    def view(self) -> SolidView:
        """Shapes from two sides."""
        return self._solid_view

    def also_shown(self, frames: list[FloatArray], info: dict[str, Any]) -> list[Shown]:
        """The samples as a scene that can be turned, with its way out of the noise."""
        caption = Text(en="Turn it with the mouse", hi="माउस से घुमाएँ")
        few = self._solid_view.few(frames[-1])
        points = np.stack([frame[few] for frame in frames])
        return [Scene("scene", points, caption, {**info, "names": self._solid_view.names(frames[-1])})]

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """Denoising errors, and how samples look."""
        found = evaluation.denoising_metrics(self, self._ruler(dataset))
        if self.quality_samples:
            drawn = self.draw(self.preview(self.quality_samples))
            if np.isfinite(drawn).all():
                asked = np.arange(len(drawn)) % max(1, len(self.classes))
                found |= self._eye(dataset).seen(drawn, asked if self.classes else None)
        return found

    def reference_lines(self, dataset: Dataset) -> list[ReferenceLine]:
        """Best linear denoiser, memoriser, real against real, chance."""
        real = real_against_real(min(_COMPARED, len(dataset.test)))
        labels = dataset.train.y
        seen = self._eye(dataset).seen(dataset.train.x[:_COMPARED], None if labels is None else labels[:_COMPARED])
        known = ("class_accuracy", "nn_ratio", "copied")  # of training shapes these say nothing
        lines = evaluation.denoising_lines(self, self._ruler(dataset)) + newness_lines(
            self._eye(dataset).usually_copied
        )
        lines += [ReferenceLine(name, value, real) for name, value in seen.items() if name not in known]
        if self.classes:
            lines.append(ReferenceLine("class_accuracy", 1 / len(self.classes), CHANCE))
        return lines

    def _eye(self, dataset: Dataset) -> _Eye:
        if self._measure is None or self._measure.dataset is not dataset:
            self._measure = _Eye(dataset)
        return self._measure


class _Eye:
    """What samples of one data set are looked at with."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.real = dataset.test.x[:_COMPARED, :_POINTS_COMPARED]

    @cached_property
    def judge(self) -> Judge | None:
        """A classifier fitted on real shapes; None when there are no classes."""
        train, classes = self.dataset.train, len(self.dataset.classes)
        if train.y is None or classes < 2:
            return None
        return judge_of_shapes(train.x[:_FITTED], train.y[:_FITTED], classes)

    @cached_property
    def among_real(self) -> npt.NDArray[np.float64]:
        """Distances of the held-out shapes to each other."""
        return chamfer(self.real, self.real)

    @cached_property
    def known(self) -> npt.NDArray[np.float64]:
        """The training shapes as `features`, which are blind to the order of the points."""
        return features(self.dataset.train.x[:_FITTED])

    @cached_property
    def held_out(self) -> npt.NDArray[np.float64]:
        """The held-out shapes likewise."""
        return features(self.dataset.test.x[:_FITTED])

    @cached_property
    def usual_distance(self) -> float:
        """How far held-out shapes are from the nearest training shape, on average."""
        return float(nearest_distances(self.held_out, self.known).mean())

    @property
    def usually_copied(self) -> float:
        """The share of held-out shapes that seem copies."""
        return copied_share(self.held_out, self.known)

    def seen(self, drawn: FloatArray, asked: npt.NDArray[np.int64] | None) -> dict[str, float]:
        """Measures of shapes and, where a class was asked for, whether it was met."""
        few = drawn[:_COMPARED, :_POINTS_COMPARED]
        across = chamfer(few, self.real)
        found = {
            "chamfer": float(across.min(axis=1).mean()),
            "coverage": coverage(across),
            "one_nna": nearest_neighbour_accuracy(chamfer(few, few), across, self.among_real),
            "nn_ratio": float(nearest_distances(features(drawn), self.known).mean() / self.usual_distance),
            "copied": copied_share(features(drawn), self.known),
        }
        if self.judge is not None and asked is not None:
            found["class_accuracy"] = float(np.mean(self.judge.labels(features(drawn)) == asked))
        return found


METHOD = MethodCard(
    name="point_cloud_diffusion",
    title=Text(en="Shapes in space out of noise", hi="नॉइज़ से 3-D आकार"),
    summary=Text(
        en="Diffusion of point clouds. Ask for a shape by its class, watch it condense out of a cloud of noise, and turn it.",
        hi="बिंदुओं के 3-D झुंड का डिफ़्यूज़न। क्लास से कोई आकार माँगें, उसे नॉइज़ के बादल से बनते देखें, और घुमाएँ।",
    ),
    family="sound_space",
    source="S. Luo, W. Hu: Diffusion Probabilistic Models for 3D Point Cloud Generation, 2021, arXiv:2103.01458; network after J. Lee et al., 2018, arXiv:1810.00825",
    config=PointCloudConfig,
    build=PointCloudDiffusion,
    accepts=("cloud",),
    presets=(
        Preset("tiny", {"steps": 100, "batch_size": 16, "learning_rate": 4e-3, "warmup_steps": 10, "ema_decay": 0.95, "width": 32, "layers": 3, "through": 8,
                        "quality_samples": 32, "preview_steps": 12, "evaluate_every": 100, "sample_every": 50, "checkpoint_every": 50}),
        Preset("small", {"steps": 1500, "batch_size": 16, "learning_rate": 5e-3, "optimizer": "muon", "warmup_steps": 30, "schedule": "cosine", "ema_decay": 0.99,
                         "through": 16, "evaluate_every": 500, "sample_every": 125, "checkpoint_every": 125}),
        Preset("base", {"steps": 100_000, "batch_size": 128, "learning_rate": 3e-4, "warmup_steps": 1000, "ema_decay": 0.9999, "width": 256, "layers": 8, "through": 64,
                        "quality_samples": 320, "preview_steps": 50, "evaluate_every": 5000, "sample_every": 1000, "checkpoint_every": 1000}),
    ),
    metrics=CLOUD_METRICS,
)  # fmt: skip
