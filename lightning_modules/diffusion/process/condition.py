"""What a denoiser is told about a batch besides x_t and t: the class, and whatever else a method adds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor


@dataclass(frozen=True)
class Condition:
    """`y` [batch] are class numbers, the number of classes standing for "unknown"; None: the model is told none.

    `more` holds further tensors [batch, ...] by name: a mask, a small picture, the tokens of a text.
    """

    y: Tensor | None = None
    more: Mapping[str, Tensor] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether nothing is told at all."""
        return self.y is None and not self.more

    def and_then(self, other: Condition) -> Condition:
        """Both conditions as one of a batch twice as long."""
        y = None if self.y is None or other.y is None else torch.cat([self.y, other.y])
        return Condition(y, {name: torch.cat([value, other.more[name]]) for name, value in self.more.items()})


NOTHING = Condition()
