"""How well texts find their counterparts, and which known name is nearest to a prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from data.text import Text
from lightning_modules.text.encoded import PromptEncoder


def match_rate(queries: Tensor, targets: Tensor) -> float:
    """Share of queries [items, width] whose nearest target [items, width] by cosine is their own; all of length 1."""
    own = torch.arange(len(queries), device=queries.device)
    return (queries @ targets.T).argmax(1).eq(own).double().mean().item()


@dataclass(frozen=True)
class Nearest:
    """The known name nearest to a prompt: its number, its words, and the cosine in [-1, 1] (1: the same)."""

    index: int
    name: Text
    similarity: float


class KnownNames:
    """Names to look a prompt up in; a name may be found by its English or its Hindi words."""

    def __init__(self, encoder: PromptEncoder, names: Sequence[Text], *, hindi: bool = True) -> None:
        self.encoder = encoder
        self.names = tuple(names)
        self.sides = [encoder.encode([name.en for name in names]).pooled]
        if hindi:
            self.sides.append(encoder.encode([name.hi for name in names]).pooled)

    def nearest(self, prompt: str, count: int = 1) -> list[Nearest]:
        """The `count` names nearest to a prompt, nearest first.

        Raises:
            Problem: The prompt cannot be read.
        """
        prompt_vector = self.encoder.encode([prompt]).pooled[0]
        similarity = torch.stack([side @ prompt_vector for side in self.sides]).amax(0)  # [names]
        best = similarity.topk(min(count, len(self.names)))
        return [
            Nearest(k, self.names[k], value)
            for k, value in zip(best.indices.tolist(), best.values.tolist(), strict=True)
        ]
