"""Transformer layers that are told the noise level and class by scale, shift and gate (adaLN-zero, arXiv:2212.09748).

Shapes: h [batch, tokens, width], c [batch, condition]. A new layer starts as the identity. Nothing here knows an order of
the tokens: permuting them permutes the output.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lightning_modules.blocks.residual import zeroed


class Attention(nn.Module):
    """Tokens of h [batch, tokens, width] look at those of `seen` [batch, others, width] -> [batch, tokens, width]."""

    def __init__(self, width: int, head_width: int = 32) -> None:
        super().__init__()
        self.heads = width // head_width if width % head_width == 0 else 1
        self.queries = nn.Linear(width, width)
        self.keys_values = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def forward(self, h: Tensor, seen: Tensor) -> Tensor:
        q = self.queries(h).unflatten(-1, (self.heads, -1)).transpose(1, 2)  # [batch, heads, tokens, head width]
        k, v = self.keys_values(seen).unflatten(-1, (2, self.heads, -1)).permute(2, 0, 3, 1, 4)
        mixed: Tensor = self.out(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))
        return mixed


class TokenLayer(nn.Module):
    """Attention and a two-layer perceptron, each normalised, modulated and gated by the condition.

    Args:
        width: Size of a token.
        condition: Size of the condition.
        through: Number of inducing points. 0: every token attends to every token. Otherwise attention goes through that
            many learned tokens, which first gather from all and are then read by all (arXiv:1810.00825, section 3.2): its
            cost grows linearly with the number of tokens.
        widen: Hidden size of the perceptron over `width`.
    """

    def __init__(self, width: int, condition: int, *, through: int = 0, widen: int = 4) -> None:
        super().__init__()
        self.first_norm = nn.LayerNorm(width, elementwise_affine=False)
        self.second_norm = nn.LayerNorm(width, elementwise_affine=False)
        self.modulate = zeroed(nn.Linear(condition, 6 * width))
        self.attend = Attention(width)
        self.inducing = nn.Parameter(torch.randn(through, width)) if through else None
        self.gather = Attention(width) if through else None
        self.think = nn.Sequential(nn.Linear(width, widen * width), nn.GELU(), nn.Linear(widen * width, width))

    def forward(self, h: Tensor, c: Tensor) -> Tensor:
        scale, shift, gate, scale_2, shift_2, gate_2 = self.modulate(F.silu(c))[:, None].chunk(6, dim=-1)
        tokens = self.first_norm(h) * (1 + scale) + shift
        seen = tokens
        if self.gather is not None and self.inducing is not None:
            seen = self.second_norm(self.inducing + self.gather(self.inducing.expand(len(h), -1, -1), tokens))
        h = h + gate * self.attend(tokens, seen)
        thought: Tensor = h + gate_2 * self.think(self.second_norm(h) * (1 + scale_2) + shift_2)
        return thought


class Leave(nn.Module):
    """Last norm, modulated, and a linear map to `outputs` that starts at zero: [batch, tokens, width + extra]."""

    def __init__(self, width: int, condition: int, outputs: int, *, extra: int = 0) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.modulate = zeroed(nn.Linear(condition, 2 * width))
        self.out = zeroed(nn.Linear(width + extra, outputs))

    def forward(self, h: Tensor, c: Tensor, beside: Tensor | None = None) -> Tensor:
        scale, shift = self.modulate(F.silu(c))[:, None].chunk(2, dim=-1)
        h = self.norm(h) * (1 + scale) + shift
        out: Tensor = self.out(h if beside is None else torch.cat([h, beside], dim=-1))
        return out
