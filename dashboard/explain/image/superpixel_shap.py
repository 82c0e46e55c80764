"""Kernel SHAP over superpixels: the probability shared out among the pieces of the picture as Shapley values, with intervals.

The mathematics is `dashboard.explain.games.leverage`: coalitions in pairs, drawn by leverage, without replacement. The shares add up
to p(x) minus the probability of the wholly hidden picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import numpy as np

from dashboard.explain.contract import Explanation
from dashboard.explain.games.leverage import LeverageShap, Shares, stops_at
from dashboard.explain.image.answering import answering, target_name
from dashboard.explain.image.subject import ImageSubject
from dashboard.explain.image.superpixels import Hiding, SuperpixelConfig
from data.catalog import ExplainerCard, option
from data.text import Text

_FIRST_PAIRS = 64


class SuperpixelShapConfig(SuperpixelConfig):
    """When to stop."""

    precision: float = stops_at(0.1)
    most_questions: int = option(
        512, ge=16, le=65_536, unit="items",
        title=Text(en="Most questions", hi="ज़्यादा से ज़्यादा सवाल"),
        help=Text(en="Pictures with hidden parts the model is asked about, at most.", hi="कुछ छिपे हिस्सों वाली ज़्यादा से ज़्यादा इतनी तस्वीरें मॉडल को दिखाई जाती हैं।"),
    )  # fmt: skip

    def lighter(self) -> Self:
        """A few questions."""
        return self.model_copy(update={"most_questions": min(self.most_questions, 128)})


def superpixel_shap(subject: ImageSubject, config: SuperpixelShapConfig) -> Iterator[Explanation]:
    """Snapshots at twice as many pairs each, until precise enough."""
    hiding = Hiding(subject, config)
    game = LeverageShap(hiding, hiding.pieces, np.random.default_rng(config.seed))
    most = config.most_questions // 2
    pairs = min(most, max(_FIRST_PAIRS, hiding.pieces))
    while True:
        game.grow(pairs)
        shares = game.shares()
        done = shares.exact or _precise(shares, config.precision)
        yield Explanation(
            hiding.spread(shares.phi), game.full, target_name(subject), base_value=game.empty,
            half_width=hiding.spread(shares.half_width), converged=done,
            details={"pieces": hiding.pieces},
            arrays={"labels": hiding.labels.astype(np.int32), "shares": shares.phi, "share_half_width": shares.half_width},
        )  # fmt: skip
        if done or pairs >= most:
            return
        pairs = min(most, 2 * pairs)


def _precise(shares: Shares, precision: float) -> bool:
    return bool(shares.half_width.max() <= precision * np.abs(shares.phi).max())


EXPLAINER = ExplainerCard(
    name="superpixel_shap",
    title=Text(en="Kernel SHAP on pieces", hi="टुकड़ों पर Kernel SHAP"),
    summary=Text(en="Cuts the picture into pieces and shares the probability out among them fairly; the shares add up, with intervals.",
                 hi="तस्वीर को टुकड़ों में काटकर संभावना को उनमें न्याय से बाँटता है; हिस्सों का जोड़ सही, और हर हिस्से का अंतराल।"),
    source="arXiv:1705.07874, arXiv:2012.01536, arXiv:2410.01917",
    kind="image",
    config=SuperpixelShapConfig,
    explain=answering(superpixel_shap),
)  # fmt: skip
