"""Attention inside a vision transformer while it answers: the weights, and how the score changes with them.

The fused kernel gives no weights away. Within the block every call of scaled_dot_product_attention is worked out as
softmax(Q Kᵀ / sqrt(d) + mask) V instead, whoever makes it: the answer is the same but for rounding, and the weights are part of the graph.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.overrides import TorchFunctionMode

from dashboard.explain.image.maps import Map
from dashboard.explain.image.subject import ImageSubject
from data.text import Problem, Text
from lightning_modules.blocks.vit import VisionTransformer


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


@dataclass(frozen=True)
class Looked:
    """What the layers looked at: weights and dF_target / d weights, each [layers, heads, tokens, tokens]; and F_target."""

    weights: Tensor
    slopes: Tensor
    score: float
    transformer: VisionTransformer

    def over_picture(self, reached: Tensor, size: tuple[int, int]) -> Map:
        """What the tokens that are read out draw from the patches, by a matrix [tokens, tokens], over the picture [height, width]."""
        vit = self.transformer
        read = reached[0, 1:] if vit.pool == "class" else reached[1:, 1:].mean(dim=0)
        grid = read.double().numpy().reshape(vit.grid)
        return np.kron(grid, np.ones((vit.patch, vit.patch)))[: size[0], : size[1]]


def looked(subject: ImageSubject) -> Looked:
    """Ask the model once, watching its attention.

    Raises:
        Problem: The model has none.
    """
    vit = next((one for one in subject.network.modules() if isinstance(one, VisionTransformer)), None)
    if vit is None:
        raise Problem(
            Text(en="This model has no attention: it is a convolutional network. Choose a vision transformer, or another way.",
                 hi="इस मॉडल में अटेंशन नहीं है: यह कन्वोल्यूशनल नेटवर्क है। विज़न ट्रांसफ़ॉर्मर या दूसरा तरीका चुनें।"),
            code="no_attention", field="method",
        )  # fmt: skip
    with torch.enable_grad(), Recorded() as recorded:
        score = subject.network(subject.x[None].detach().requires_grad_())[0, subject.target]
    slopes = torch.autograd.grad(score, recorded.weights)
    subject.calls += 2
    weights = torch.cat([one.detach() for one in recorded.weights])
    return Looked(weights, torch.cat(slopes), float(score.detach()), vit)
