"""What a trained model does on rows it has not seen, in full: every cut-off, whether its chances come true, where its numbers miss.

One class is asked about at a time: `p` [rows] are the chances the model gives it, `positive` [rows] whether a row is of it.
G. Brier, Monthly Weather Review 78, 1950 (mean squared error of chances); intervals of shares are Wilson's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dashboard.tables.intervals import wilson

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

CUTS = np.round(np.linspace(0, 1, 101), 2)
MOST_POINTS = 200
MOST_RESIDUALS = 1000
_BINS = 10
_LEAST_IN_BIN = 10


@dataclass(frozen=True)
class Reliability:
    """Rows in groups of like chances: the mean chance said, how often it came true with its interval, and how many rows."""

    said: Array
    came: Array
    low: Array
    high: Array
    rows: npt.NDArray[np.int64]


def counts_at_cuts(p: Array, positive: Flags) -> npt.NDArray[np.int64]:
    """At each cut-off of `CUTS` (the class is given when p >= cut): true positives, false positives, false negatives, true
    negatives [cuts, 4]."""
    given = p >= CUTS[:, None] - 1e-12
    hit, alarm = (given & positive).sum(axis=1), (given & ~positive).sum(axis=1)
    return np.stack([hit, alarm, positive.sum() - hit, (~positive).sum() - alarm], axis=1)


def roc(p: Array, positive: Flags) -> tuple[Array, Array]:
    """False and true positive rates at every cut-off there is, thinned to `MOST_POINTS`; nothing without both kinds of rows."""
    if not 0 < positive.sum() < len(positive):
        return np.empty(0), np.empty(0)
    order = np.argsort(-p, kind="stable")
    last_of_ties = np.append(np.flatnonzero(np.diff(p[order])), len(p) - 1)
    hits, alarms = (np.cumsum(kind[order])[last_of_ties] for kind in (positive, ~positive))
    x = np.append(0.0, alarms / (~positive).sum())
    y = np.append(0.0, hits / positive.sum())
    shown = np.unique(np.round(np.linspace(0, len(x) - 1, MOST_POINTS)).astype(int))
    return x[shown], y[shown]


def reliability(p: Array, positive: Flags) -> Reliability:
    """Up to ten groups of equally many rows, ordered by chance."""
    order = np.argsort(p, kind="stable")
    parts = [part for part in np.array_split(order, max(1, min(_BINS, len(p) // _LEAST_IN_BIN))) if len(part)]
    ends = [wilson(int(positive[part].sum()), len(part)) for part in parts]
    return Reliability(
        np.array([p[part].mean() for part in parts]),
        np.array([positive[part].mean() for part in parts]),
        np.array([low for low, _ in ends]),
        np.array([high for _, high in ends]),
        np.array([len(part) for part in parts]),
    )


def brier(p: Array, positive: Flags) -> float:
    """Mean squared distance of the chance from what came; 0 is perfect."""
    return float(((p - positive) ** 2).mean())


def residuals(said: Array, y: Array) -> tuple[npt.NDArray[np.int64], Array]:
    """Rows to draw, at most `MOST_RESIDUALS` evenly of all, and the 2.5th, 50th and 97.5th percentile of y - said."""
    shown = np.unique(np.round(np.linspace(0, len(y) - 1, min(len(y), MOST_RESIDUALS))).astype(np.int64))
    return shown, np.quantile(y - said, [0.025, 0.5, 0.975])
