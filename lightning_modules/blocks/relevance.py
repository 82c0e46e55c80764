"""Attention while a network answers, how an answer changes with it, and what both say together: gradient-weighted attention.

The fused kernel gives no weights away. Within `Recorded` every call of scaled_dot_product_attention is worked out as
softmax(Q Kᵀ / sqrt(d) + mask) V instead, whoever makes it: the answer is the same but for rounding, and the weights are part of the graph.

Gradient-weighted attention (arXiv:2103.15679, equations 5 and 6) counts attention where more of it would raise the score,
  R <- R + mean over heads of (dF/dA ⊙ A)⁺ · R, from R = I.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.overrides import TorchFunctionMode

_AT_ONCE = 16


class Recorded(TorchFunctionMode):
    """Within the block, `weights` collects the attention of each call, [batch, heads, queries, keys]; rows sum to 1."""

    def __init__(self) -> None:
        super().__init__()
        self.weights: list[Tensor] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is not F.scaled_dot_product_attention:
            return func(*args, **(kwargs or {}))
        return self._attended(*args, **(kwargs or {}))

    def _attended(
        self, query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None, dropout_p: float = 0.0,
        is_causal: bool = False, scale: float | None = None, enable_gqa: bool = False,
    ) -> Tensor:  # fmt: skip
        score = query @ key.transpose(-1, -2) * (scale or 1 / math.sqrt(query.shape[-1]))
        if is_causal:
            attn_mask = torch.ones(score.shape[-2:], dtype=torch.bool, device=score.device).tril()
        if attn_mask is not None:
            score = score.masked_fill(~attn_mask, -math.inf) if attn_mask.dtype == torch.bool else score + attn_mask
        weight = score.softmax(dim=-1)
        if not weight.requires_grad and torch.is_grad_enabled():
            weight.requires_grad_()
        self.weights.append(weight)
        return weight @ value


def relevance(weights: Tensor, slopes: Tensor) -> Tensor:
    """Both [layers, heads, tokens, tokens], the first layer first -> R - I [tokens, tokens]."""
    start = torch.eye(weights.shape[-1], dtype=weights.dtype)
    reached = start.clone()
    for layer in (weights * slopes).relu().mean(dim=1):
        reached = reached + layer @ reached
    return reached - start


def drawn_on(ask: Callable[[int], Tensor], tokens: int) -> Tensor:
    """What the score of each token drew from each, [tokens, tokens]; rows sum to 1, or to 0 where no attention raised the score.

    Args:
        ask: The network on so many copies of one text -> the scores of its tokens [copies, tokens].
        tokens: How many there are.
    """
    rows = []
    for first in range(0, tokens, _AT_ONCE):
        places = torch.arange(first, min(first + _AT_ONCE, tokens))
        with torch.enable_grad(), Recorded() as recorded:
            scores = ask(len(places))
        each = scores[torch.arange(len(places)), places.to(scores.device)]  # copy k answers for one token alone
        slopes = torch.stack([one.cpu() for one in torch.autograd.grad(each.sum(), recorded.weights)])
        weights = torch.stack(
            [one.detach().cpu() for one in recorded.weights]
        )  # [layers, copies, heads, tokens, tokens]
        rows += [relevance(weights[:, k], slopes[:, k])[place] for k, place in enumerate(places)]
    found = torch.stack(rows)
    return found / found.sum(dim=1, keepdim=True).clamp(min=torch.finfo(found.dtype).tiny)
