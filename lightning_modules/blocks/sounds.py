"""A denoiser for sounds: a Wiener filter whose spectrum a Transformer learns, over the frames of the waveform's MDCT.

Notation: frames x_t = a x_0 + s eps; p_k power of bin k in the training data; h what the Transformer says of a frame. The clean
frames are estimated as

    x_0 = sigmoid(ln(a² p_k / s²) + A h) x_t / a + s B h.

Without the learned A and B this is the best linear denoiser that treats every bin by itself (Wiener, 1949); A h is the logarithm
of how much louder than usual a bin of this frame is, whatever the noise level; B h adds what no gain can: the phases of a tone.
The output is v = (a x_t - x_0) / s (arXiv:2202.00512). The transform is orthogonal, so the loss in the waveform is the loss in
the frames.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lightning_modules.blocks.conditioning import Conditioning
from lightning_modules.blocks.mdct import MDCT
from lightning_modules.blocks.tokens import Leave, TokenLayer
from lightning_modules.muon import matrices_within

_SILENT = 1e-6
_LARGEST = 12.0


class SoundDenoiser(nn.Module):
    """x [batch, 1, samples], t [batch] on 0..1000, y [batch] or None, signal a and level s [batch, 1, 1] -> v, the shape of x.

    Args:
        known: Training sounds [items, samples]; their power in each bin is where the filter starts from.
        bins: Frequencies of a frame, and samples from one frame to the next; divides the samples.
        width: Size of a token.
        layers: Number of layers.
        classes: Number of classes; 0 when there are none.
    """

    log_power: Tensor

    def __init__(self, known: Tensor, *, bins: int, width: int, layers: int, classes: int = 0) -> None:
        super().__init__()
        self.transform = MDCT(bins)
        power = self.transform(known).square().mean(dim=(0, 1))
        self.register_buffer("log_power", power.clamp(min=_SILENT).log())
        self.conditioning = Conditioning(64, width, classes)
        self.enter = nn.Linear(bins, width)
        self.place = nn.Parameter(0.02 * torch.randn(known.shape[1] // bins, width))
        self.layers = nn.ModuleList(TokenLayer(width, width) for _ in range(layers))
        self.leave = Leave(width, width, 2 * bins)

    def inner_matrices(self) -> list[nn.Parameter]:
        """The weights of the layers; not those by which a condition enters."""
        return matrices_within(self.layers)

    def forward(self, x: Tensor, t: Tensor, y: Tensor | None, signal: Tensor, level: Tensor) -> Tensor:
        c = self.conditioning(t, y)
        frames = self.transform(x[:, 0])  # [batch, frames, bins]
        usual = signal**2 * self.log_power.exp() + level**2  # power of x_t
        h = self.enter(frames / usual.sqrt()) + self.place
        for layer in self.layers:
            h = layer(h, c)
        louder, added = self.leave(h, c).chunk(2, dim=-1)
        snr = self.log_power + 2 * (signal.log() - level.log())
        kept = torch.sigmoid(snr + louder.clamp(-_LARGEST, _LARGEST)) / signal
        v = (signal - kept) / level * frames - added
        out: Tensor = self.transform.inverse(v)[:, None]
        return out
