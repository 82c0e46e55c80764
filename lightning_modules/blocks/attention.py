"""Attention of the pixels of a feature map: to each other (arXiv:1805.08318; heads as in arXiv:2105.05233), and to the
tokens of a text (arXiv:2112.10752, section 3.3, with a learned "nothing" to attend to, as in arXiv:2205.11487, appendix B).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lightning_modules.blocks.residual import group_norm, zeroed


class PixelAttention(nn.Module):
    """Every pixel attends to every pixel: x [batch, channels, height, width] -> the same, residual.

    Args:
        channels: Channels of x; divisible by `head_width`, else one head is used.
        head_width: Channels of one head.
        groups: Groups of the norm; 0: as the channels say.
    """

    def __init__(self, channels: int, head_width: int = 32, groups: int = 0) -> None:
        super().__init__()
        self.heads = channels // head_width if channels % head_width == 0 else 1
        self.norm = group_norm(channels, groups)
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


@dataclass(frozen=True)
class TextContext:
    """A text as a network is told it: `tokens` [batch, tokens, width], `mask` [batch, tokens] true on real tokens, `pooled` [batch, width].

    All masked and all zero stands for "nothing is told".
    """

    tokens: Tensor
    mask: Tensor
    pooled: Tensor


class TextAttention(nn.Module):
    """Every pixel attends to the tokens of a text: x [batch, channels, height, width] -> the same, residual.

    Beside the tokens there is always one learned key and value, which pixels attend to when no text is told.

    Args:
        channels: Channels of x; divisible by `head_width`, else one head is used.
        width: Numbers in one token.
        head_width: Channels of one head.
    """

    def __init__(self, channels: int, width: int, head_width: int = 32) -> None:
        super().__init__()
        self.heads = channels // head_width if channels % head_width == 0 else 1
        self.norm = group_norm(channels)
        self.queries = nn.Linear(channels, channels)
        self.keys_values = nn.Linear(width, 2 * channels)
        self.nothing = nn.Parameter(0.1 * torch.randn(2, channels))
        self.out = zeroed(nn.Linear(channels, channels))
        self.maps: list[Tensor] | None = None

    def forward(self, x: Tensor, text: TextContext) -> Tensor:
        batch, channels, height, width = x.shape
        queries = self._by_head(self.queries(self.norm(x).flatten(2).transpose(1, 2)))
        of_text = self.keys_values(text.tokens).view(batch, -1, 2, channels)
        joint = torch.cat([self.nothing.expand(batch, 1, 2, channels).to(of_text.dtype), of_text], dim=1)
        keys, values = (self._by_head(part) for part in joint.unbind(2))
        seen = F.pad(text.mask, (1, 0), value=True)[:, None, None]  # [batch, 1, 1, 1 + tokens]
        mixed = F.scaled_dot_product_attention(queries, keys, values, attn_mask=seen)
        if self.maps is not None:
            self.maps.append(_weights(queries, keys, seen).view(batch, self.heads, height, width, -1))
        change: Tensor = self.out(mixed.transpose(1, 2).flatten(2)).transpose(1, 2).reshape(x.shape)
        return x + change

    def _by_head(self, tokens: Tensor) -> Tensor:
        """[batch, tokens, channels] -> [batch, heads, tokens, head width]."""
        batch, count, channels = tokens.shape
        return tokens.reshape(batch, count, self.heads, channels // self.heads).transpose(1, 2)


@torch.no_grad()
def _weights(queries: Tensor, keys: Tensor, seen: Tensor) -> Tensor:
    """The attention itself [batch, heads, queries, keys], which the fused kernel does not give away."""
    scores = queries @ keys.transpose(-1, -2) / queries.shape[-1] ** 0.5
    shares: Tensor = scores.masked_fill(~seen, -torch.inf).softmax(dim=-1)
    return shares


@contextmanager
def text_maps(network: nn.Module) -> Iterator[list[Tensor]]:
    """What the pixels of `network` look at inside the block: one map [batch, heads, height, width, 1 + tokens] a layer and call.

    The first of the last axis is "nothing". The output of the network is the same, to the bit.
    """
    found: list[Tensor] = []
    layers = [layer for layer in network.modules() if isinstance(layer, TextAttention)]
    for layer in layers:
        layer.maps = found
    try:
        yield found
    finally:
        for layer in layers:
            layer.maps = None
