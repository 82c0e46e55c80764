"""A denoiser for sounds: a Transformer over the frames of the waveform's MDCT.

The noisy waveform is turned into frames, denoised there and turned back. Since the transform is orthogonal, the loss in the
waveform is the loss in the frames.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lightning_modules.blocks.conditioning import Conditioning
from lightning_modules.blocks.mdct import MDCT
from lightning_modules.blocks.tokens import Leave, TokenLayer


class SoundDenoiser(nn.Module):
    """x [batch, 1, samples], t [batch] on 0..1000, y [batch] or None -> the shape of x.

    Args:
        samples: Length of a sound; divisible by `bins`.
        bins: Frequencies of a frame, and samples from one frame to the next.
        width: Size of a token.
        layers: Number of layers.
        classes: Number of classes; 0 when there are none.
    """

    def __init__(self, samples: int, *, bins: int, width: int, layers: int, classes: int = 0) -> None:
        super().__init__()
        self.transform = MDCT(bins)
        self.conditioning = Conditioning(64, width, classes)
        self.enter = nn.Linear(bins, width)
        self.place = nn.Parameter(0.02 * torch.randn(samples // bins, width))
        self.layers = nn.ModuleList(TokenLayer(width, width) for _ in range(layers))
        self.leave = Leave(width, width, bins, extra=bins)

    def forward(self, x: Tensor, t: Tensor, y: Tensor | None = None) -> Tensor:
        c = self.conditioning(t, y)
        frames = self.transform(x[:, 0])  # [batch, frames, bins]
        h = self.enter(frames) + self.place
        for layer in self.layers:
            h = layer(h, c)
        out: Tensor = self.transform.inverse(self.leave(h, c, frames))
        return out[:, None]
