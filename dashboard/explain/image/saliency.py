"""Saliency: how strongly the score reacts to each pixel, M = max over colours of |dF_c / dx| (arXiv:1312.6034, section 3)."""

from __future__ import annotations

from collections.abc import Iterator

from dashboard.explain.contract import Explanation
from dashboard.explain.image.answering import answering, target_name
from dashboard.explain.image.config import ImageConfig
from dashboard.explain.image.subject import ImageSubject
from data.catalog import ExplainerCard
from data.text import Text


class SaliencyConfig(ImageConfig):
    """Nothing of its own to choose."""


def saliency(subject: ImageSubject, config: SaliencyConfig) -> Iterator[Explanation]:
    """One pass forward and back."""
    value, slope = subject.gradient(subject.x[None])
    shown = slope[0].abs().amax(dim=0).double().numpy()
    yield Explanation(shown, float(value[0]), target_name(subject))


EXPLAINER = ExplainerCard(
    name="saliency",
    title=Text(en="Saliency (gradient)", hi="सेलिएंसी (ग्रेडिएंट)"),
    summary=Text(en="Which pixels the score would react to most strongly: the gradient. At once, but grainy.",
                 hi="किन पिक्सेल के बदलने पर स्कोर सबसे ज़्यादा बदलेगा: ग्रेडिएंट। तुरंत, पर दानेदार।"),
    source="K. Simonyan, A. Vedaldi, A. Zisserman: Deep Inside Convolutional Networks, 2013, arXiv:1312.6034",
    kind="image",
    config=SaliencyConfig,
    explain=answering(saliency),
)  # fmt: skip
