"""Gradient-weighted attention (arXiv:2103.15679, equations 5 and 6): attention counts where more of it would raise the score,

  R <- R + mean over heads of (dF_c/dA ⊙ A)⁺ · R, from R = I; what the tokens that are read out drew from each patch is the map.

So it tells classes apart, and is zero for a class that the read-out cannot see.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashboard.explain.contract import Explanation
from dashboard.explain.image.answering import answering, target_name
from dashboard.explain.image.attending import looked
from dashboard.explain.image.config import ImageConfig
from dashboard.explain.image.subject import ImageSubject
from data.catalog import ExplainerCard
from data.text import Text
from lightning_modules.blocks.relevance import relevance


class AttentionGradientConfig(ImageConfig):
    """Nothing of its own to choose."""


def attention_gradient(subject: ImageSubject, config: AttentionGradientConfig) -> Iterator[Explanation]:
    """One pass forward and back."""
    seen = looked(subject)
    shown = seen.over_picture(relevance(seen.weights, seen.slopes), subject.size)
    yield Explanation(shown, seen.score, target_name(subject))


EXPLAINER = ExplainerCard(
    name="attention_gradient",
    title=Text(en="Attention by gradient", hi="ग्रेडिएंट वाला अटेंशन"),
    summary=Text(en="Where a vision transformer looks, counted only where looking raises the score of the class.",
                 hi="विज़न ट्रांसफ़ॉर्मर कहाँ देखता है, पर सिर्फ़ वहाँ जहाँ देखने से क्लास का स्कोर बढ़ता है।"),
    source="H. Chefer, S. Gur, L. Wolf: Generic Attention-model Explainability, 2021, arXiv:2103.15679",
    kind="image",
    config=AttentionGradientConfig,
    explain=answering(attention_gradient),
)  # fmt: skip
