"""A denoiser for sets of points in space: a Set Transformer (arXiv:1810.00825), blind to the order of the points.

Every point enters by itself, as its coordinates and their sines and cosines at a few octaves (arXiv:2006.10739), and attends to
all others through inducing points. Permuting the points permutes the output.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from lightning_modules.blocks.conditioning import Conditioning
from lightning_modules.blocks.tokens import Leave, TokenLayer
from lightning_modules.muon import matrices_within

_OCTAVES = 5


class CloudDenoiser(nn.Module):
    """x [batch, points, 3], t [batch] on 0..1000, y [batch] or None -> the shape of x.

    Args:
        width: Size of a token.
        layers: Number of layers.
        through: Inducing points of each layer; 0: full attention.
        classes: Number of classes; 0 when there are none.
    """

    octaves: Tensor

    def __init__(self, *, width: int, layers: int, through: int, classes: int = 0) -> None:
        super().__init__()
        self.register_buffer("octaves", math.pi / 2 * 2.0 ** torch.arange(_OCTAVES), persistent=False)
        features = 3 * (1 + 2 * _OCTAVES)
        self.conditioning = Conditioning(64, width, classes)
        self.enter = nn.Linear(features, width)
        self.layers = nn.ModuleList(TokenLayer(width, width, through=through, widen=2) for _ in range(layers))
        self.leave = Leave(width, width, 3, extra=features)

    def inner_matrices(self) -> list[nn.Parameter]:
        """The weights of the layers; not those by which a condition enters."""
        return matrices_within(self.layers)

    def forward(self, x: Tensor, t: Tensor, y: Tensor | None = None) -> Tensor:
        c = self.conditioning(t, y)
        angles = (x[..., None] * self.octaves).flatten(-2)  # [batch, points, 3 octaves]
        features = torch.cat([x, angles.sin(), angles.cos()], dim=-1)
        h = self.enter(features)
        for layer in self.layers:
            h = layer(h, c)
        out: Tensor = self.leave(h, c, features)
        return out
