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

import numpy as np
import numpy.typing as npt

from dashboard.explain.contract import Explanation
from dashboard.explain.table import words
from dashboard.explain.table.subject import Array, Asked, TableSubject
from dashboard.tables.design import Design
from dashboard.tables.fitting import Fitted
from dashboard.tables.recipe import TREES
from dashboard.tables.trees import Leaves, compared, leaves_of
from data.catalog import Config, ExplainerCard
from data.text import Problem, Text


class TreeShapConfig(Config):
    """Nothing to set: it is exact and draws nothing."""


def explain(subject: TableSubject, config: TreeShapConfig) -> Iterator[Explanation]:
    """One answer, exact; of boosting that tells classes, on the scale of log-odds (`details["scale"]`)."""
    fitted = subject.fitted
    if fitted is None or fitted.recipe.learner not in TREES:
        raise Problem(words.NO_TREES, code="no_trees", field="method")
    asked = Asked(subject)
    learner, design = fitted.recipe.learner, fitted.design
    x, z = (compared(design(rows), learner) for rows in (subject.x[None], subject.background))
    start, trees = leaves_of(fitted.model, learner, fitted.task, subject.target_index, x.shape[1])
    phi = np.zeros(len(subject.x))
    reached = base = start
    for tree in trees:
        phi += shares_of(tree, x[0], z, design)
        reached += tree.value[_inside(tree, x)[0].all(axis=1)].sum()
        base += (_inside(tree, z).all(axis=2) @ tree.value).mean()
    yield Explanation(
        phi, float(reached), subject.target, base_value=float(base), half_width=np.zeros_like(phi), seconds=asked.seconds,
        model_calls=len(z) + 1, details={"scale": "log_odds"} if _on_log_odds(fitted) else {},
    )  # fmt: skip


def shares_of(tree: Leaves, x: Array, z: Array, design: Design) -> Array:
    """The shares of one tree [features].

    Args:
        tree: Its leaves.
        x: The row, as the design has it [columns].
        z: Background rows [background, columns].
        design: Which feature a column belongs to.
    """
    from_x = _features_fit(_inside(tree, x[None]), design)  # [1, leaves, features]
    from_z = _features_fit(_inside(tree, z), design)  # [background, leaves, features]
    reachable = (from_x | from_z).all(axis=2)
    a, b = from_x & ~from_z, ~from_x & from_z
    sizes = a.sum(axis=2), b.sum(axis=2)
    worth = np.where(reachable, tree.value, 0.0) / len(z)
    gain, loss = _weights(a.shape[2])
    shares: Array = np.einsum("zl,zlf->f", worth * gain[sizes], a) - np.einsum("zl,zlf->f", worth * loss[sizes], b)
    return shares


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


def _inside(tree: Leaves, rows: Array) -> npt.NDArray[np.bool_]:
    """Whether a row keeps within a leaf's bounds in a column [rows, leaves, columns]."""
    return (rows[:, None] > tree.low) & (rows[:, None] <= tree.high)


def _features_fit(inside: npt.NDArray[np.bool_], design: Design) -> npt.NDArray[np.bool_]:
    """The same for features, which fit when all their columns do [rows, leaves, features]."""
    group = design.group
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    return np.logical_and.reduceat(inside[:, :, order], starts, axis=2)


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
