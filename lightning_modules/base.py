"""What every method here shares: optimiser, schedule, moving average, and the hooks the studio looks through.

Nothing in this package knows that a dashboard exists. A plain `LightningModule` works in the studio as well; a
`Method` can also be watched: held-out metrics, pictures, reference lines, and answers to short requests.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pytorch_lightning as pl
import torch
from pytorch_lightning.utilities.types import OptimizerLRSchedulerConfig
from torch import nn

from data.catalog import Dataset, ReferenceLine
from data.text import Problem, Text
from lightning_modules.averages import Paired, averaged_copy, decay_at
from lightning_modules.options import TrainingOptions


@dataclass(frozen=True)
class Picture:
    """A picture drawn while training: `pixels` [height, width] or [height, width, 3], uint8."""

    name: str
    pixels: npt.NDArray[np.uint8]
    caption: Text
    info: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sound:
    """Sounds to listen to, one after the other: `samples` [samples] in [-1, 1] at `rate_hz`."""

    name: str
    samples: npt.NDArray[np.float32]
    rate_hz: int
    caption: Text
    info: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Scene:
    """Clouds of points on their way out of the noise, to be turned by hand: `points` [stages, clouds, points, 3]."""

    name: str
    points: npt.NDArray[np.float32]
    caption: Text
    info: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Passage:
    """A text that a model wrote or filled in."""

    name: str
    text: str
    caption: Text
    info: Mapping[str, Any] = field(default_factory=dict)


Shown = Picture | Sound | Scene | Passage
"""What a method shows of itself while it trains."""


@dataclass(frozen=True)
class Answer:
    """The answer to a short request: plain values and arrays by name."""

    values: dict[str, Any] = field(default_factory=dict)
    arrays: dict[str, npt.NDArray[Any]] = field(default_factory=dict)


def rate_at(step: int, options: TrainingOptions) -> float:
    """Learning rate at optimiser step `step` (counted from 0), as a share of the chosen one.

    Linear warm-up, then constant, cosine (arXiv:1608.03983, eq. 5 without restarts) or linear to zero.
    """
    if step < options.warmup_steps:
        return (step + 1) / options.warmup_steps
    left = max(1, options.steps - options.warmup_steps)
    progress = min(1.0, (step - options.warmup_steps) / left)
    if options.schedule == "cosine":
        return 0.5 * (1 + math.cos(math.pi * progress))
    return 1 - progress if options.schedule == "linear" else 1.0


class Method(pl.LightningModule):
    """Base class of the studio's own methods: AdamW, warm-up and schedule, and a moving average of `network`.

    A method passes the network it trains to `adopt`; samples are drawn with `best_network`, the average. The hooks below are called in eval mode without gradients, with the random state seeded from (seed, step) and put
    back afterwards: they cannot change the training.
    """

    def __init__(self, options: TrainingOptions) -> None:
        super().__init__()
        self.options = options

    def adopt(self, network: nn.Module) -> None:
        """Make `network` the one that is trained, and begin its moving average if one is wanted."""
        self.network = network
        self.average = averaged_copy(network) if self.options.ema_decay > 0 else None
        self._paired: Paired | None = None

    @property
    def best_network(self) -> nn.Module:
        """The network to draw samples with: the average, or the trained one when averaging is off."""
        return self.network if self.average is None else self.average

    def moved(self) -> list[nn.Parameter]:
        """The weights that the optimizer moves; the default: those of the trained network."""
        return list(self.network.parameters())

    def rate(self, step: int) -> float:
        """Learning rate at a step as a share of the chosen one."""
        return rate_at(step, self.options)

    def optimizer(self) -> torch.optim.Optimizer:
        """What moves the weights; the default: AdamW (arXiv:1711.05101)."""
        fused = self.options.precision != "16-mixed"  # a fused step cannot be clipped under loss scaling
        return torch.optim.AdamW(self.moved(), lr=self.options.learning_rate, weight_decay=0.0, fused=fused)

    def configure_optimizers(self) -> OptimizerLRSchedulerConfig:
        """The optimizer, with the run's learning-rate schedule."""
        optimizer = self.optimizer()
        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, self.rate)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}

    def optimizer_step(
        self,
        epoch: int,
        batch_idx: int,
        optimizer: torch.optim.Optimizer | pl.core.optimizer.LightningOptimizer,
        optimizer_closure: Callable[[], Any] | None = None,
    ) -> None:
        """Step, then move the average: here and not in `on_train_batch_end`, which runs after a checkpoint callback."""
        step = self.global_step
        super().optimizer_step(epoch, batch_idx, optimizer, optimizer_closure)
        self.move_average(step)

    def move_average(self, step: int) -> None:
        """Take the weights as they are after step `step` (counted from 0) into the average, if there is one."""
        if self.average is None:
            return
        if self._paired is None:
            self._paired = Paired.of(self.average, self.network)
        self._paired.update(decay_at(step, self.options.ema_decay))

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        """Metrics on held-out data, by metric name; called every `evaluate_every` steps and at the end."""
        return {}

    def pictures(self) -> Sequence[Shown]:
        """Pictures, sounds, scenes and texts of what the model has learned; called every `sample_every` steps and at the end."""
        return []

    def reference_lines(self, dataset: Dataset) -> list[ReferenceLine]:
        """Levels the metrics are read against; called once, before the first step of a fresh run."""
        return []

    def answer(self, request: str, values: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Answer:
        """Answer a short request such as "sample" or "predict".

        Raises:
            Problem: The request is not known to this method, or its values are not usable.
        """
        raise Problem(
            Text(en=f"This model cannot answer “{request}”.", hi=f"यह मॉडल “{request}” का जवाब नहीं दे सकता।"),
            code="unknown_request",
        )
