"""Held-out measures of a denoiser and of its samples, and the levels they are read against.

All randomness is fixed (same items, noise levels and noise at every evaluation), so a curve moves because the
model does. The denoising error is stratified over the noise levels, spread as the training spreads them. It is measured in
the space the network works in; the quality of samples in that of the data.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from data.catalog import Dataset, FloatArray, ReferenceLine, Split
from data.text import Text
from lightning_modules import quality
from lightning_modules import samples as measures
from lightning_modules.diffusion.process.closed_form import GaussianDenoiser, memoriser_eps_error
from lightning_modules.diffusion.process.weighting import loss_weight

if TYPE_CHECKING:
    from lightning_modules.diffusion.denoising import DenoisingMethod

_PAIRS = 1000
_BATCH = 256
_QUERIES = 64
_MEMORY_LEVELS = 25


class Ruler(measures.Ruler):
    """What one data set is measured with: everything that does not depend on the weights, worked out once when needed."""

    def __init__(self, dataset: Dataset, model: DenoisingMethod) -> None:
        super().__init__(dataset)
        self.noising = model.noising
        self.times = model.times_at(_evenly(_PAIRS))
        self.few_times = model.times_at(_evenly(_MEMORY_LEVELS))
        self._model = model

    @cached_property
    def inner(self) -> Tensor:
        """The training data in the space the network works in [items, features], float64."""
        if self._model.shape == self._model.data_shape:
            return torch.from_numpy(self.train)
        parts = [
            self._model.encode(torch.from_numpy(self.dataset.train.x[k : k + _BATCH]).to(self._model.device)).cpu()
            for k in range(0, len(self.train), _BATCH)
        ]
        return torch.cat(parts).flatten(1).double()

    @cached_property
    def linear(self) -> GaussianDenoiser:
        """The best linear denoiser of the training data; of clouds one that knows that points have no order."""
        if self.dataset.kind == "cloud":
            return GaussianDenoiser.exchangeable(self.noising, self.inner.reshape(-1, *self.dataset.shape))
        return GaussianDenoiser.fitted(self.noising, self.inner)

    @cached_property
    def linear_eps_error(self) -> float:
        """Its error in eps, over all noise levels."""
        return float(self.linear.eps_error(self.times).mean())

    @cached_property
    def memoriser_eps_error(self) -> float:
        """The error in eps on the training data of a model that knows it by heart."""
        items = self.inner.float()
        return memoriser_eps_error(self.noising, items, items[:_QUERIES], times=self.few_times)

    @cached_property
    def components(self) -> quality.PrincipalComponents:
        """The first sixteen principal components of the training data; the linear denoiser has found them already."""
        if self._model.shape != self._model.data_shape:
            return quality.PrincipalComponents.of(self.train)
        directions = self.linear.vectors.flip(1)[:, : quality.COMPONENTS]
        return quality.PrincipalComponents(self.linear.mean.numpy(), directions.numpy())


def eps_error(model: DenoisingMethod, split: Split) -> float:
    """Mean squared error in eps over 1,000 pairs of item and noise level; labels are told if the model takes them."""
    generator = torch.Generator().manual_seed(0)
    chosen = torch.randperm(len(split), generator=generator).repeat(-(-_PAIRS // len(split)))[:_PAIRS]
    levels = model.times_at(_evenly(_PAIRS))[torch.randperm(_PAIRS, generator=generator)]
    total = 0.0
    for start in range(0, _PAIRS, _BATCH):
        items = chosen[start : start + _BATCH].numpy()
        known = torch.from_numpy(split.x[items]).to(model.device)
        x0 = model.encode(known)
        noise = torch.randn(x0.shape, generator=generator).to(model.device)
        t = levels[start : start + _BATCH].to(model.device)
        labels = np.zeros(len(items), dtype=np.int64) if split.y is None else split.y[items]
        condition = model.told(known, torch.from_numpy(labels).to(model.device))
        said = model.says(model.noising.diffuse(x0, t, noise), t, condition)
        total += float((said.eps - noise).square().flatten(1).mean(dim=1).sum())
    return total / _PAIRS


def denoising_metrics(model: DenoisingMethod, ruler: Ruler) -> dict[str, float]:
    """Errors on held-out and on training data, and the first against the best linear denoiser's."""
    held_out, seen = eps_error(model, ruler.dataset.test), eps_error(model, ruler.dataset.train)
    return {"eps_mse": held_out, "train_eps_mse": seen, "eps_mse_ratio": held_out / ruler.linear_eps_error}


def sample_metrics(model: DenoisingMethod, drawn: FloatArray, ruler: Ruler) -> dict[str, float]:
    """Quality of samples [n, *shape] by kind of data."""
    return measures.measured(quality.flat(drawn), ruler, asked=len(model.classes))


def reference_lines(model: DenoisingMethod, ruler: Ruler) -> list[ReferenceLine]:
    """Best linear denoiser, memoriser, real against real, chance."""
    return denoising_lines(model, ruler) + sample_lines(model, ruler)


def denoising_lines(model: DenoisingMethod, ruler: Ruler) -> list[ReferenceLine]:
    """Those of the errors: best linear denoiser, memoriser."""
    best = Text(en="best linear denoiser", hi="सबसे अच्छा रेखीय डीनॉइज़र")
    heart = Text(en="training data by heart", hi="ट्रेनिंग डेटा रटा हुआ")
    return [
        ReferenceLine("loss", best_linear_loss(model, ruler), best),
        ReferenceLine("eps_mse", ruler.linear_eps_error, best),
        ReferenceLine("train_eps_mse", ruler.memoriser_eps_error, heart),
        ReferenceLine("eps_mse_ratio", 1.0, best),
    ]


def sample_lines(model: DenoisingMethod, ruler: Ruler) -> list[ReferenceLine]:
    """Those of the samples alone: real against real, chance."""
    return measures.real_lines(ruler, asked=len(model.classes))


def best_linear_loss(model: DenoisingMethod, ruler: Ruler) -> float:
    """What the training loss would be if the network were the best linear denoiser: E[w(t) gain(t) L_x0(t)]."""
    signal, level = model.noising.signal_and_noise(ruler.times, torch.empty(1, 1, dtype=torch.float64))
    weight = loss_weight(model.weighting, model.objective, signal, level, sigma_data=model.sigma_data)
    in_x0 = model.objective.gain(signal, level) * (1.0 if weight is None else weight)
    return float((in_x0[:, 0] * ruler.linear.x0_error(ruler.times)).mean())


def _evenly(count: int) -> Tensor:
    """The middles of `count` equal parts of [0, 1)."""
    return (torch.arange(count) + 0.5) / count
