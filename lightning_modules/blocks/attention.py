"""Self-attention over the pixels of a feature map (arXiv:1805.08318; heads as in arXiv:2105.05233)."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from lightning_modules.blocks.residual import group_norm, zeroed


class PixelAttention(nn.Module):
    """Every pixel attends to every pixel: x [batch, channels, height, width] -> the same, residual.

    Args:
        channels: Channels of x; divisible by `head_width`, else one head is used.
        head_width: Channels of one head.
    """

    def __init__(self, channels: int, head_width: int = 32) -> None:
        super().__init__()
        self.heads = channels // head_width if channels % head_width == 0 else 1
        self.norm = group_norm(channels)
        self.queries_keys_values = nn.Linear(channels, 3 * channels)
        self.out = zeroed(nn.Linear(channels, channels))

    def forward(self, x: Tensor) -> Tensor:
        batch, channels, height, width = x.shape
        tokens = self.norm(x).flatten(2).transpose(1, 2)  # [batch, tokens, channels]
        joint = self.queries_keys_values(tokens).view(batch, height * width, 3, self.heads, channels // self.heads)
        q, k, v = joint.permute(2, 0, 3, 1, 4).unbind(0)  # each [batch, heads, tokens, head width]
        mixed = F.scaled_dot_product_attention(q, k, v)
        mixed = mixed.transpose(1, 2).reshape(batch, height * width, channels)
        change: Tensor = self.out(mixed).transpose(1, 2).reshape(batch, channels, height, width)
        return x + change
