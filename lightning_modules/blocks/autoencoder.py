"""A small convolutional autoencoder with a Gaussian latent (arXiv:1312.6114), as latent diffusion uses it (arXiv:2112.10752).

q(z|x) = N(mean, exp(log_variance)); KL(q || N(0, I)) = ½ sum(mean² + variance - 1 - log variance), arXiv:1312.6114,
appendix B. The picture enters as 2×2 patches and is halved once more: the latent has a quarter of its height and width.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lightning_modules.blocks.residual import Down, Up, group_norm, zeroed
from lightning_modules.muon import matrices_within

FACTOR = 4
"""Pixels of the picture to one of the latent, along each side."""
_PATCH = 2
_RANGE = (-20.0, 10.0)
"""Log variances are kept in here, so that neither they nor the KL run away."""


@dataclass(frozen=True)
class Gaussian:
    """Independent normal distributions with `mean` and `log_variance` [batch, ...]."""

    mean: Tensor
    log_variance: Tensor

    def sample(self) -> Tensor:
        """One draw from each, with gradients to both."""
        return self.mean + torch.exp(0.5 * self.log_variance) * torch.randn_like(self.mean)

    def kl(self) -> Tensor:
        """KL divergence from N(0, I) in nats, summed over an item: [batch]."""
        terms = self.mean.square() + self.log_variance.exp() - 1 - self.log_variance
        return 0.5 * terms.flatten(1).sum(dim=1)


class PlainBlock(nn.Module):
    """Norm, SiLU, 3×3 convolution, twice, around a skip: x [batch, channels, height, width] -> the same."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first_norm, self.second_norm = group_norm(channels), group_norm(channels)
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = zeroed(nn.Conv2d(channels, channels, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        h = self.first(F.silu(self.first_norm(x)))
        change: Tensor = self.second(F.silu(self.second_norm(h)))
        return x + change


class Autoencoder(nn.Module):
    """x [batch, colours, height, width] <-> z [batch, latent, height / 4, width / 4]; both sides divisible by 4."""

    def __init__(self, colours: int, *, channels: int = 32, latent: int = 4) -> None:
        super().__init__()
        inner, wide = colours * _PATCH**2, 2 * channels
        self.enter = nn.Conv2d(inner, channels, 3, padding=1)
        self.encoder = nn.ModuleList([PlainBlock(channels), Down(channels)])
        self.widen = nn.Conv2d(channels, wide, 1)
        self.encoder_deep = PlainBlock(wide)
        self.to_latent = nn.Conv2d(wide, 2 * latent, 1)
        self.from_latent = nn.Conv2d(latent, wide, 3, padding=1)
        self.decoder_deep = nn.Sequential(PlainBlock(wide), PlainBlock(wide))
        self.narrow = nn.Conv2d(wide, channels, 1)
        self.up = Up(channels)
        self.decoder = nn.Sequential(PlainBlock(channels), PlainBlock(channels), group_norm(channels), nn.SiLU())
        self.leave = nn.Conv2d(channels, inner, 3, padding=1)

    def inner_matrices(self) -> list[nn.Parameter]:
        """The weights between features; not those of pixels and latents."""
        return matrices_within(
            self.encoder, self.widen, self.encoder_deep, self.decoder_deep, self.narrow, self.up, self.decoder
        )

    def encode(self, x: Tensor) -> Gaussian:
        """Where x lies in the latent space."""
        h = self.enter(F.pixel_unshuffle(x, _PATCH))
        for layer in self.encoder:
            h = layer(h)
        mean, log_variance = self.to_latent(self.encoder_deep(self.widen(h))).chunk(2, dim=1)
        return Gaussian(mean, log_variance.clamp(*_RANGE))

    def decode(self, z: Tensor) -> Tensor:
        """The picture of z, not clipped."""
        h = self.narrow(self.decoder_deep(self.from_latent(z)))
        h = self.decoder(self.up(h, 2 * h.shape[-2], 2 * h.shape[-1]))
        return F.pixel_shuffle(self.leave(h), _PATCH)
