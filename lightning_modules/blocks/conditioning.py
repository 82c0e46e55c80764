"""What a denoiser is told besides the noisy input: how noisy it is, and which class is wanted.

Time embedding of arXiv:1706.03762, section 3.5, as used in arXiv:2006.11239, appendix B. Notation: t [batch], noise
level on the scale 0..1000 whatever the number of noise steps; y [batch] class number, `classes` = "no class".
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

TIME_SCALE = 1000.0
_LONGEST_PERIOD = 10_000.0


def sinusoids(t: Tensor, width: int) -> Tensor:
    """Cosines and sines of t at geometrically spaced frequencies: [batch] -> [batch, width]; `width` is even."""
    half = width // 2
    frequencies = torch.exp(
        -math.log(_LONGEST_PERIOD) * torch.arange(half, device=t.device, dtype=torch.float32) / half
    )
    angles = t.float()[:, None] * frequencies[None]
    return torch.cat([angles.cos(), angles.sin()], dim=1)


class Conditioning(nn.Module):
    """(t, y) -> one vector a sample that every block is modulated with: [batch, width].

    Args:
        base: Number of sinusoids.
        width: Size of the vector.
        classes: Number of classes; 0 when the data has none. One more row is learned for "no class".
    """

    def __init__(self, base: int, width: int, classes: int = 0) -> None:
        super().__init__()
        self.base = base
        self.classes = classes
        self.time = nn.Sequential(nn.Linear(base, width), nn.SiLU(), nn.Linear(width, width))
        self.label = nn.Embedding(classes + 1, width) if classes else None

    def forward(self, t: Tensor, y: Tensor | None) -> Tensor:
        vector: Tensor = self.time(sinusoids(t, self.base))
        if self.label is None:
            return vector
        known = y if y is not None else torch.full_like(t, self.classes, dtype=torch.long)
        joint: Tensor = vector + self.label(known)
        return joint
