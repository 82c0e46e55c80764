"""Attention rollout (arXiv:2005.00928, section 3): how attention flows from the patches through all layers,

  R = prod over layers of (0.5 mean over heads A + 0.5 I);  rows of R sum to 1.

It knows nothing of the class: the same map for every one.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from dashboard.explain.contract import Explanation
from dashboard.explain.image.answering import answering, target_name
from dashboard.explain.image.attending import looked
from dashboard.explain.image.config import ImageConfig
from dashboard.explain.image.subject import ImageSubject
from data.catalog import ExplainerCard
from data.text import Text


class AttentionRolloutConfig(ImageConfig):
    """Nothing of its own to choose."""


def rollout(weights: Tensor) -> Tensor:
    """Attention [layers, heads, tokens, tokens], the first layer first -> R [tokens, tokens]."""
    reached = torch.eye(weights.shape[-1], dtype=weights.dtype)
    for layer in weights.mean(dim=1):
        reached = (0.5 * layer + 0.5 * torch.eye(len(layer), dtype=layer.dtype)) @ reached
    return reached


def attention_rollout(subject: ImageSubject, config: AttentionRolloutConfig) -> Iterator[Explanation]:
    """One pass."""
    seen = looked(subject)
    yield Explanation(seen.over_picture(rollout(seen.weights), subject.size), seen.score, target_name(subject))


EXPLAINER = ExplainerCard(
    name="attention_rollout",
    title=Text(en="Attention rollout", hi="अटेंशन रोलआउट"),
    summary=Text(en="How attention flows from the patches through all layers of a vision transformer; the same for every class.",
                 hi="विज़न ट्रांसफ़ॉर्मर की सब परतों से होकर पैच का अटेंशन कैसे बहता है; हर क्लास के लिए एक जैसा।"),
    source="S. Abnar, W. Zuidema: Quantifying Attention Flow in Transformers, 2020, arXiv:2005.00928",
    kind="image",
    config=AttentionRolloutConfig,
    explain=answering(attention_rollout),
)  # fmt: skip
