"""What a model is worth on rows it has not seen, each figure with a 95 % interval and what the simplest guess would reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

Array = npt.NDArray[np.float64]

_RESAMPLES = 400

Measures = dict[str, tuple[Callable[[Array, Array], float], Callable[[Array], float]]]
"""By name: a measure of scores and truth, and what the guess reaches given the truth."""


@dataclass(frozen=True)
class Figure:
    """A measure with the ends of its 95 % interval, and the same measure of a guess that looks at nothing."""

    value: float
    low: float
    high: float
    guess: float


def figures(scores: Array, y: Array, train_y: Array, seed: int) -> dict[str, Figure]:
    """Measures on held-out rows; intervals by resampling the rows.

    Args:
        scores: Probabilities [rows, classes], or predictions [rows, 1] of a number.
        y: Positions of the classes, or numbers [rows].
        train_y: The same of the training rows; the guess is their most frequent class, or their mean or median.
        seed: Of the resampling.
    """
    generator = np.random.default_rng(seed)
    draws = [generator.integers(len(y), size=len(y)) for _ in range(_RESAMPLES)]
    measures = _measures(train_y, classed=scores.shape[1] > 1)
    found = {}
    for name, (measure, guess) in measures.items():
        again = np.array([measure(scores[rows], y[rows]) for rows in draws])
        low, high = np.nanpercentile(again, [2.5, 97.5])
        found[name] = Figure(float(measure(scores, y)), float(low), float(high), float(guess(y)))
    return found


def main_measure(train_y: Array, *, classed: bool) -> tuple[str, Callable[[Array, Array], float]]:
    """The name and the function of the first measure: accuracy of classes, R² of numbers."""
    name, (measure, _) = next(iter(_measures(train_y, classed=classed).items()))
    return name, measure


def _measures(train_y: Array, *, classed: bool) -> Measures:
    return _of_classes(train_y) if classed else _of_numbers(train_y)


def auc_of(scores: Array, positive: npt.NDArray[np.bool_]) -> float:
    """Area under the ROC curve: the chance that a positive scores above a negative; NaN without both."""
    count = int(positive.sum())
    if not 0 < count < len(positive):
        return float("nan")
    ranks = rankdata(scores)
    return float((ranks[positive].sum() - count * (count + 1) / 2) / (count * (len(positive) - count)))


def confusion(scores: Array, y: Array) -> npt.NDArray[np.int64]:
    """How many of each true class (row) were taken for each class (column) [classes, classes]."""
    count = scores.shape[1]
    pairs = y.astype(np.int64) * count + scores.argmax(axis=1)
    return np.bincount(pairs, minlength=count * count).reshape(count, count)


def _of_classes(train_y: Array) -> Measures:
    common = np.bincount(train_y.astype(int)).argmax()

    def accuracy(scores: Array, y: Array) -> float:
        return float((scores.argmax(axis=1) == y).mean())

    def auc(scores: Array, y: Array) -> float:
        classes = (1,) if scores.shape[1] == 2 else range(scores.shape[1])
        return float(np.mean([auc_of(scores[:, k], y == k) for k in classes]))

    return {"accuracy": (accuracy, lambda y: float((y == common).mean())), "auc": (auc, lambda y: 0.5)}


def _of_numbers(train_y: Array) -> Measures:
    mean, median = train_y.mean(), np.median(train_y)

    def explained(scores: Array, y: Array) -> float:
        spread = ((y - y.mean()) ** 2).sum()
        return float(1 - ((y - scores[:, 0]) ** 2).sum() / spread) if spread else float("nan")

    def error(scores: Array, y: Array) -> float:
        return float(np.abs(y - scores[:, 0]).mean())

    def guess(y: Array) -> float:
        return explained(np.full((len(y), 1), mean), y)

    return {"r2": (explained, guess), "mae": (error, lambda y: float(np.abs(y - median).mean()))}
