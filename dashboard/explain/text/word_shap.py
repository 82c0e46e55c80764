"""Shapley values of words: the answer shared out among them fairly, exactly for few words, by sampling with intervals for many.

The games are `dashboard.explain.games`: every coalition of up to `EXACT` words, beyond that paired coalitions drawn by leverage.
The shares add up to f(x) - f(text with all of its words left out).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dashboard.explain.contract import Explanation
from dashboard.explain.games.exact import exact
from dashboard.explain.games.leverage import LeverageShap, stops_at
from dashboard.explain.text.answering import answering, target_name
from dashboard.explain.text.config import TextExplainerConfig
from dashboard.explain.text.subject import TextSubject
from data.catalog import ExplainerCard, option
from data.text import Text

EXACT = 7
_FIRST_PAIRS = 32


class WordShapConfig(TextExplainerConfig):
    """When to stop."""

    precision: float = stops_at(0.1)
    most_questions: int = option(
        512, ge=16, le=16_384, unit="items",
        title=Text(en="Most questions", hi="ज़्यादा से ज़्यादा सवाल"),
        help=Text(en="Texts with words left out that the model is asked about, at most.", hi="कुछ शब्द हटाकर बने ज़्यादा से ज़्यादा इतने टेक्स्ट मॉडल से पूछे जाते हैं।"),
    )  # fmt: skip


def word_shap(subject: TextSubject, config: WordShapConfig) -> Iterator[Explanation]:
    """One exact answer, or snapshots at twice as many pairs each until precise enough."""
    players = len(subject.players)
    if players <= EXACT:
        ends = subject.worth(np.array([[False] * players, [True] * players]))
        shares = exact(subject.worth, players)
        yield Explanation(subject.of_players(shares), float(ends[1]), target_name(subject), base_value=float(ends[0]))
        return
    game = LeverageShap(subject.worth, players, np.random.default_rng(config.seed))
    most = config.most_questions // 2
    pairs = min(most, max(_FIRST_PAIRS, 2 * players))
    while True:
        game.grow(pairs)
        found = game.shares()
        half = np.where(np.isfinite(found.half_width), found.half_width, np.abs(game.full - game.empty) + 1.0)
        done = found.exact or bool(half.max() <= config.precision * np.abs(found.phi).max())
        yield Explanation(
            subject.of_players(found.phi), game.full, target_name(subject), base_value=game.empty,
            half_width=subject.of_players(half), converged=done or pairs >= most,
        )  # fmt: skip
        if done or pairs >= most:
            return
        pairs = min(most, 2 * pairs)


EXPLAINER = ExplainerCard(
    name="word_shap",
    title=Text(en="Shapley values of words", hi="शब्दों के Shapley मान"),
    summary=Text(en="Shares the answer out among the words fairly, over all ways of leaving some out; the shares add up, with intervals.",
                 hi="कुछ शब्द हटाने के सब तरीकों को देखकर जवाब को शब्दों में न्याय से बाँटता है; हिस्सों का जोड़ सही, और हर हिस्से का अंतराल।"),
    source="arXiv:1705.07874, arXiv:2012.01536, arXiv:2410.01917",
    kind="text",
    config=WordShapConfig,
    explain=answering(word_shap),
)  # fmt: skip
