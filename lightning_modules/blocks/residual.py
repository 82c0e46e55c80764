"""Convolutional building blocks of a U-Net. Shapes: x [batch, channels, height, width], c [batch, condition].

Residual block of arXiv:2006.11239, appendix B, with scale-and-shift conditioning and zero-initialised last
convolution (arXiv:2105.05233, section 3): a new block starts as the identity.
"""

from __future__ import annotations

from typing import TypeVar

import torch.nn.functional as F
from torch import Tensor, nn

Layer = TypeVar("Layer", bound=nn.Module)


def group_norm(channels: int, groups: int = 0, *, per_group: int = 8, largest: int = 32) -> nn.GroupNorm:
    """GroupNorm with `groups` groups; 0: at most `largest` of at least `per_group` channels, a divisor of `channels`."""
    if groups:
        return nn.GroupNorm(groups, channels)
    groups = max(1, min(largest, channels // per_group))
    while channels % groups:
        groups -= 1
    return nn.GroupNorm(groups, channels)


def zeroed(layer: Layer) -> Layer:
    """The layer with all parameters zero."""
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    return layer


class ResidualBlock(nn.Module):
    """Norm, SiLU, 3×3 convolution, twice, around a skip; the second norm is scaled and shifted by the condition."""

    def __init__(self, inputs: int, outputs: int, condition: int, dropout: float = 0.0, groups: int = 0) -> None:
        super().__init__()
        self.first_norm = group_norm(inputs, groups)
        self.first = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.modulate = nn.Linear(condition, 2 * outputs)
        self.second_norm = group_norm(outputs, groups)
        self.dropout = nn.Dropout(dropout)
        self.second = zeroed(nn.Conv2d(outputs, outputs, 3, padding=1))
        self.skip = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1)

    def forward(self, x: Tensor, c: Tensor) -> Tensor:
        scale, shift = self.modulate(F.silu(c))[:, :, None, None].chunk(2, dim=1)
        h = self.first(F.silu(self.first_norm(x)))
        h = self.second_norm(h) * (1 + scale) + shift
        kept: Tensor = self.skip(x) + self.second(self.dropout(F.silu(h)))
        return kept


class Down(nn.Module):
    """Halve height and width, rounding up."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(channels, channels, 3, stride=2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        smaller: Tensor = self.convolution(x)
        return smaller


class Up(nn.Module):
    """Enlarge to the size of the skip connection it will meet; nearest neighbours, then a convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor, height: int, width: int) -> Tensor:
        larger: Tensor = self.convolution(F.interpolate(x, size=(height, width), mode="nearest"))
        return larger
