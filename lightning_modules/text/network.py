"""A small Transformer over tokens (arXiv:1706.03762, with the norm before each part as in arXiv:2002.04745).

Its pooled vector is the mean of its token vectors, brought to length 1: the same pooling as its teacher's
(arXiv:1908.10084), so that the tokens themselves live in the teacher's space. The layers begin as the identity and know the places of the
tokens, the embedding does not: at the start the network is a bag of words, which `start` solves in closed form.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lightning_modules.blocks.residual import zeroed


@dataclass(frozen=True)
class Shape:
    """The sizes of the network; `out` is the width of what it gives, `width` that of what it works in."""

    vocabulary: int
    width: int = 256
    heads: int = 4
    layers: int = 1
    out: int = 384


class Layer(nn.Module):
    """Attention, then a two-layer network at each token: x [batch, tokens, width] -> the same, residual."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.norm_attention = nn.LayerNorm(width)
        self.queries_keys_values = nn.Linear(width, 3 * width)
        self.mix = zeroed(nn.Linear(width, width))
        self.norm_network = nn.LayerNorm(width)
        self.widen = nn.Linear(width, 2 * width)
        self.narrow = zeroed(nn.Linear(2 * width, width))
        self.dropout = nn.Dropout(dropout)
        self.watched: list[Tensor] | None = None

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """`mask` [batch, tokens] is true on real tokens; padding is never attended to."""
        batch, tokens, width = x.shape
        joint = self.queries_keys_values(self.norm_attention(x) + positions(tokens, width).to(x)).view(
            batch, tokens, 3, self.heads, width // self.heads
        )
        q, k, v = joint.permute(2, 0, 3, 1, 4).unbind(0)  # each [batch, heads, tokens, head width]
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None, None])
        if self.watched is not None:  # the fused kernel gives its weights away to nobody
            scores = q @ k.transpose(2, 3) / q.shape[-1] ** 0.5
            self.watched.append(scores.masked_fill(~mask[:, None, None], -torch.inf).softmax(-1))
        x = x + self.dropout(self.mix(mixed.transpose(1, 2).reshape(batch, tokens, width)))
        change: Tensor = self.dropout(self.narrow(F.gelu(self.widen(self.norm_network(x)))))
        return x + change


class TextNetwork(nn.Module):
    """Token numbers [batch, tokens] and mask -> token vectors [batch, tokens, out], zero on padding."""

    def __init__(self, shape: Shape, dropout: float = 0.1) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.ModuleList(Layer(shape.width, shape.heads, dropout) for _ in range(shape.layers))
        self.out = nn.Linear(shape.width, shape.out)

    def forward(self, numbers: Tensor, mask: Tensor) -> Tensor:
        """`mask` [batch, tokens] is true on real tokens."""
        return self.read(self.embedding(numbers), mask)

    def read(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """As a call, from the vectors of tokens [batch, tokens, width] on."""
        x = self.dropout(embedded)
        for layer in self.layers:
            x = layer(x, mask)
        vectors: Tensor = self.out(x) * mask[..., None]
        return vectors

    def watch(self, numbers: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """The vectors, computed as always, and who looks where: [layers, batch, heads, tokens, tokens], rows sum to 1."""
        found: list[Tensor] = []
        layers = [layer for layer in self.layers if isinstance(layer, Layer)]
        for layer in layers:
            layer.watched = found
        try:
            vectors = self(numbers, mask)
        finally:
            for layer in layers:
                layer.watched = None
        return vectors, torch.stack(found)


def pooled(tokens: Tensor, mask: Tensor) -> Tensor:
    """The mean of the real tokens' vectors, of length 1: [batch, tokens, out] -> [batch, out]."""
    total = (tokens * mask[..., None]).sum(1)
    return F.normalize(total / mask.sum(1, keepdim=True), dim=-1)


def positions(tokens: int, width: int) -> Tensor:
    """Sines and cosines of the place in the sentence (arXiv:1706.03762, section 3.5), [tokens, width], at half height, so that they do not drown the words."""
    rates = torch.exp(torch.arange(0, width, 2) * (-math.log(10_000) / width))
    angles = torch.arange(tokens)[:, None] * rates
    return 0.5 * torch.stack([angles.sin(), angles.cos()], -1).flatten(1)
