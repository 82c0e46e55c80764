"""What guidance trades: how many samples look like the class that was asked for, and how much they still differ.

Notation: samples [n, features] with wanted classes [n]; real items [m, features] with classes [m].
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Trade:
    """`agreement`: share of samples whose nearest real item has the wanted class. `variety`: mean distance between samples of
    a class, in units of that between real items of it.
    """

    agreement: float
    variety: float


def trade(
    samples: npt.NDArray[np.floating],
    wanted: npt.NDArray[np.integer],
    real: npt.NDArray[np.floating],
    classes: npt.NDArray[np.integer],
) -> Trade:
    """Both figures; NaN where there are too few items to tell."""
    drawn, known = _flat(samples), _flat(real)
    nearest = _distances(drawn, known).argmin(axis=1)
    spreads = [
        (_mean_distance(drawn[wanted == label]), _mean_distance(known[classes == label])) for label in np.unique(wanted)
    ]
    ratios = [mine / theirs for mine, theirs in spreads if np.isfinite(mine) and theirs > 0]
    return Trade(float((classes[nearest] == wanted).mean()), float(np.mean(ratios)) if ratios else float("nan"))


def _flat(items: npt.NDArray[np.floating]) -> Array:
    return items.reshape(len(items), -1).astype(np.float64)


def _distances(a: Array, b: Array) -> Array:
    squared = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
    found: Array = np.sqrt(np.maximum(squared, 0))
    return found


def _mean_distance(items: Array) -> float:
    if len(items) < 2:
        return float("nan")
    return float(_distances(items, items).sum() / (len(items) * (len(items) - 1)))
