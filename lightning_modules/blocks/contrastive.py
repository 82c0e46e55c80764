"""A small CLIP, arXiv:2103.00020: pictures and texts as vectors of length 1 that are near when they belong together.

Loss (figure 3 there): symmetric InfoNCE over a batch, logits = cosines / temperature. Where several items of a batch bear the
same label they are all right answers, equally (arXiv:2204.03610, equation 2); with all labels different this is CLIP's own loss.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lightning_modules.blocks.autoencoder import PlainBlock
from lightning_modules.blocks.residual import Down, group_norm

_FIRST_TEMPERATURE = 0.07
_SHARPEST = math.log(100)


def contrastive_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Symmetric InfoNCE of logits [items, items] between pictures (rows) and texts (columns), labels [items]."""
    same = (labels[:, None] == labels[None]).to(logits.dtype)
    right = same / same.sum(dim=1, keepdim=True)
    return 0.5 * (F.cross_entropy(logits, right) + F.cross_entropy(logits.T, right))


class PictureEncoder(nn.Module):
    """x [batch, colours, height, width] -> [batch, width] of length 1."""

    def __init__(self, colours: int, *, channels: int, width: int) -> None:
        super().__init__()
        self.enter = nn.Conv2d(colours, channels, 3, stride=2, padding=1)
        self.body = nn.Sequential(
            PlainBlock(channels),
            Down(channels),
            nn.Conv2d(channels, 2 * channels, 1),
            PlainBlock(2 * channels),
            group_norm(2 * channels),
            nn.SiLU(),
            nn.AdaptiveAvgPool2d(2),
            nn.Flatten(),
            nn.Linear(8 * channels, width),
        )

    def forward(self, x: Tensor) -> Tensor:
        return F.normalize(self.body(self.enter(x)), dim=1)


class Clip(nn.Module):
    """Both encoders; the texts come as vectors [batch, text] of a frozen text encoder."""

    def __init__(self, colours: int, text: int, *, channels: int, width: int) -> None:
        super().__init__()
        self.picture = PictureEncoder(colours, channels=channels, width=width)
        self.text = nn.Sequential(nn.Linear(text, 2 * width), nn.SiLU(), nn.Linear(2 * width, width))
        self.log_sharpness = nn.Parameter(torch.tensor(-math.log(_FIRST_TEMPERATURE)))

    def text_vector(self, pooled: Tensor) -> Tensor:
        """Texts [batch, text] -> [batch, width] of length 1."""
        return F.normalize(self.text(pooled), dim=1)

    def loss(self, x: Tensor, pooled: Tensor, labels: Tensor) -> Tensor:
        """The contrastive loss of pictures with their texts."""
        sharpness = self.log_sharpness.clamp(max=_SHARPEST).exp()
        return contrastive_loss(sharpness * self.picture(x) @ self.text_vector(pooled).T, labels)
