"""Networks whose reasons are known, to explain pictures with."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dashboard.explain.contract import Explanation
from dashboard.explain.image.models import ImageModel
from dashboard.explain.image.subject import ImageSubject, softmax


class Sum(nn.Module):
    """f(x) = relu(s - 10) + 3 relu(s + 1) - 1, s the sum of x: captum's BasicModel_MultiLayer, class 0; two classes, the other 0."""

    def forward(self, x: Tensor) -> Tensor:
        s = x.flatten(1).sum(dim=1)
        f = (s - 10).relu() + 3 * (s + 1).relu() - 1
        return torch.stack([f, torch.zeros_like(f)], dim=1)


class Patch(nn.Module):
    """Sees a bright square of `side` pixels, wherever it is: F_1 = 5 (max of the mean over such squares) of x, F_0 = 0.

    The mean is a convolution, and its map the last there is.
    """

    def __init__(self, side: int) -> None:
        super().__init__()
        self.mean = nn.Conv2d(1, 1, side, padding=side // 2)
        nn.init.constant_(self.mean.weight, 1 / side**2)
        nn.init.zeros_(self.mean.bias)  # type: ignore[arg-type]
        self.bend = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        found = 5 * self.bend(self.mean(x)).flatten(1).amax(dim=1)
        return torch.stack([torch.zeros_like(found), found], dim=1)


class Share(nn.Module):
    """p_1 = 0.3 + sum of weight · (x + 1): a probability that is a sum over pixels, and 0.3 where all is black (-1)."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight, requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        p = 0.3 + ((x + 1).double() * self.weight).flatten(1).sum(dim=1)
        return torch.stack([torch.zeros_like(p), torch.logit(p)], dim=1)


def subject_before(network: nn.Module, x: Tensor, target: int = 0, classes: int = 2) -> ImageSubject:
    """A picture x [colours, height, width] of any numbers before a network."""
    seen = np.zeros((*x.shape[1:], 3), dtype=np.uint8)
    names = tuple(f"class {k}" for k in range(classes))
    model = ImageModel("test", network.eval(), names, lambda picture: picture, lambda _: x, batch=16, weights="")
    with torch.no_grad():
        scores = network(x[None])[0].double().numpy()
    assert softmax(scores).shape == (classes,)
    return ImageSubject(model, seen, x, target, scores)


def answer(explain: Any, subject: ImageSubject, config: Any) -> Explanation:
    """The last of the snapshots."""
    *_, last = explain(subject, config)
    assert isinstance(last, Explanation)
    return last
