"""Attention inside a vision transformer while it answers: the weights, and how the score changes with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dashboard.explain.image.maps import Map
from dashboard.explain.image.subject import ImageSubject
from data.text import Problem, Text
from lightning_modules.blocks.relevance import Recorded
from lightning_modules.blocks.vit import VisionTransformer


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
