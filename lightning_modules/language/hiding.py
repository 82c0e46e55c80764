"""Which tokens a masked language model has to tell, and what it is shown in their place (arXiv:1810.04805, section 3.1 and appendix A.1).

Of n tokens max(1, round(share · n)) are chosen. A chosen token is shown as [MASK] in 80 % of the cases, as any token of the vocabulary in
10 %, and as it is in 10 %.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

SHARE = 0.15
SHOWN_AS_MASK, SHOWN_AS_ANY = 0.8, 0.1


@dataclass(frozen=True)
class Hidden:
    """Tokens [batch, tokens] as they are `shown`, and which of them were `chosen` [batch, tokens]."""

    shown: Tensor
    chosen: Tensor


def choose(real: Tensor, share: float, generator: torch.Generator | None = None) -> Tensor:
    """Places [batch, tokens] to tell, evenly drawn among the real ones: max(1, round(share · n)) in a row of n; none in an empty row."""
    dice = torch.rand(real.shape, generator=generator).to(real.device).masked_fill(~real, 2.0)
    count = real.sum(1)
    wanted = torch.minimum((share * count).round().clamp(min=1), count).long()
    rank = dice.argsort(1).argsort(1)
    return rank < wanted[:, None]


def hide(tokens: Tensor, real: Tensor, share: float, *, mask: int, generator: torch.Generator | None = None) -> Hidden:
    """What the model is shown while it learns. Tokens of the vocabulary are 0 … mask - 1; `mask` stands for [MASK]."""
    chosen = choose(real, share, generator)
    die = torch.rand(tokens.shape, generator=generator).to(tokens.device)
    other = torch.randint(mask, tokens.shape, generator=generator).to(tokens.device)
    shown = torch.where(chosen & (die < SHOWN_AS_MASK), torch.full_like(tokens, mask), tokens)
    replaced = chosen & (die >= SHOWN_AS_MASK) & (die < SHOWN_AS_MASK + SHOWN_AS_ANY)
    return Hidden(torch.where(replaced, other, shown), chosen)
