"""Denoisers whose explanations are known: linear ones, and untrained ones of every shipped method on small pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dashboard.explain.contract import Explanation
from dashboard.explain.denoiser.subject import DenoiserSubject, subject_for
from dashboard.explain.image.fitting import shown
from dashboard.explain.trained import Item
from data.catalog import ExplainerCard
from lightning_modules.diffusion.denoising import DenoisingMethod
from lightning_modules.diffusion.process.objectives import OBJECTIVES
from lightning_modules.diffusion.process.schedule import noise_schedule
from lightning_modules.options import TrainingOptions
from tests.lightning_modules.training import tiny_images

SIDE = 8


class Linear(nn.Module):
    """x -> A x + c of all pixels at once; what it says is the clean picture."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight)
        self.bias = nn.Parameter(torch.full((len(weight),), 0.3))

    def forward(self, x: Tensor, time: Tensor, y: Tensor | None) -> Tensor:
        return (x.flatten(1) @ self.weight.T + self.bias).view_as(x)


class LinearDenoiser(DenoisingMethod):
    """A method around it."""

    def __init__(self, weight: Tensor) -> None:
        options = TrainingOptions(ema_decay=0)
        super().__init__(
            tiny_images(), options, objective=OBJECTIVES["x0"], noising=noise_schedule("cosine", 100), use_labels=False
        )
        self.adopt(Linear(weight))


def picture(seed: int = 3) -> Item:
    """A picture [1, 1, 8, 8] of noise, none of it 0."""
    x = torch.rand(1, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(seed)) * 1.6 - 0.8
    return Item(shown(x[0]), x)


def before(weight: Tensor, **values: Any) -> DenoiserSubject:
    """The picture before a linear denoiser."""
    return subject_for(LinearDenoiser(weight).eval(), picture(), values)


def dense(seed: int = 0) -> Tensor:
    """A matrix with every pixel in every answer."""
    return torch.randn(SIDE**2, SIDE**2, generator=torch.Generator().manual_seed(seed)) / SIDE


def upper_left() -> Tensor:
    """A matrix of a denoiser that paints the upper left quarter from itself and looks nowhere else."""
    inside = torch.zeros(SIDE, SIDE)
    inside[: SIDE // 2, : SIDE // 2] = 1
    return torch.diag(inside.flatten())


def last(card: ExplainerCard, subject: Any, **config: Any) -> Explanation:
    """The answer."""
    *_, found = card.explain(subject, card.config(**config))
    assert isinstance(found, Explanation)
    return found


def proven(card: ExplainerCard, subject: Any, one: Explanation, **config: Any) -> Explanation:
    """The answer with all its evidence."""
    *_, found = card.explain.proven(subject, card.config(**config), one)  # type: ignore[attr-defined]
    assert isinstance(found, Explanation)
    return found


def flat(x: Tensor) -> np.ndarray[Any, np.dtype[np.float64]]:
    """As float64."""
    return x.detach().double().flatten().numpy()
