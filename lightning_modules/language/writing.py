"""Text written token by token from what the network expects next.

The most likely tokens alone repeat themselves; drawn as they come they stray. Between the two lie a temperature τ, which sharpens the
chances to p^(1/τ), and a choice among the k likeliest (arXiv:1805.04833, section 5.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lightning_modules.language.network import LanguageNetwork, Past


@dataclass(frozen=True)
class Manner:
    """How tokens are chosen: `temperature` 0 takes the likeliest; `most_likely` 0 chooses among all."""

    temperature: float = 0.8
    most_likely: int = 0


class Reader:
    """A network that reads on without reading the beginning again.

    When `context` tokens are read, the older half is forgotten, so that places stay among those the network was trained on.
    """

    def __init__(self, network: LanguageNetwork, context: int) -> None:
        self.network, self.context = network, context
        self._past: Past | None = None
        self._tokens: Tensor | None = None

    def read(self, tokens: Tensor) -> Tensor:
        """Read tokens [batch, tokens] that come next -> logits of what follows them, [batch, vocabulary]."""
        whole = tokens if self._tokens is None else torch.cat([self._tokens, tokens], 1)
        if whole.shape[1] > self.context:
            whole = whole[:, -max(1, self.context // 2) :]
            tokens, self._past = whole, None
        logits = self.network(tokens, past=self._past)
        self._tokens, self._past = whole, self.network.read()
        last: Tensor = logits[:, -1]
        return last


def written(
    reader: Reader, prompt: Sequence[int], *, count: int, length: int, manner: Manner, seed: int
) -> list[list[int]]:
    """`count` continuations of a prompt of one token or more, each of `length` tokens; text k is the same whatever `count` is."""
    dice = [np.random.Generator(np.random.PCG64((seed, k))) for k in range(count)]
    device = reader.network.embedding.weight.device
    tokens = torch.tensor([list(prompt)] * count, device=device)
    found: list[Tensor] = []
    for _ in range(length):
        chances = expected(reader.read(tokens), manner)
        u = torch.tensor([one.random() for one in dice], device=device, dtype=chances.dtype)
        tokens = (chances.cumsum(-1) <= u[:, None]).sum(-1, keepdim=True).clamp(max=chances.shape[-1] - 1)
        found.append(tokens)
    return torch.cat(found, 1).tolist() if found else [[] for _ in dice]


def expected(logits: Tensor, manner: Manner) -> Tensor:
    """Chances of the next token, [batch, vocabulary], in double precision."""
    if manner.temperature == 0:
        return torch.nn.functional.one_hot(logits.argmax(-1), logits.shape[-1]).double()
    scaled = logits.double() / manner.temperature
    if 0 < manner.most_likely < logits.shape[-1]:
        least = scaled.topk(manner.most_likely, -1).values[:, -1:]
        scaled = scaled.masked_fill(scaled < least, -torch.inf)
    return scaled.softmax(-1)


def likeliest(logits: Tensor, most: int) -> list[tuple[int, float]]:
    """The likeliest tokens of logits [vocabulary] with their chances, in order."""
    chances, tokens = logits.double().softmax(-1).topk(min(most, logits.shape[-1]))
    return list(zip(tokens.tolist(), chances.tolist(), strict=True))
