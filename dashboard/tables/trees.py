"""The trees of a fitted forest, boosting or single tree: their nodes as arrays, and of a small one its leaves as rules.

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
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Tree:
    """A tree by its nodes, the first being the root: a row z [columns] at node k goes to left[k] when z[column[k]] <= threshold[k], else to
    right[k]. At a leaf, where left[k] < 0, it adds value[k]."""

    left: Places
    right: Places
    column: Places
    threshold: Array
    value: Array


@dataclass(frozen=True)
class Leaves:
    """One tree: a row z [columns] reaches leaf k when low[k] < z <= high[k] in every column; it then adds value[k]."""

    low: Array
    high: Array
    value: Array


def trees_of(model: Any, learner: LearnerName, task: Task, target: int) -> tuple[float, list[Tree]]:
    """What is added to every row, and the trees.

    For a forest or a tree the sum is the probability or the number; for boosting the number, or the log-odds (the raw score of a class where
    there are more than two).
    """
    if learner != "boosting":
        trees = model.estimators_ if learner == "forest" else [model]
        at = target if task == "classification" else 0
        return 0.0, [_of_forest(one.tree_, at, len(trees)) for one in trees]
    two = task == "classification" and len(model._predictors[0]) == 1
    sign = -1.0 if two and target == 0 else 1.0
    at = 0 if two or task == "regression" else target
    start = float(np.ravel(model._baseline_prediction)[at])
    return sign * start, [_of_boosting(one[at].nodes, sign) for one in model._predictors]


def compared(design: Array, learner: LearnerName) -> Array:
    """A design matrix as the trees compare it."""
    return design.astype(np.float32).astype(np.float64) if learner != "boosting" else design


def _of_forest(tree: Any, target: int, count: int) -> Tree:
    value = tree.value[:, 0, target] / count
    return Tree(tree.children_left, tree.children_right, tree.feature, tree.threshold, value)


def _of_boosting(nodes: Any, sign: float) -> Tree:
    left, right, column = (nodes[name].astype(np.int64) for name in ("left", "right", "feature_idx"))
    left[nodes["is_leaf"].astype(bool)] = -1
    return Tree(
        left, right, column, nodes["num_threshold"].astype(np.float64), sign * nodes["value"].astype(np.float64)
    )


def leaves_of(tree: Tree, columns: int) -> Leaves:
    """The leaves of a small tree; a deep one of many columns would need their product."""
    low, high, values = [], [], []
    for node, lower, upper in _walk(tree, columns):
        low.append(lower)
        high.append(upper)
        values.append(tree.value[node])
    return Leaves(np.array(low), np.array(high), np.array(values, dtype=np.float64))


def _walk(tree: Tree, columns: int) -> Iterator[tuple[int, Array, Array]]:
    """Each leaf with the bounds on the way to it."""
    waiting = [(0, np.full(columns, -np.inf), np.full(columns, np.inf))]
    while waiting:
        node, low, high = waiting.pop()
        if tree.left[node] < 0:
            yield node, low, high
            continue
        column, threshold = tree.column[node], tree.threshold[node]
        below, above = high.copy(), low.copy()
        below[column], above[column] = min(high[column], threshold), max(low[column], threshold)
        waiting += [(int(tree.left[node]), low, below), (int(tree.right[node]), above, high)]
