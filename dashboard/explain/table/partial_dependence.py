"""Partial dependence and ICE: what the model says when one column takes other values and all else stays.

J. Friedman, Greedy Function Approximation, 2001: PD_j(v) is the mean score over background rows whose column j is set to v.
A. Goldstein et al., arXiv:1309.6392: the single rows behind that mean are the ICE curves. The attribution of a column is
PD_j(x_j) - mean of PD_j over the background: of an additive model exactly the column's own term.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from dashboard.explain.contract import Explanation
from dashboard.explain.table.subject import Array, Asked, TableSubject
from data.catalog import Config, ExplainerCard, option
from data.text import Text

_SNAPSHOTS = 4


class PartialDependenceConfig(Config):
    """How fine, and over how many rows."""

    points: int = option(
        24, ge=2, le=100, title=Text(en="Points", hi="बिंदु"),
        help=Text(en="Values a number takes, at equal shares of the background; a category takes all of its own.",
                  hi="संख्या इतने मान लेती है, बैकग्राउंड के बराबर हिस्सों पर; श्रेणी अपने सारे मान लेती है।"),
    )  # fmt: skip
    rows: int = option(
        32, ge=2, le=64, title=Text(en="Rows", hi="पंक्तियाँ"),
        help=Text(en="Background rows, each an ICE curve; their mean is the partial dependence.",
                  hi="बैकग्राउंड की पंक्तियाँ, हर एक एक ICE रेखा; उनका औसत पार्शियल डिपेंडेंस है।"),
    )  # fmt: skip


def explain(subject: TableSubject, config: PartialDependenceConfig) -> Iterator[Explanation]:
    """Snapshots as columns are done. `arrays`: `grid` [features, points], `curve` the same, `ice` [features, rows, points],
    `own` [features, points] the row itself moved along; NaN where a column has fewer points."""
    asked = Asked(subject)
    prediction = float(asked(subject.x[None])[0])
    background = subject.background[: config.rows]
    grids = [_grid(subject, j, config.points) for j in range(len(subject.x))]
    widest = max(map(len, grids))
    empty = np.full((len(grids), widest), np.nan)
    arrays: dict[str, npt.NDArray[np.float64]] = {"grid": empty.copy(), "curve": empty.copy(), "own": empty.copy()}
    arrays["ice"] = np.full((len(grids), len(background), widest), np.nan)
    share = np.zeros(len(grids))
    for group in np.array_split(np.arange(len(grids)), min(_SNAPSHOTS, len(grids))):
        for j in group:
            grid = grids[j]
            _fill(arrays, j, grid, _along(asked, background, j, grid), _along(asked, subject.x[None], j, grid)[0])
            values = np.append(background[:, j], subject.x[j])
            dependence = _along(asked, background, j, values).mean(axis=0)
            share[j] = dependence[-1] - dependence[:-1].mean()
        yield Explanation(
            share.copy(), prediction, subject.target, seconds=asked.seconds, model_calls=asked.calls,
            converged=group[-1] == len(grids) - 1, arrays={name: array.copy() for name, array in arrays.items()},
        )  # fmt: skip


def _along(asked: Asked, rows: Array, column: int, values: Array) -> Array:
    """The score of each row with the column set to each value [rows, values]."""
    moved = np.repeat(rows, len(values), axis=0)
    moved[:, column] = np.tile(values, len(rows))
    return asked(moved).reshape(len(rows), len(values))


def _fill(arrays: dict[str, npt.NDArray[np.float64]], j: int, grid: Array, ice: Array, own: Array) -> None:
    arrays["grid"][j, : len(grid)] = grid
    arrays["ice"][j, :, : len(grid)] = ice
    arrays["curve"][j, : len(grid)] = ice.mean(axis=0)
    arrays["own"][j, : len(grid)] = own


def _grid(subject: TableSubject, column: int, points: int) -> Array:
    """Values to try: the levels of a category, else quantiles of the background and the row's own value."""
    feature = subject.features[column]
    if feature.kind == "category":
        return np.arange(len(feature.levels), dtype=np.float64)
    known = subject.background[:, column]
    known = known[~np.isnan(known)]
    if not len(known):
        return np.array([0.0])
    return np.unique(
        np.append(np.quantile(known, np.linspace(0, 1, points - 1)), np.nan_to_num(subject.x[column], nan=known[0]))
    )


EXPLAINER = ExplainerCard(
    name="partial_dependence",
    title=Text(en="Partial dependence and ICE", hi="पार्शियल डिपेंडेंस और ICE"),
    summary=Text(
        en="What the model says as one column moves and all else stays, for this row and on average.",
        hi="एक कॉलम बदले और बाकी वैसे ही रहें तो मॉडल क्या कहता है: इस पंक्ति के लिए और औसतन।",
    ),
    source="Friedman 2001; arXiv:1309.6392",
    kind="table",
    config=PartialDependenceConfig,
    explain=explain,
)
