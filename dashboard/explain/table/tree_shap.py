"""TreeSHAP: exact Shapley values of forests and boosted trees, from the trees themselves, for any number of features.

S. Lundberg et al., arXiv:1905.04610, algorithm 3 (interventional). For one background row z and one leaf, the row x made of
features of x and z reaches the leaf if a set A of features comes from x and a set B from z; that is a game of which the shares are
known: (|A| - 1)! |B|! / (|A| + |B|)! for each of A, and minus |A|! (|B| - 1)! / (|A| + |B|)! for each of B. All leaves and
background rows are done at once. The players are the table's columns, whatever columns of the design they become, so this is the
same game as that of `exact_shapley` and `kernel_shap`. The `shap` library's own is a peer in the tests; why it is no more than
that stands in decision 0041.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from dashboard.explain.contract import Explanation
from dashboard.explain.games import NORMAL_95
from dashboard.explain.table import words
from dashboard.explain.table.subject import Array, Asked, TableSubject
from dashboard.tables.design import Design
from dashboard.tables.fitting import Fitted
from dashboard.tables.recipe import TREES
from dashboard.tables.trees import Places, Tree, compared, trees_of
from data.catalog import Config, ExplainerCard
from data.text import Problem, Text

_FIRST = 8
"""Trees before the first snapshot."""


class TreeShapConfig(Config):
    """Nothing to set: it is exact and draws nothing."""


def explain(subject: TableSubject, config: TreeShapConfig) -> Iterator[Explanation]:
    """Snapshots from 8, 16, 32 … trees of a forest with intervals, then the answer, exact; of boosting that tells classes, on the scale of log-odds (`details["scale"]`)."""
    fitted = subject.fitted
    if fitted is None or fitted.recipe.learner not in TREES:
        raise Problem(words.NO_TREES, code="no_trees", field="method")
    asked = Asked(subject)
    learner, design = fitted.recipe.learner, fitted.design
    x, z = (compared(design(rows), learner) for rows in (subject.x[None], subject.background))
    start, trees = trees_of(fitted.model, learner, fitted.task, subject.target_index)
    found: list[OfTree] = []
    for count in _looks(len(trees)) if learner == "forest" else [len(trees)]:
        found += [of_tree(tree, x[0], z, design) for tree in trees[len(found) : count]]
        scale, spread = len(trees) / count, np.array([one.shares for one in found])
        unseen = np.sqrt(1 - count / len(trees)) if count > 1 else 0.0
        yield Explanation(
            scale * spread.sum(axis=0), start + scale * sum(one.reached for one in found), subject.target,
            base_value=start + scale * sum(one.base for one in found),
            half_width=len(trees) * NORMAL_95 * unseen * spread.std(axis=0) / np.sqrt(max(count - 1, 1)), seconds=asked.seconds,
            model_calls=len(z) + 1, converged=count == len(trees), details={"scale": "log_odds"} if _on_log_odds(fitted) else {},
        )  # fmt: skip


def _looks(trees: int) -> list[int]:
    """After how many trees of a forest there is something to see: its trees are alike but for chance, and some stand for all."""
    looks = [_FIRST]
    while looks[-1] < trees:
        looks.append(2 * looks[-1])
    return [min(one, trees) for one in looks]


@dataclass(frozen=True)
class OfTree:
    """What one tree adds: the shares [features], what the row reaches, and what background rows reach on average."""

    shares: Array
    reached: float
    base: float


def of_tree(tree: Tree, x: Array, z: Array, design: Design) -> OfTree:
    """One tree.

    Of some thousand leaves of a deep tree a background row, mixed with the row in all ways, reaches some dozens; only these are looked at, and
    of their bounds only those that stand on the way to them.

    Args:
        tree: Its nodes.
        x: The row, as the design has it [columns].
        z: Background rows [background, columns].
        design: Which feature a column belongs to.
    """
    players = int(design.group.max()) + 1
    reached = float(tree.value[_ends(tree, x[None])[0]])
    base = float(tree.value[_ends(tree, z)].mean())
    row, node = _meetings(tree, x, z)
    bounds = _bounds(tree, np.unique(node), design)
    if not len(bounds.leaf):  # a tree of one leaf
        return OfTree(np.zeros(players), reached, base)
    begin, count = (np.searchsorted(bounds.leaf, node, side) for side in ("left", "right"))
    count -= begin
    # every bound on the way to every meeting, meeting by meeting
    first = np.cumsum(count) - count
    meeting = np.repeat(np.arange(len(node)), count)
    at = np.arange(len(meeting)) - first[meeting] + begin[meeting]
    column, low, high, feature = (one[at] for one in (bounds.column, bounds.low, bounds.high, bounds.feature))
    here = z[row[meeting], column]
    starts = np.flatnonzero(np.diff(meeting * players + feature, prepend=-1))  # a feature fits when all its columns do
    from_x = np.logical_and.reduceat((x[column] > low) & (x[column] <= high), starts)
    from_z = np.logical_and.reduceat((here > low) & (here <= high), starts)
    meeting, feature = meeting[starts], feature[starts]
    first = np.flatnonzero(np.diff(meeting, prepend=-1))
    reachable = np.logical_and.reduceat(from_x | from_z, first)
    a, b = from_x & ~from_z, ~from_x & from_z
    sizes = tuple(np.add.reduceat(one.astype(np.int64), first) for one in (a, b))
    worth = np.where(reachable, tree.value[node[meeting[first]]], 0.0) / len(z)
    gain, loss = _weights(players)
    place = np.repeat(np.arange(len(first)), np.diff(first, append=len(meeting)))
    moved = (worth * gain[sizes])[place] * a - (worth * loss[sizes])[place] * b
    return OfTree(np.bincount(feature, weights=moved, minlength=players).astype(np.float64), reached, base)


def _ends(tree: Tree, rows: Array) -> Places:
    """The leaf each row reaches [rows]."""
    node = np.zeros(len(rows), dtype=np.int64)
    while (inner := np.flatnonzero(tree.left[node] >= 0)).size:
        at = node[inner]
        goes_left = rows[inner, tree.column[at]] <= tree.threshold[at]
        node[inner] = np.where(goes_left, tree.left[at], tree.right[at])
    return node


def _meetings(tree: Tree, x: Array, z: Array) -> tuple[Places, Places]:
    """Background rows and the leaves where the row, or that row, could go at every fork: of any mixture no other is reached."""
    row, node = np.arange(len(z)), np.zeros(len(z), dtype=np.int64)
    rows, leaves = [], []
    while len(node):
        leaf = tree.left[node] < 0
        rows.append(row[leaf])
        leaves.append(node[leaf])
        row, node = row[~leaf], node[~leaf]
        column, threshold = tree.column[node], tree.threshold[node]
        own, other = x[column] <= threshold, z[row, column] <= threshold
        left, right = own | other, ~(own & other)
        row, node = (
            np.concatenate([row[left], row[right]]),
            np.concatenate([tree.left[node[left]], tree.right[node[right]]]),
        )
    return np.concatenate(rows), np.concatenate(leaves)


@dataclass(frozen=True)
class _Bounds:
    """What has to hold to reach leaves: low < z[column] <= high, by leaf, then by feature and column [bounds]."""

    leaf: Places
    feature: Places
    column: Places
    low: Array
    high: Array


def _bounds(tree: Tree, leaves: Places, design: Design) -> _Bounds:
    """The bounds on the way to some leaves, each column's narrowest."""
    inner = np.flatnonzero(tree.left >= 0)
    parent = np.full(len(tree.left), -1, dtype=np.int64)
    parent[tree.left[inner]] = parent[tree.right[inner]] = inner
    of_leaf, node = leaves, leaves
    found: list[tuple[Places, Places, Array, Array]] = []
    while (up := parent[node] >= 0).any():
        of_leaf, node = of_leaf[up], node[up]
        above = parent[node]
        from_left, threshold = tree.left[above] == node, tree.threshold[above]
        found.append(
            (
                of_leaf,
                tree.column[above],
                np.where(from_left, -np.inf, threshold),
                np.where(from_left, threshold, np.inf),
            )
        )
        node = above
    if not found:
        none, nothing = np.empty(0, dtype=np.int64), np.empty(0)
        return _Bounds(none, none, none, nothing, nothing)
    leaf, column, low, high = (np.concatenate([one[k] for one in found]) for k in range(4))
    feature = design.group[column]
    order = np.lexsort((column, feature, leaf))
    leaf, feature, column, low, high = (one[order] for one in (leaf, feature, column, low, high))
    starts = np.flatnonzero((np.diff(leaf, prepend=-1) != 0) | (np.diff(column, prepend=-1) != 0))
    return _Bounds(
        leaf[starts],
        feature[starts],
        column[starts],
        np.maximum.reduceat(low, starts),
        np.minimum.reduceat(high, starts),
    )


@lru_cache(maxsize=16)
def _weights(players: int) -> tuple[Array, Array]:
    """What each of A gains and each of B loses, by the sizes of A and B [players + 1, players + 1]."""
    gain, loss = np.zeros((2, players + 1, players + 1))
    for a in range(players + 1):
        for b in range(players + 1 - a):
            if a:
                gain[a, b] = 1 / (a * math.comb(a + b, a))
            if b:
                loss[a, b] = 1 / (b * math.comb(a + b, b))
    return gain, loss


def _on_log_odds(fitted: Fitted) -> bool:
    return fitted.recipe.learner == "boosting" and fitted.task == "classification"


EXPLAINER = ExplainerCard(
    name="tree_shap",
    title=Text(en="TreeSHAP", hi="TreeSHAP (पेड़ों का शैप)"),
    summary=Text(
        en="Exact shares for random forests and gradient boosting, computed from the trees themselves.",
        hi="रैंडम फ़ॉरेस्ट और ग्रेडिएंट बूस्टिंग के सटीक हिस्से, सीधे पेड़ों से निकाले हुए।",
    ),
    source="arXiv:1905.04610",
    kind="table",
    config=TreeShapConfig,
    explain=explain,
)
