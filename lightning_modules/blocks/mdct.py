"""The modified discrete cosine transform: a spectrogram that is real, has as many numbers as the sound, and inverts exactly.

Princen, Johnson, Bradley, ICASSP 1987; here as an orthogonal matrix: at each border between blocks of N samples the
N/2 on either side are rotated into each other (the sine window), then every block goes through a DCT-IV. At the two
ends of the sound nothing is folded, so samples and coefficients are equally many. Being orthogonal it turns white
Gaussian noise into white Gaussian noise: a diffusion of coefficients is a diffusion of the waveform.

Inside, coefficient k of block m is sqrt(2/N) sum_n w_n x_{mN - N/2 + n} cos(pi/N (n + 1/2 - N/2)(k + 1/2)), n < 2N, with
w_n = sin(pi/(2N) (n + 1/2)).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class MDCT(nn.Module):
    """Waveforms [batch, samples] <-> coefficients [batch, samples / bins, bins]; `bins` is even and divides samples.

    `forward` and `inverse` are exact inverses and transposes of each other.
    """

    rotation: Tensor
    cosines: Tensor

    def __init__(self, bins: int) -> None:
        super().__init__()
        if bins % 2:
            raise ValueError(f"{bins} bins: the number must be even")
        self.bins = bins
        n = torch.arange(bins, dtype=torch.float64) + 0.5
        rising = torch.sin(math.pi / (2 * bins) * n)
        half = bins // 2
        kept, lent = rising[half:], rising[:half].flip(0)
        self.register_buffer("rotation", torch.stack([kept, lent]).float(), persistent=False)
        cosines = math.sqrt(2 / bins) * torch.cos(math.pi / bins * torch.outer(n, n))
        self.register_buffer("cosines", cosines.float(), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        blocks = x.reshape(*x.shape[:-1], -1, self.bins)
        return self._turned(blocks, 1.0) @ self.cosines

    def inverse(self, coefficients: Tensor) -> Tensor:
        """Coefficients [batch, blocks, bins] -> waveforms [batch, samples]."""
        return self._turned(coefficients @ self.cosines, -1.0).flatten(-2)

    def _turned(self, blocks: Tensor, sign: float) -> Tensor:
        """Rotate the samples on both sides of every border between blocks, forth (1) or back (-1)."""
        half = self.bins // 2
        kept, lent = self.rotation[0], sign * self.rotation[1]
        before = blocks[..., :-1, half:].flip(-1)  # outwards from the border
        after = blocks[..., 1:, :half]
        left = torch.cat([(kept * before - lent * after).flip(-1), blocks[..., -1:, half:]], dim=-2)
        right = torch.cat([blocks[..., :1, :half], kept * after + lent * before], dim=-2)
        return torch.cat([right, left], dim=-1)
