"""Noise schedules of the forward process q(x_t | x_0) = N(sqrt(ab_t) x_0, (1 - ab_t) I), t = 0..T-1.

Notation: beta_t noise added at step t, ab_t = prod (1 - beta_s) the share of signal left (`alphas_bar`).
linear: arXiv:2006.11239, section 4; cosine: arXiv:2102.09672, equation 17.

The linear schedule is written for T = 1000. Used as it stands with T = 50 it would leave sqrt(ab_T) = 78 % of the
signal at the end, while sampling starts from pure noise; here its betas are scaled by 1000 / T, and a schedule that
leaves more than 5 % is refused (cf. arXiv:2305.08891).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import torch
from torch import Tensor

from data.text import Problem, Text

ScheduleName = Literal["linear", "cosine"]

LARGEST_SIGNAL_LEFT = 0.05
_LARGEST_BETA = 0.999
_COSINE_OFFSET = 0.008


@dataclass(frozen=True)
class NoiseSchedule:
    """`betas` [T] in float64; everything else follows from them."""

    betas: Tensor

    def __post_init__(self) -> None:
        left = float(self.alphas_bar[-1].sqrt())
        if left > LARGEST_SIGNAL_LEFT:
            raise Problem(
                Text(
                    en=f"{self.steps} noise steps leave {left:.0%} of the signal at the end; take more steps.",
                    hi=f"{self.steps} नॉइज़ स्टेप के बाद भी {left:.0%} सिग्नल बचता है; स्टेप बढ़ाएँ।",
                ),
                code="schedule_leaves_signal",
                field="noise_steps",
            )

    @property
    def steps(self) -> int:
        """T, the number of noise steps."""
        return len(self.betas)

    @cached_property
    def alphas_bar(self) -> Tensor:
        """ab_t [T]: the share of the signal's variance left at t."""
        return torch.cumprod(1 - self.betas, dim=0)

    @cached_property
    def snr(self) -> Tensor:
        """Signal-to-noise ratio ab_t / (1 - ab_t) [T]."""
        return self.alphas_bar / (1 - self.alphas_bar)

    @cached_property
    def posterior_variance(self) -> Tensor:
        """Variance of q(x_{t-1} | x_t, x_0) [T]: arXiv:2006.11239, equation 7; 0 at t = 0."""
        before = torch.cat([torch.ones(1, dtype=torch.float64), self.alphas_bar[:-1]])
        return self.betas * (1 - before) / (1 - self.alphas_bar)

    def signal_and_noise(self, t: Tensor, like: Tensor) -> tuple[Tensor, Tensor]:
        """sqrt(ab_t) and sqrt(1 - ab_t) for t [batch], shaped to multiply `like` [batch, ...]."""
        left = self.alphas_bar.to(t.device)[t].view(-1, *([1] * (like.dim() - 1)))
        return left.sqrt().to(like.dtype), (1 - left).sqrt().to(like.dtype)

    def diffuse(self, x0: Tensor, t: Tensor, noise: Tensor) -> Tensor:
        """x_t for x_0 [batch, ...], t [batch] and standard normal noise [batch, ...]."""
        signal, level = self.signal_and_noise(t, x0)
        return signal * x0 + level * noise


def noise_schedule(name: ScheduleName, steps: int) -> NoiseSchedule:
    """The schedule `name` with `steps` noise steps.

    Raises:
        Problem: It would leave signal at the last step (`schedule_leaves_signal`).
    """
    if name == "linear":
        scale = 1000 / steps
        betas = torch.linspace(1e-4 * scale, 0.02 * scale, steps, dtype=torch.float64)
    else:
        grid = torch.arange(steps + 1, dtype=torch.float64) / steps
        squared = torch.cos((grid + _COSINE_OFFSET) / (1 + _COSINE_OFFSET) * torch.pi / 2) ** 2
        betas = 1 - squared[1:] / squared[:-1]
    return NoiseSchedule(betas.clamp(max=_LARGEST_BETA))
