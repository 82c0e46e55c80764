"""LIME over superpixels: a linear model of the probability by which pieces are seen, near the picture (arXiv:1602.04938, section 3.4).

Which pictures are asked about, and how the weights and their intervals are found, stands in `dashboard.explain.games.smooth_fit`. On an additive
score the weights are its terms.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import numpy as np

from dashboard.explain.contract import Explanation, Finding
from dashboard.explain.games.smooth_fit import Neighbourhood, SmoothFit
from dashboard.explain.image.answering import answering, target_name
from dashboard.explain.image.subject import ImageSubject
from dashboard.explain.image.superpixels import Hiding, SuperpixelConfig
from data.catalog import ExplainerCard, option
from data.text import Text

_BATCH = 128
_FITS_WELL = 0.5


class SuperpixelLimeConfig(SuperpixelConfig):
    """How many rows, how near, how smooth."""

    samples: int = option(
        512, ge=16, le=65_536, unit="items",
        title=Text(en="Samples", hi="सैंपल"),
        help=Text(en="Pictures with hidden parts the model is asked about.", hi="कुछ छिपे हिस्सों वाली इतनी तस्वीरें मॉडल को दिखाई जाती हैं।"),
    )  # fmt: skip
    width: float = option(
        0.25, gt=0, le=100, advanced=True,
        title=Text(en="Kernel width", hi="कर्नेल की चौड़ाई"),
        help=Text(en="How quickly pictures with much hidden lose weight.", hi="ज़्यादा छिपी तस्वीरों का वज़न कितनी जल्दी घटे।"),
        source="lime 0.2.0.1, LimeImageExplainer, which takes the root of its kernel",
    )  # fmt: skip

    def lighter(self) -> Self:
        """A few samples."""
        return self.model_copy(update={"samples": min(self.samples, 192)})


def superpixel_lime(subject: ImageSubject, config: SuperpixelLimeConfig) -> Iterator[Explanation]:
    """A snapshot after every batch of rows."""
    hiding = Hiding(subject, config)
    near = Neighbourhood(hiding.pieces, config.width)
    rows, fit = near.rows(config.samples, np.random.default_rng(config.seed)), SmoothFit(near)
    for first in range(0, len(rows), _BATCH):
        seen = rows[first : first + _BATCH]
        fit.add(seen, hiding(seen))
        done = first + _BATCH >= len(rows)
        if done:
            fit.finish()
        weights, half, fits = fit.solve()
        yield Explanation(
            hiding.spread(weights), float(subject.probabilities[subject.target]), target_name(subject),
            half_width=hiding.spread(half), converged=done, details={"pieces": hiding.pieces},
            arrays={"labels": hiding.labels.astype(np.int32), "shares": weights, "share_half_width": half},
        ).with_evidence(local_fit=_told(fits))  # fmt: skip


def _told(fits: float) -> Finding:
    return Finding(
        Text(en="Fit of the linear model", hi="लीनियर मॉडल का मेल"),
        Text(en=f"Seen or hidden pieces, added up, explain {fits:.0%} of how the probability moves.",
             hi=f"टुकड़ों के दिखने-छिपने का जोड़ संभावना के {fits:.0%} उतार-चढ़ाव को समझाता है।"),
        fits, fits >= _FITS_WELL,
    )  # fmt: skip


EXPLAINER = ExplainerCard(
    name="superpixel_lime",
    title=Text(en="LIME on pieces", hi="टुकड़ों पर LIME"),
    summary=Text(en="Hides random pieces of the picture and fits a sum of pieces to what the model then says.",
                 hi="तस्वीर के बेतरतीब टुकड़े छिपाकर देखता है कि मॉडल क्या कहता है, और टुकड़ों का जोड़ बिठाता है।"),
    source="M. Ribeiro, S. Singh, C. Guestrin: “Why Should I Trust You?”, 2016, arXiv:1602.04938",
    kind="image",
    config=SuperpixelLimeConfig,
    explain=answering(superpixel_lime),
)  # fmt: skip
