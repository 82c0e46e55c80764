"""LIME over superpixels: a weighted linear fit of the probability by which pieces are seen (arXiv:1602.04938, section 3.4).

Rows z of zeros and ones, half of them ones; weight exp(-(1 - cos(z, 1))² / width²), as `lime` has it. Every z comes with its complement
1 - z, which halves the noise of the seed at no cost. The normal equations are summed as rows come, so a snapshot costs a solve
[pieces + 1]². Half widths are 1.96 standard errors that hold for pairs. On an additive score the weights are its terms.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import numpy as np

from dashboard.explain.contract import Explanation, Finding
from dashboard.explain.games.paired_fit import PairedFit
from dashboard.explain.image.answering import answering, target_name
from dashboard.explain.image.subject import ImageSubject
from dashboard.explain.image.superpixels import Hiding, SuperpixelConfig
from data.catalog import ExplainerCard, option
from data.text import Text

_BATCH_PAIRS = 64
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
        source="lime 0.2.0.1, LimeImageExplainer",
    )  # fmt: skip
    ridge: float = option(
        1e-3, ge=0, le=1000, advanced=True,
        title=Text(en="Ridge", hi="रिज"),
        help=Text(en="Pulls the weights towards zero; lime has 1, which flattens a map of a few hundred samples.",
                  hi="वज़न को शून्य की ओर खींचता है; lime में 1 है, जो कुछ सौ सैंपल का मैप चपटा कर देता है।"),
    )  # fmt: skip

    def lighter(self) -> Self:
        """A few samples."""
        return self.model_copy(update={"samples": min(self.samples, 192)})


def superpixel_lime(subject: ImageSubject, config: SuperpixelLimeConfig) -> Iterator[Explanation]:
    """A snapshot after every batch of pairs."""
    rng = np.random.default_rng(config.seed)
    hiding = Hiding(subject, config)
    fit = PairedFit(hiding.pieces, config.width, config.ridge)
    asked = 0
    while asked < config.samples:
        pairs = min(_BATCH_PAIRS, (config.samples - asked + 1) // 2)
        seen = rng.random((pairs, hiding.pieces)) < 0.5
        scores = hiding(np.concatenate([seen, ~seen]))
        fit.add(seen, scores[:pairs], scores[pairs:])
        asked += 2 * pairs
        weights, half, fits = fit.solve()
        yield Explanation(
            hiding.spread(weights), float(subject.probabilities[subject.target]), target_name(subject),
            half_width=hiding.spread(half), converged=asked >= config.samples, details={"pieces": hiding.pieces},
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
