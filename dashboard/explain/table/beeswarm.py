"""Many rows at once: the shares of each of some held-out rows, and how much a column counts on average, with an interval.

S. Lundberg et al., From local explanations to global understanding with explainable AI for trees, Nature Machine Intelligence 2, 2020:
importance is the mean of |phi| over rows. Shares are on the scale of the score itself, so that all learners can be laid side by side: of
a network by GradientSHAP, of others by Kernel SHAP at 12 coalitions a column. The interval is over rows: 1.96 deviations / sqrt(rows).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from dashboard.explain.contract import Explanation
from dashboard.explain.games.leverage import LeverageShap
from dashboard.explain.table import gradient_shap, words
from dashboard.explain.table.subject import Array, Asked, TableSubject
from data.catalog import Config, ExplainerCard, option
from data.text import Problem, Text

FIRST_HELD_OUT = 300
"""Rows are drawn among these, which are those a page can show."""
_BACKGROUND = 24
_FIRST = 2
_A_COLUMN = 12


class BeeswarmConfig(Config):
    """How many rows, and the seed."""

    rows: int = option(
        48, ge=2, le=300, title=Text(en="Rows", hi="पंक्तियाँ"),
        help=Text(en="Held-out rows, each explained by itself.", hi="अलग रखी पंक्तियाँ, हर एक की वजह अलग।"),
    )  # fmt: skip
    seed: int = option(
        0, ge=0, le=2**31 - 1, advanced=True,
        title=Text(en="Seed", hi="सीड"), help=Text(en="Same seed, same numbers.", hi="एक ही सीड, वही संख्याएँ।"),
    )  # fmt: skip


def explain(subject: TableSubject, config: BeeswarmConfig) -> Iterator[Explanation]:
    """Snapshots at 2, 4, 8 … rows. `arrays`: `phi` and `x` [rows, features], `scores` [rows], `chosen` [rows] the position of each
    among the held-out rows."""
    if subject.held_out is None:
        raise Problem(words.NO_TRUTH, code="no_truth", field="method")
    asked = Asked(subject)
    held_out = subject.held_out[0][:FIRST_HELD_OUT]
    chosen = np.random.default_rng(config.seed).permutation(len(held_out))[: config.rows]
    light = dataclasses.replace(subject, background=subject.background[:_BACKGROUND])
    found = np.empty((0, len(subject.x)))
    until = min(_FIRST, len(chosen))
    while True:
        more = [_shares(light, held_out[at], asked, config.seed) for at in chosen[len(found) : until]]
        found = np.concatenate([found, np.array(more)])
        rows = chosen[: len(found)]
        size = np.abs(found)
        yield Explanation(
            size.mean(axis=0), float(asked(subject.x[None])[0]), subject.target,
            half_width=1.96 * size.std(axis=0) / np.sqrt(max(len(size) - 1, 1)), seconds=asked.seconds, model_calls=asked.calls,
            converged=len(found) == len(chosen), details={"rows": len(found), "of": len(chosen)},
            arrays={"phi": found, "x": held_out[rows], "scores": asked(held_out[rows]), "chosen": rows},
        )  # fmt: skip
        if len(found) == len(chosen):
            return
        until = min(2 * until, len(chosen))


def _shares(subject: TableSubject, x: Array, asked: Asked, seed: int) -> Array:
    one = dataclasses.replace(subject, x=x)
    if subject.fitted is not None and subject.fitted.recipe.learner == "network":
        *_, last = gradient_shap.explain(one, gradient_shap.GradientShapConfig())
        asked.calls += last.model_calls
        return last.attributions
    here = Asked(one)
    game = LeverageShap(here.worth, len(x), np.random.default_rng(seed))
    game.grow(_A_COLUMN * len(x) // 2)
    asked.calls += here.calls
    return game.shares().phi


EXPLAINER = ExplainerCard(
    name="beeswarm",
    title=Text(en="Many rows at once", hi="एक साथ कई पंक्तियाँ"),
    summary=Text(
        en="Of the model as a whole: the shares of many unseen rows, one point each, and how much each column counts on average.",
        hi="पूरे मॉडल के बारे में: कई अनदेखी पंक्तियों के हिस्से, हर एक का एक बिंदु, और हर कॉलम औसतन कितना मायने रखता है।",
    ),
    source="Lundberg et al., Nature Machine Intelligence 2, 2020",
    kind="table",
    config=BeeswarmConfig,
    explain=explain,
    scope="global",
)
