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
from dashboard.explain.table.subject import ROWS_AT_ONCE, Array, Asked, TableSubject
from data.catalog import Config, ExplainerCard, option
from data.text import Text

_FIRST = 4
"""Columns of the first snapshot; each later one doubles what is known."""


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
    done, first = 0, min(_FIRST, len(grids))
    while done < len(grids):
        group = range(done, min(done + max(first, done), len(grids)))
        for j, (ice, own, mean) in zip(
            group, _along(asked, background, subject.x, [(j, grids[j]) for j in group]), strict=True
        ):
            _fill(arrays, j, grids[j], ice, own)
            share[j] = mean[-1] - mean[:-1].mean()
        done = group.stop
        yield Explanation(
            share.copy(), prediction, subject.target, seconds=asked.seconds, model_calls=asked.calls,
            converged=done == len(grids), arrays={name: array.copy() for name, array in arrays.items()},
        )  # fmt: skip


def _along(
    asked: Asked, background: Array, x: Array, grids: list[tuple[int, Array]]
) -> Iterator[tuple[Array, Array, Array]]:
    """Of each column: the scores of background rows [rows, points] and of the row [points] along its grid, and the mean score with the
    column set to each background row's value and, last, the row's own [rows + 1]. Several columns are asked about at once: a forest spends
    more on being asked than on a row."""
    at_once = max(1, ROWS_AT_ONCE // max((len(background) + 1) * (len(grid) + len(background)) for _, grid in grids))
    for start in range(0, len(grids), at_once):
        sets, shapes = [], []
        for j, grid in grids[start : start + at_once]:
            values = np.append(background[:, j], x[j])
            for rows, tried in ((background, grid), (x[None], grid), (background, values)):
                moved = np.repeat(rows, len(tried), axis=0)
                moved[:, j] = np.tile(tried, len(rows))
                sets.append(moved)
                shapes.append((len(rows), len(tried)))
        scores = np.split(asked(np.concatenate(sets)), np.cumsum([len(one) for one in sets])[:-1])
        found = [one.reshape(shape) for one, shape in zip(scores, shapes, strict=True)]
        for k in range(0, len(found), 3):
            yield found[k], found[k + 1][0], found[k + 2].mean(axis=0)


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
