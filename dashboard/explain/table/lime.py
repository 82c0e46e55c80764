"""LIME of a row: a weighted linear model of what the model says in the row's neighbourhood.

M. Ribeiro, S. Singh, C. Guestrin, arXiv:1602.04938. Neighbours z = x + deviation · N(0, 1) in numbers; categories (and empty cells)
take the value of a background row with probability 1/2. Neighbours come in pairs, the second mirroring what the first does, which
halves the noise of the seed. Explained by numbers as (z - x) / deviation and by categories as "same" or "other", weighted by
exp(-distance^2 / width^2), width 0.75 sqrt(d); the `lime` library takes the root of the same, so its neighbourhood is sqrt(2) wider. A
weight is what one deviation more, or the row's own category, adds. Half widths are 1.96 standard errors that hold for pairs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dashboard.explain.contract import Explanation, Finding
from dashboard.explain.table.subject import Array, Asked, TableSubject
from data.catalog import Config, ExplainerCard, option
from data.text import Text

_FIRST = 256
_PRECISE = 0.05


class LimeConfig(Config):
    """How many neighbours, how near, and the seed."""

    samples: int = option(
        4096, ge=64, le=65536, title=Text(en="Neighbours", hi="पड़ोसी"),
        help=Text(en="Made-up rows at most; fewer are asked when the weights are sure before.",
                  hi="ज़्यादा से ज़्यादा इतनी बनाई हुई पंक्तियाँ; वज़न पहले पक्के हो जाएँ तो कम पूछी जाती हैं।"),
    )  # fmt: skip
    width: float = option(
        0.75, gt=0, le=10, title=Text(en="Width of the neighbourhood", hi="पड़ोस की चौड़ाई"),
        help=Text(en="Times the root of the number of features; smaller looks nearer to the row.",
                  hi="फ़ीचरों की संख्या के वर्गमूल के गुणा में; छोटी हो तो पंक्ति के और पास देखती है।"), source="arXiv:1602.04938", advanced=True,
    )  # fmt: skip
    ridge: float = option(
        0.0, ge=0, le=1000, title=Text(en="Ridge", hi="रिज"), advanced=True,
        help=Text(en="Pulls the weights towards 0, as the library's default of 1 does.",
                  hi="वज़नों को 0 की ओर खींचता है, जैसे लाइब्रेरी का डिफ़ॉल्ट 1 करता है।"),
    )  # fmt: skip
    seed: int = option(
        0, ge=0, le=2**31 - 1, advanced=True,
        title=Text(en="Seed", hi="सीड"), help=Text(en="Same seed, same numbers.", hi="एक ही सीड, वही संख्याएँ।"),
    )  # fmt: skip


@dataclass(frozen=True)
class _Fit:
    weights: Array
    half_width: Array
    r2: float


class Neighbours:
    """Draws pairs of neighbours of a row. `distance` [features] is how far the row stands from the background on average, in the
    units of the weights: weight times distance is what a column contributes, if the straight line is believed that far.

    Args:
        subject: The row and its background.
        generator: Where randomness comes from.
    """

    def __init__(self, subject: TableSubject, generator: np.random.Generator) -> None:
        self._subject, self._generator = subject, generator
        named = np.array([one.kind == "category" for one in subject.features])
        self.swapped: npt.NDArray[np.bool_] = named | np.isnan(subject.x)
        with np.errstate(invalid="ignore"):
            scale = np.nanstd(np.where(self.swapped, 0.0, subject.background), axis=0)
        self.scale = np.where(scale > 0, scale, 1.0)
        same = _same(subject.background, subject.x).mean(axis=0)
        with np.errstate(all="ignore"):
            ahead = (subject.x - np.nan_to_num(np.nanmean(subject.background, axis=0))) / self.scale
        self.distance = np.where(self.swapped, 1 - same, ahead)

    def draw(self, pairs: int) -> tuple[Array, Array]:
        """Rows [2 pairs, features], the mirrored ones last, and how they differ from the row [2 pairs, features]."""
        d = len(self._subject.x)
        step = self._generator.standard_normal((pairs, d))
        other = self._generator.random((pairs, d)) < 0.5
        picked = self._generator.integers(len(self._subject.background), size=(2 * pairs, d))
        taken = self._subject.background[picked, np.arange(d)]
        away = np.concatenate([other, ~other]) & self.swapped & ~_same(taken, self._subject.x)
        moved = np.concatenate([step, -step])
        rows = np.where(self.swapped, np.where(away, taken, self._subject.x), self._subject.x + moved * self.scale)
        return rows, np.where(self.swapped, -away.astype(np.float64), moved)


def _same(values: Array, x: Array) -> npt.NDArray[np.bool_]:
    same: npt.NDArray[np.bool_] = (values == x) | (np.isnan(values) & np.isnan(x))
    return same


def explain(subject: TableSubject, config: LimeConfig) -> Iterator[Explanation]:
    """Snapshots at twice as many neighbours each, until the weights are sure."""
    asked = Asked(subject)
    prediction = float(asked(subject.x[None])[0])
    neighbours = Neighbours(subject, np.random.default_rng(config.seed))
    batches: list[tuple[Array, Array]] = []
    wanted, drawn = min(_FIRST, config.samples), 0
    while True:
        rows, moved = neighbours.draw((wanted - drawn) // 2)
        batches.append((moved, asked(rows)))
        drawn = wanted
        fit = local_fit(*_in_pairs(batches), config.width, config.ridge)
        done = bool(fit.half_width.max() <= _PRECISE * np.abs(fit.weights).max())
        yield Explanation(
            fit.weights, prediction, subject.target, half_width=fit.half_width, seconds=asked.seconds,
            model_calls=asked.calls, converged=done, arrays={"contributions": fit.weights * neighbours.distance},
        ).with_evidence(local_fit=_told(fit.r2))  # fmt: skip
        if done or drawn >= config.samples:
            return
        wanted = min(2 * drawn, config.samples)


def _in_pairs(batches: list[tuple[Array, Array]]) -> tuple[Array, Array]:
    """All batches as one whose second half mirrors the first."""
    parts = [np.split(values, 2) for batch in batches for values in batch]
    moves, scores = parts[::2], parts[1::2]
    return (
        np.concatenate([one[side] for side in (0, 1) for one in moves]),
        np.concatenate([one[side] for side in (0, 1) for one in scores]),
    )


def local_fit(moves: Array, scores: Array, width: float, ridge: float) -> _Fit:
    """The weighted linear fit.

    Args:
        moves: How neighbours differ [neighbours, features]; mirrored ones stand `neighbours / 2` further down.
        scores: What the model says of them [neighbours].
        width: Of the kernel, times sqrt(features).
        ridge: Added to the diagonal, not for the intercept.
    """
    d = moves.shape[1]
    weight = np.exp(-(moves**2).sum(axis=1) / (width**2 * d))
    design = np.column_stack([np.ones(len(moves)), moves])
    normal = design.T @ (weight[:, None] * design)
    penalty = np.diag([0.0, *[ridge] * d])
    inverse = np.linalg.pinv(normal + penalty, hermitian=True, rcond=1e-12)
    solved = inverse @ (design.T @ (weight * scores))
    residual = scores - design @ solved
    score = (weight * residual)[:, None] * design
    pairs = score[: len(score) // 2] + score[len(score) // 2 :]  # the two of a pair are not independent
    spread = np.sqrt(np.maximum(np.diag(inverse @ (pairs.T @ pairs) @ inverse), 0.0))
    mean = np.average(scores, weights=weight)
    total = float(weight @ (scores - mean) ** 2)
    return _Fit(solved[1:], 1.96 * spread[1:], 1 - float(weight @ residual**2) / total if total > 0 else 1.0)


def _told(r2: float) -> Finding:
    return Finding(
        Text(en="Fit of the linear model", hi="लीनियर मॉडल का मेल"),
        Text(en=f"Near this row a straight line explains {r2:.0%} of what the model says.",
             hi=f"इस पंक्ति के पास सीधी रेखा मॉडल के {r2:.0%} उतार-चढ़ाव को समझाती है।"),
        r2, None if 0.5 <= r2 < 0.8 else r2 >= 0.8,
    )  # fmt: skip


EXPLAINER = ExplainerCard(
    name="lime",
    title=Text(en="LIME", hi="LIME (लाइम)"),
    summary=Text(
        en="Fits a straight line to the model near this row; a weight is the effect of one standard deviation, or of the category.",
        hi="इस पंक्ति के पास मॉडल पर सीधी रेखा बिठाता है; वज़न एक मानक विचलन या श्रेणी का असर है।",
    ),
    source="arXiv:1602.04938",
    kind="table",
    config=LimeConfig,
    explain=explain,
)
