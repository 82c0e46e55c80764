"""Kernel SHAP of a row, for any model: paired, drawn by leverage, sharper while one looks, and with intervals.

`dashboard/explain/games/leverage.py` has the mathematics and the papers.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dashboard.explain.contract import Explanation
from dashboard.explain.games.leverage import LeverageShap, Shares, stops_at
from dashboard.explain.table.subject import Asked, TableSubject
from data.catalog import Config, ExplainerCard, option
from data.text import Text


class KernelShapConfig(Config):
    """When to stop, and the seed."""

    precision: float = stops_at(0.05)
    most_coalitions: int = option(
        4096, ge=64, le=65536,
        title=Text(en="Most coalitions", hi="अधिकतम समूह"),
        help=Text(en="Stop at the latest after this many; each asks the model once for every background row.",
                  hi="ज़्यादा से ज़्यादा इतने समूहों के बाद रुकें; हर समूह मॉडल से हर बैकग्राउंड पंक्ति के लिए एक बार पूछता है।"),
    )  # fmt: skip
    seed: int = option(
        0, ge=0, le=2**31 - 1, advanced=True,
        title=Text(en="Seed", hi="सीड"), help=Text(en="Same seed, same numbers.", hi="एक ही सीड, वही संख्याएँ।"),
    )  # fmt: skip


def explain(subject: TableSubject, config: KernelShapConfig) -> Iterator[Explanation]:
    """Snapshots at twice as many coalitions each, until precise enough."""
    d = len(subject.x)
    asked = Asked(subject)
    game = LeverageShap(asked.worth, d, np.random.default_rng(config.seed))
    pairs, most = max(32, 2 * d), config.most_coalitions // 2
    while True:
        game.grow(min(pairs, most))
        shares = game.shares()
        done = shares.exact or _precise(shares, config.precision)
        yield Explanation(
            shares.phi, game.full, subject.target, base_value=game.empty, half_width=shares.half_width,
            seconds=asked.seconds, model_calls=asked.calls, converged=done,
        )  # fmt: skip
        if done or pairs >= most:
            return
        pairs *= 2


def _precise(shares: Shares, precision: float) -> bool:
    return bool(shares.half_width.max() <= precision * np.abs(shares.phi).max())


EXPLAINER = ExplainerCard(
    name="kernel_shap",
    title=Text(en="Kernel SHAP", hi="Kernel SHAP (शैप)"),
    summary=Text(
        en="Shares the prediction out among the features, for any model; whiskers show how sure each share is.",
        hi="किसी भी मॉडल के अनुमान को फ़ीचरों में बाँटता है; हर हिस्सा कितना पक्का है, यह रेखाएँ बताती हैं।",
    ),
    source="arXiv:1705.07874, arXiv:2012.01536, arXiv:2410.01917",
    kind="table",
    config=KernelShapConfig,
    explain=explain,
)
