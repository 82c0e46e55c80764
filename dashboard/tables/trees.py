"""The trees of a fitted forest, boosting or single tree, as leaves: what has to be true of a row to reach each, and what it adds to the score.

Read from scikit-learn's own arrays. A forest (and a tree) compares 32-bit numbers, boosting 64-bit ones; who looks into the trees has to do
the same, or rows near a threshold fall on the other side.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.tables.recipe import LearnerName, Task

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Leaves:
    """One tree: a row z [columns] reaches leaf k when low[k] < z <= high[k] in every column; it then adds value[k]."""

    low: Array
    high: Array
    value: Array


def leaves_of(model: Any, learner: LearnerName, task: Task, target: int, columns: int) -> tuple[float, list[Leaves]]:
    """What is added to every row, and the trees.

    For a forest or a tree the sum is the probability or the number; for boosting the number, or the log-odds (the raw score of a class where
    there are more than two).
    """
    if learner != "boosting":
        trees = model.estimators_ if learner == "forest" else [model]
        at = target if task == "classification" else 0
        return 0.0, [_of_forest(one.tree_, at, len(trees), columns) for one in trees]
    two = task == "classification" and len(model._predictors[0]) == 1
    sign = -1.0 if two and target == 0 else 1.0
    at = 0 if two or task == "regression" else target
    start = float(np.ravel(model._baseline_prediction)[at])
    return sign * start, [_of_boosting(one[at].nodes, sign, columns) for one in model._predictors]


def compared(design: Array, learner: LearnerName) -> Array:
    """A design matrix as the trees compare it."""
    return design.astype(np.float32).astype(np.float64) if learner != "boosting" else design


def _of_forest(tree: Any, target: int, count: int, columns: int) -> Leaves:
    ways = zip(tree.children_left, tree.children_right, tree.feature, tree.threshold, strict=True)
    nodes = [(left < 0, left, right, feature, threshold) for left, right, feature, threshold in ways]
    return _leaves(nodes, tree.value[:, 0, target] / count, columns)


def _of_boosting(nodes: Any, sign: float, columns: int) -> Leaves:
    ways = [(bool(n["is_leaf"]), n["left"], n["right"], n["feature_idx"], n["num_threshold"]) for n in nodes]
    return _leaves(ways, sign * nodes["value"].astype(np.float64), columns)


def _leaves(nodes: list[tuple[Any, ...]], value: Array, columns: int) -> Leaves:
    low, high, values = [], [], []
    for node, lower, upper in _walk(nodes, columns):
        low.append(lower)
        high.append(upper)
        values.append(value[node])
    return Leaves(np.array(low), np.array(high), np.array(values, dtype=np.float64))


def _walk(nodes: list[tuple[Any, ...]], columns: int) -> Iterator[tuple[int, Array, Array]]:
    """Each leaf with the bounds on the way to it."""
    waiting = [(0, np.full(columns, -np.inf), np.full(columns, np.inf))]
    while waiting:
        node, low, high = waiting.pop()
        is_leaf, left, right, column, threshold = nodes[node]
        if is_leaf:
            yield node, low, high
            continue
        below, above = high.copy(), low.copy()
        below[column], above[column] = min(high[column], threshold), max(low[column], threshold)
        waiting += [(left, low, below), (right, above, high)]
