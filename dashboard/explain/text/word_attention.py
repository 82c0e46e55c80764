"""Attention rollout over words (arXiv:2005.00928): how much of each word reaches what the answer is read from.

R = prod over layers of (0.5 mean over heads A + 0.5 I); the share of token j is sum over i of w_i R_ij, w the weight of each token in the answer. It is
the same for every answer and has no sign: where the model looked, and not what it decided by.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from dashboard.explain.contract import Explanation
from dashboard.explain.image.attention_rollout import rollout
from dashboard.explain.text.answering import answering, target_name
from dashboard.explain.text.config import TextExplainerConfig
from dashboard.explain.text.subject import TextSubject
from data.catalog import ExplainerCard
from data.text import Text


class WordAttentionConfig(TextExplainerConfig):
    """Nothing of its own to choose."""


def word_attention(subject: TextSubject, config: WordAttentionConfig) -> Iterator[Explanation]:
    """One pass."""
    with torch.no_grad():
        weights, looks = subject.model.attention(subject.reading)
        reached = looks.double() @ rollout(weights.double())
    subject.calls += 1
    shares = subject.of_words(np.asarray(reached.numpy(), dtype=np.float64))
    yield Explanation(shares, subject.prediction, target_name(subject), details={"looked": True})


EXPLAINER = ExplainerCard(
    name="word_attention",
    title=Text(en="Attention rollout", hi="अटेंशन रोलआउट"),
    summary=Text(en="How attention flows from the words through all layers; where the model looked, and not what it decided by.",
                 hi="सब परतों से होकर शब्दों का अटेंशन कैसे बहता है; मॉडल ने कहाँ देखा, यह नहीं कि किस वजह से तय किया।"),
    source="S. Abnar, W. Zuidema: Quantifying Attention Flow in Transformers, 2020, arXiv:2005.00928",
    kind="text",
    config=WordAttentionConfig,
    explain=answering(word_attention),
)  # fmt: skip
