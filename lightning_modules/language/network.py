"""A Transformer over tokens, looking back only (as GPT does) or both ways.

arXiv:1706.03762, with what later work found to train faster at every size: the norm before each part (arXiv:2002.04745) as a
root mean square (arXiv:1910.07467), places told by rotation (arXiv:2104.09864), queries and keys of one length
(arXiv:2010.04245), squared ReLU (arXiv:2109.08668). The last layer begins at zero: an untrained network gives every token
the same chance, so its loss is exactly ln V.

Shapes: tokens [batch, tokens], x [batch, tokens, width], attention [batch, heads, tokens, tokens].
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lightning_modules.blocks.residual import zeroed

Past = list[tuple[Tensor, Tensor]]
"""Keys and values of what was read, a pair a layer, each [batch, heads, tokens, head width]."""
_SLOWEST = 10_000.0


@dataclass(frozen=True)
class Shape:
    """The sizes of the network; `causal`: a token sees those before it and itself."""

    vocabulary: int
    width: int = 128
    heads: int = 4
    layers: int = 4
    causal: bool = True
    dropout: float = 0.0


class Attention(nn.Module):
    """Attention among tokens. While `watched` is a list, the weights [batch, heads, tokens, tokens] of each call are added to it."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads, self.causal = shape.heads, shape.causal
        self.queries_keys_values = nn.Linear(shape.width, 3 * shape.width, bias=False)
        self.mix = zeroed(nn.Linear(shape.width, shape.width, bias=False))
        self.watched: list[Tensor] | None = None

    def forward(self, x: Tensor, turn: Tensor, real: Tensor | None, past: tuple[Tensor, Tensor] | None) -> Tensor:
        """x [batch, tokens, width] -> the same; `past` are keys and values of the tokens before."""
        batch, tokens, width = x.shape
        joint = self.queries_keys_values(x).view(batch, tokens, 3, self.heads, width // self.heads)
        q, k, v = joint.permute(2, 0, 3, 1, 4).unbind(0)  # each [batch, heads, tokens, head width]
        q, k = turned(F.rms_norm(q, q.shape[-1:]), turn), turned(F.rms_norm(k, k.shape[-1:]), turn)
        if past is not None:
            k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
        self.read = (k, v)
        if self.watched is not None:
            self.watched.append(self._weights(q, k, real))
        seen = self._seen(q, k, real)
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=seen, is_causal=self.causal and seen is None)
        out: Tensor = self.mix(mixed.transpose(1, 2).reshape(batch, tokens, width))
        return out

    def _seen(self, q: Tensor, k: Tensor, real: Tensor | None) -> Tensor | None:
        """What may be looked at, true, [batch or 1, 1, queries, keys]; None: all, or all before where all is square."""
        before, queries = k.shape[2] - q.shape[2], q.shape[2]
        order = None
        if self.causal and (before or real is not None):
            order = torch.ones(queries, k.shape[2], dtype=torch.bool, device=q.device).tril(before)[None, None]
        if real is None:
            return order
        return real[:, None, None] if order is None else real[:, None, None] & order

    def _weights(self, q: Tensor, k: Tensor, real: Tensor | None) -> Tensor:
        scores = q @ k.transpose(2, 3) / q.shape[-1] ** 0.5
        seen = self._seen(q, k, real)
        if seen is None and self.causal:
            seen = torch.ones(scores.shape[2:], dtype=torch.bool, device=q.device).tril()
        weights: Tensor = (scores if seen is None else scores.masked_fill(~seen, -torch.inf)).softmax(-1)
        return weights


class Layer(nn.Module):
    """Attention, then a two-layer network at each token, both residual."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.norm_attention = nn.RMSNorm(shape.width)
        self.attention = Attention(shape)
        self.norm_network = nn.RMSNorm(shape.width)
        self.widen = nn.Linear(shape.width, 4 * shape.width, bias=False)
        self.narrow = zeroed(nn.Linear(4 * shape.width, shape.width, bias=False))
        self.dropout = nn.Dropout(shape.dropout)

    def forward(self, x: Tensor, turn: Tensor, real: Tensor | None, past: tuple[Tensor, Tensor] | None) -> Tensor:
        """x [batch, tokens, width] -> the same."""
        x = x + self.dropout(self.attention(self.norm_attention(x), turn, real, past))
        wide = F.relu(self.widen(self.norm_network(x)))
        change: Tensor = self.narrow(wide * wide)  # `square` takes twice as long on the way back
        out: Tensor = x + self.dropout(change)
        return out


class LanguageNetwork(nn.Module):
    """Tokens -> what is said of each place, logits [batch, tokens, vocabulary].

    `real` [batch, tokens] is true on tokens that are no padding. `past` is what an earlier call left in `read()`; then `tokens` are
    those that come after it.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.norm_first = nn.RMSNorm(shape.width)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm_last = nn.RMSNorm(shape.width)
        self.head = zeroed(nn.Linear(shape.width, shape.vocabulary))

    def forward(self, tokens: Tensor, real: Tensor | None = None, past: Past | None = None) -> Tensor:
        """Logits [batch, tokens, vocabulary]."""
        head: Tensor = self.head(self.vectors(tokens, real, past))
        return head

    def vectors(self, tokens: Tensor, real: Tensor | None = None, past: Past | None = None) -> Tensor:
        """A vector for each token, [batch, tokens, width]: what the last layer reads."""
        return self.read_on(self.embedding(tokens), real, past)

    def read_on(self, embedded: Tensor, real: Tensor | None = None, past: Past | None = None) -> Tensor:
        """As `vectors`, from the vectors of tokens [batch, tokens, width] on."""
        first = 0 if past is None else past[0][0].shape[2]
        turn = rotation(first, embedded.shape[1], self.shape.width // self.shape.heads).to(self.embedding.weight)
        x = self.norm_first(embedded)
        for number, layer in enumerate(self.layers):
            x = layer(x, turn, real, None if past is None else past[number])
        last: Tensor = self.norm_last(x)
        return last

    def attentions(self) -> list[Attention]:
        """The attention of each layer."""
        return [module for module in self.modules() if isinstance(module, Attention)]

    def read(self) -> Past:
        """Keys and values of all that the last call has read, to go on from."""
        return [one.read for one in self.attentions()]

    def watch(self, tokens: Tensor, real: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Logits, computed as always, and who looks where: [layers, batch, heads, tokens, tokens], rows sum to 1."""
        found: list[Tensor] = []
        for one in self.attentions():
            one.watched = found
        try:
            logits = self(tokens, real)
        finally:
            for one in self.attentions():
                one.watched = None
        return logits, torch.stack(found)


def rotation(first: int, tokens: int, width: int) -> Tensor:
    """Cosines and sines of the angle by which each pair of numbers is turned at each place, [2, tokens, width / 2]."""
    rates = _SLOWEST ** (-torch.arange(0, width, 2) / width)
    angles = torch.arange(first, first + tokens)[:, None] * rates
    return torch.stack([angles.cos(), angles.sin()])


def turned(x: Tensor, turn: Tensor) -> Tensor:
    """x [batch, heads, tokens, head width], each pair turned by its place: products then depend on distances alone."""
    left, right = x.chunk(2, dim=-1)
    cos, sin = turn
    return torch.cat([left * cos - right * sin, right * cos + left * sin], -1)
