"""Multilayer perceptrons: a plain one, and a residual one modulated by noise level and class, a denoiser for points."""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn

from lightning_modules.blocks.conditioning import Conditioning
from lightning_modules.blocks.residual import zeroed
from lightning_modules.muon import matrices_within

LEAK = 0.2
"""Slope of LeakyReLU below zero (arXiv:1511.06434, section 3)."""


def perceptron(widths: Sequence[int]) -> nn.Sequential:
    """Linear layers of these widths, LeakyReLU between them."""
    layers: list[nn.Module] = []
    for k in range(1, len(widths)):
        layers += [nn.Linear(widths[k - 1], widths[k]), nn.LeakyReLU(LEAK)]
    return nn.Sequential(*layers[:-1])


class ModulatedLayer(nn.Module):
    """LayerNorm scaled and shifted by the condition, SiLU, linear; added to its input. h [batch, width]."""

    def __init__(self, width: int, condition: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.modulate = nn.Linear(condition, 2 * width)
        self.linear = nn.Linear(width, width)

    def forward(self, h: Tensor, c: Tensor) -> Tensor:
        scale, shift = self.modulate(c).chunk(2, dim=1)
        out: Tensor = h + self.linear(F.silu(self.norm(h) * (1 + scale) + shift))
        return out


class PointDenoiser(nn.Module):
    """x [batch, features], t [batch] on 0..1000, y [batch] or None -> [batch, features]."""

    def __init__(self, features: int, *, width: int = 128, layers: int = 3, classes: int = 0) -> None:
        super().__init__()
        self.conditioning = Conditioning(64, width, classes)
        self.enter = nn.Linear(features, width)
        self.layers = nn.ModuleList(ModulatedLayer(width, width) for _ in range(layers))
        self.leave = zeroed(nn.Linear(width, features))

    def inner_matrices(self) -> list[nn.Parameter]:
        """The weights of the layers; not those by which a condition enters."""
        return matrices_within(self.layers)

    def forward(self, x: Tensor, t: Tensor, y: Tensor | None = None) -> Tensor:
        c = F.silu(self.conditioning(t, y))
        h = self.enter(x)
        for layer in self.layers:
            h = layer(h, c)
        out: Tensor = self.leave(F.silu(h))
        return out
