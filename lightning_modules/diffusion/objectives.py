"""What a denoiser is trained to say, and how the sayings translate into each other.

With a = sqrt(ab_t), s = sqrt(1 - ab_t) and x_t = a x_0 + s eps: the network predicts eps (arXiv:2006.11239) or
v = a eps - s x_0 (arXiv:2202.00512). Then x_0 = a x_t - s v and eps = s x_t + a v. Squared errors relate by
L_eps = SNR L_x0 and L_v = (SNR + 1) L_x0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

Objective = Literal["eps", "v"]


@dataclass(frozen=True)
class Prediction:
    """What the network says about x_t, as both clean data `x0` and noise `eps` [batch, ...]."""

    x0: Tensor
    eps: Tensor


def target(objective: Objective, x0: Tensor, noise: Tensor, signal: Tensor, level: Tensor) -> Tensor:
    """What the network should output for x_t = signal x_0 + level noise."""
    return noise if objective == "eps" else signal * noise - level * x0


def interpret(objective: Objective, output: Tensor, xt: Tensor, signal: Tensor, level: Tensor) -> Prediction:
    """The network's output as x_0 and eps."""
    if objective == "eps":
        return Prediction((xt - level * output) / signal, output)
    return Prediction(signal * xt - level * output, level * xt + signal * output)


def clipped(prediction: Prediction, xt: Tensor, signal: Tensor, level: Tensor, bound: float = 1.0) -> Prediction:
    """The prediction with x_0 kept in [-bound, bound], and eps changed to agree with it."""
    x0 = prediction.x0.clamp(-bound, bound)
    return Prediction(x0, (xt - signal * x0) / level)
