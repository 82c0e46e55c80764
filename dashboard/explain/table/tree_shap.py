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
import numpy.typing as npt

from dashboard.explain.contract import Explanation
from dashboard.explain.games import NORMAL_95
from dashboard.explain.table import words
from dashboard.explain.table.subject import Array, Asked, TableSubject
from dashboard.tables.design import Design
from dashboard.tables.fitting import Fitted
from dashboard.tables.recipe import TREES
from dashboard.tables.trees import Leaves, compared, leaves_of
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
    start, trees = leaves_of(fitted.model, learner, fitted.task, subject.target_index, x.shape[1])
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


def of_tree(tree: Leaves, x: Array, z: Array, design: Design) -> OfTree:
    """One tree.

    Only bounds that a leaf has are looked at, of 77 columns some 14 for a deep tree, and shares are summed over leaves alone that some mixture of
    the row and a background row reaches: a forest of deep trees takes a fifth of the time of looking everywhere.

    Args:
        tree: Its leaves.
        x: The row, as the design has it [columns].
        z: Background rows [background, columns].
        design: Which feature a column belongs to.
    """
    players = int(design.group.max()) + 1
    leaf, column = np.nonzero((tree.low > -np.inf) | (tree.high < np.inf))
    if not len(leaf):  # a tree of one leaf
        return OfTree(np.zeros(players), float(tree.value.sum()), float(tree.value.sum()))
    order = np.lexsort((design.group[column], leaf))
    leaf, column = leaf[order], column[order]
    low, high, feature = tree.low[leaf, column], tree.high[leaf, column], design.group[column]
    starts = np.flatnonzero(np.diff(leaf * players + feature, prepend=-1))  # a feature fits when all its columns do
    from_x = np.logical_and.reduceat((x[column] > low) & (x[column] <= high), starts)  # [bounds]
    from_z = np.logical_and.reduceat(
        (z[:, column] > low) & (z[:, column] <= high), starts, axis=1
    )  # [background, bounds]
    leaf, feature = leaf[starts], feature[starts]
    first = np.flatnonzero(np.diff(leaf, prepend=-1))
    value = tree.value[leaf[first]]
    reached = float(np.logical_and.reduceat(from_x, first) @ value)
    base = float((np.logical_and.reduceat(from_z, first, axis=1) @ value).mean())
    reachable = np.logical_and.reduceat(from_x | from_z, first, axis=1)  # [background, leaves]
    some: npt.NDArray[np.bool_] = np.any(reachable, axis=0)
    of_leaf = np.repeat(np.arange(len(first)), np.diff(first, append=len(leaf)))
    kept = some[of_leaf]
    place = (np.cumsum(some) - 1)[of_leaf[kept]]  # of each bound that is kept, its leaf among those kept
    first = np.flatnonzero(np.diff(place, prepend=-1))
    from_x, from_z, feature = from_x[kept], from_z[:, kept], feature[kept]
    a, b = from_x & ~from_z, ~from_x & from_z
    sizes = tuple(np.add.reduceat(one.astype(np.int64), first, axis=1) for one in (a, b))
    worth = np.where(reachable[:, some], value[some], 0.0) / len(z)
    gain, loss = _weights(players)
    moved = ((worth * gain[sizes])[:, place] * a - (worth * loss[sizes])[:, place] * b).sum(axis=0)
    shares = np.bincount(feature, weights=moved, minlength=players).astype(np.float64)
    return OfTree(shares, reached, base)


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
