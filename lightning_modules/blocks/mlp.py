"""A denoiser for points in the plane: a residual multilayer perceptron modulated by noise level and class."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from lightning_modules.blocks.conditioning import Conditioning
from lightning_modules.blocks.residual import zeroed


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

    def forward(self, x: Tensor, t: Tensor, y: Tensor | None = None) -> Tensor:
        c = F.silu(self.conditioning(t, y))
        h = self.enter(x)
        for layer in self.layers:
            h = layer(h, c)
        out: Tensor = self.leave(F.silu(h))
        return out
