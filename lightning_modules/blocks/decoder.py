"""A small convolutional decoder: a vector becomes a picture. Shapes: z [batch, latent] -> [batch, outputs, height, width].

The vector becomes a map of a quarter of the sides, is enlarged once, and the last layer writes 2×2 pixels at a time (arXiv:1609.05158).
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from lightning_modules.blocks.autoencoder import PlainBlock
from lightning_modules.blocks.residual import Up, group_norm


class SmallDecoder(nn.Module):
    """z -> picture, not clipped."""

    def __init__(self, latent: int, outputs: int, height: int, width: int, *, channels: int) -> None:
        super().__init__()
        self.size = height, width
        self.start = 2 * channels, -(-height // 4), -(-width // 4)
        deep, rows, columns = self.start
        self.enter = nn.Linear(latent, deep * rows * columns)
        self.deep = PlainBlock(deep)
        self.narrow = nn.Conv2d(deep, channels, 1)
        self.up = Up(channels)
        self.wide = nn.Sequential(PlainBlock(channels), group_norm(channels), nn.SiLU())
        self.leave = nn.Conv2d(channels, 4 * outputs, 3, padding=1)

    def forward(self, z: Tensor) -> Tensor:
        h = self.narrow(self.deep(self.enter(z).view(len(z), *self.start)))
        h = self.wide(self.up(h, 2 * self.start[1], 2 * self.start[2]))
        whole: Tensor = F.pixel_shuffle(self.leave(h), 2)
        return whole[..., : self.size[0], : self.size[1]]
