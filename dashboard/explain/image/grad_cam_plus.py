"""Grad-CAM++ (arXiv:1710.11063, equations 10 and 19): places of a layer are weighed by

  alpha_k(p) = g² / (2 g² + g³ sum_q A_k(q)),  w_k = sum_p alpha_k(p) ReLU(g),  M = ReLU(sum_k w_k A_k),

g = dF_c/dA_k(p), which is exact for the score exp(F_c). So several things of one class are all marked, not the largest alone.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from dashboard.explain.contract import Explanation
from dashboard.explain.image.answering import answering
from dashboard.explain.image.grad_cam import LayerConfig, told
from dashboard.explain.image.layers import chosen_layer, response
from dashboard.explain.image.subject import ImageSubject
from data.catalog import ExplainerCard
from data.text import Text


class GradCAMPlusConfig(LayerConfig):
    """Nothing else to choose."""


def grad_cam_plus_map(activation: Tensor, slope: Tensor) -> Tensor:
    """Both [channels, height, width] -> the map [height, width] before the ReLU."""
    below = 2 * slope**2 + slope**3 * activation.sum(dim=(1, 2), keepdim=True)
    alpha = torch.where(
        below != 0, slope**2 / torch.where(below != 0, below, torch.ones_like(below)), torch.zeros_like(below)
    )
    weight = (alpha * slope.relu()).sum(dim=(1, 2), keepdim=True)
    return (weight * activation).sum(dim=0)


def grad_cam_plus(subject: ImageSubject, config: GradCAMPlusConfig) -> Iterator[Explanation]:
    """One pass forward, and back to the layer."""
    layer = chosen_layer(subject.network, subject.x, config.layer)
    activation, slope, score = response(subject.network, subject.x, subject.target, layer)
    subject.calls += 2
    yield told(subject, grad_cam_plus_map(activation, slope).relu().double().numpy(), score, layer)


EXPLAINER = ExplainerCard(
    name="grad_cam_plus",
    title=Text(en="Grad-CAM++", hi="Grad-CAM++ (कई चीज़ों का मैप)"),
    summary=Text(en="Grad-CAM that marks every thing of the class in the picture, not the largest alone.",
                 hi="ऐसा Grad-CAM जो तस्वीर में उस क्लास की हर चीज़ दिखाता है, सिर्फ़ सबसे बड़ी नहीं।"),
    source="A. Chattopadhyay and others: Grad-CAM++, 2017, arXiv:1710.11063",
    kind="image",
    config=GradCAMPlusConfig,
    explain=answering(grad_cam_plus),
)  # fmt: skip
