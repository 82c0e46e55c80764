"""LIME over words: a linear model of the answer by which words are there, near the text (arXiv:1602.04938, section 3.4).

Which texts are asked about, and how the weights and their intervals are found, stands in `dashboard.explain.games.smooth_fit`. Kernel width 0.25
on the cosine distance, as `lime` has it for texts (25 on distances times 100).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dashboard.explain.contract import Explanation, Finding
from dashboard.explain.games.smooth_fit import Neighbourhood, SmoothFit
from dashboard.explain.text.answering import answering, target_name
from dashboard.explain.text.config import TextExplainerConfig
from dashboard.explain.text.subject import TextSubject
from data.catalog import ExplainerCard, option
from data.text import Text

_BATCH = 64
_FITS_WELL = 0.5


class WordLimeConfig(TextExplainerConfig):
    """How many texts, how near, how smooth."""

    samples: int = option(
        256, ge=16, le=16_384, unit="items",
        title=Text(en="Samples", hi="सैंपल"),
        help=Text(en="Texts with words left out that the model is asked about.", hi="कुछ शब्द हटाकर बने इतने टेक्स्ट मॉडल से पूछे जाते हैं।"),
    )  # fmt: skip
    width: float = option(
        0.25, gt=0, le=100, advanced=True,
        title=Text(en="Kernel width", hi="कर्नेल की चौड़ाई"),
        help=Text(en="How quickly texts with many words left out lose weight.", hi="ज़्यादा शब्द हटे टेक्स्ट का वज़न कितनी जल्दी घटे।"),
        source="lime 0.2.0.1, LimeTextExplainer, which takes the root of its kernel",
    )  # fmt: skip


def word_lime(subject: TextSubject, config: WordLimeConfig) -> Iterator[Explanation]:
    """A snapshot after every batch of texts."""
    near = Neighbourhood(len(subject.players), config.width)
    rows, fit = near.rows(config.samples, np.random.default_rng(config.seed)), SmoothFit(near)
    for first in range(0, len(rows), _BATCH):
        there = rows[first : first + _BATCH]
        fit.add(there, subject.worth(there))
        done = first + _BATCH >= len(rows)
        if done:
            fit.finish()
        weights, half, fits = fit.solve()
        yield Explanation(
            subject.of_players(weights), subject.prediction, target_name(subject), half_width=subject.of_players(half), converged=done
        ).with_evidence(local_fit=_told(fits))  # fmt: skip


def _told(fits: float) -> Finding:
    return Finding(
        Text(en="Fit of the linear model", hi="लीनियर मॉडल का मेल"),
        Text(en=f"Words there or not, added up, explain {fits:.0%} of how the answer moves.",
             hi=f"शब्दों के होने-न होने का जोड़ जवाब के {fits:.0%} उतार-चढ़ाव को समझाता है।"),
        fits, True if fits >= _FITS_WELL else None,
    )  # fmt: skip


EXPLAINER = ExplainerCard(
    name="word_lime",
    title=Text(en="LIME on words", hi="शब्दों पर LIME"),
    summary=Text(en="Leaves out random words and fits a sum of words to what the model then says.",
                 hi="बेतरतीब शब्द हटाकर देखता है कि मॉडल क्या कहता है, और शब्दों का जोड़ बिठाता है।"),
    source="M. Ribeiro, S. Singh, C. Guestrin: “Why Should I Trust You?”, 2016, arXiv:1602.04938",
    kind="text",
    config=WordLimeConfig,
    explain=answering(word_lime),
)  # fmt: skip
