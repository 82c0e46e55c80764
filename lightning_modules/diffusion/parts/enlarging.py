"""The second half of a cascade: what a noisy small picture already says of the large one, and the network that adds the rest.

Of a small picture with noise, y = a small + s n, the best linear guess pixel by pixel is m + k (y - a m) with
k = a V / (a² V + s²), where m and V are mean and variance of small pixels; it errs by V s² / (a² V + s²). Enlarged, it is off by
R more: what averaging over squares took away. Only the rest is denoised (SRDiff, arXiv:2104.14951, section 3.2), brought to unit
variance at every noise level and for every level of the small picture's noise (arXiv:2206.00364, table 1).
Notation: large [batch, colours, height, width], small [batch, colours, height / factor, width / factor].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lightning_modules.blocks.unet import UNet, UNetShape
from lightning_modules.diffusion.process.objectives import EDM


def enlarged(small: Tensor, size: tuple[int, int]) -> Tensor:
    """Small pictures at `size` (height, width), bilinear."""
    return F.interpolate(small, size=size, mode="bilinear", align_corners=False)


@dataclass(frozen=True)
class Guess:
    """Large pictures guessed from small ones, [batch, colours, height, width], and the spread of what is missing [batch, 1, 1, 1]."""

    picture: Tensor
    spread: Tensor

    @property
    def objective(self) -> EDM:
        """How the rest is said."""
        return EDM(self.spread)


class Guesser(nn.Module):
    """The closed form above, fitted on training pictures: mean m, variances V and R.

    They are buffers: what was learned over a guess means nothing without that guess, so it is kept and goes along with the weights.
    """

    mean: Tensor
    small_variance: Tensor
    lost_variance: Tensor

    def __init__(self, mean: float, small_variance: float, lost_variance: float) -> None:
        super().__init__()
        for name, value in (("mean", mean), ("small_variance", small_variance), ("lost_variance", lost_variance)):
            self.register_buffer(name, torch.tensor(value))

    @classmethod
    def fitted(cls, large: Tensor, factor: int) -> Guesser:
        """From pictures [items, colours, height, width]."""
        small = F.avg_pool2d(large, factor)
        lost = large - enlarged(small, (large.shape[-2], large.shape[-1]))
        return cls(float(small.mean()), float(small.var()), max(float(lost.square().mean()), 1e-6))

    def forward(self, noisy: Tensor, signal: Tensor, level: Tensor, size: tuple[int, int]) -> Guess:
        """From noisy = signal small + level n; signal and level [batch, 1, 1, 1]."""
        heard = signal**2 * self.small_variance + level**2
        kept = signal * self.small_variance / heard
        missing = self.lost_variance + self.small_variance * level**2 / heard
        return Guess(enlarged(self.mean + kept * (noisy - signal * self.mean), size), missing.sqrt())


class Enlarger(nn.Module):
    """A U-Net that sees a guess of the picture, how noisy the small one was (`aug` [batch] in [0, 1]), and a text, beside x."""

    def __init__(self, shape: UNetShape) -> None:
        super().__init__()
        self.unet = UNet(shape)

    def forward(self, x: Tensor, time: Tensor, guess: Tensor, aug: Tensor, text: Any) -> Tensor:
        """What the U-Net says of x [batch, colours, height, width]."""
        level = aug.view(-1, 1, 1, 1).expand(-1, 1, *x.shape[-2:])
        said: Tensor = self.unet(torch.cat([x, guess, level], dim=1), time, None, text)
        return said
