"""What a text encoder gives, and what it must be able to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor


@dataclass(frozen=True)
class Encoded:
    """Prompts as vectors, without gradient.

    `tokens` [batch, tokens, width] is for cross-attention and zero on padding, `mask` [batch, tokens] true on real tokens,
    `pooled` [batch, width] the whole prompt as one vector of length 1. `tokens` is as long as the longest prompt.
    """

    tokens: Tensor
    mask: Tensor
    pooled: Tensor


class PromptEncoder(Protocol):
    """A frozen text encoder; equal prompts give equal vectors, whatever stands beside them (to rounding)."""

    @property
    def width(self) -> int:
        """Numbers in one vector."""

    def check_prompt(self, prompt: str) -> str:
        """The prompt in its one spelling, or `Problem` with field `prompt`."""

    def encode(self, prompts: Sequence[str]) -> Encoded:
        """Vectors of prompts, or `Problem` for the first that cannot be read."""

    def pieces(self, prompt: str) -> list[str]:
        """The token of each vector, to label an attention map with."""
