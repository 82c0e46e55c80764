"""Models a person can read beside the chosen one: what simplicity costs on this table, and what the simple ones say.

How much there is to read: the rules (leaves) of trees, the weights of a regression or a network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.tables.fitting import Fitted, fit
from dashboard.tables.network import Network
from dashboard.tables.recipe import NAMES, TREES, LearnerName
from dashboard.tables.trees import Leaves, leaves_of, trees_of
from dashboard.tables.validation import Figure, main_measure
from data.table import cell_text
from data.text import Text

Array = npt.NDArray[np.float64]

_RESAMPLES = 1000


@dataclass(frozen=True)
class Rival:
    """Another learner on the same rows.

    Attributes:
        parts: Rules or weights a person would have to read.
        figures: As those of any model.
        behind: By how much the main measure (accuracy or R²) is below the chosen model's, and the ends of its 95 % interval.
        reading: What it says, of a readable one: rules or weights, as a person reads them.
    """

    learner: LearnerName
    parts: int
    figures: dict[str, Figure]
    behind: tuple[float, float, float]
    reading: list[dict[str, Any]]


def rival(fitted: Fitted, learner: LearnerName, folder: Path, target: int) -> Rival:
    """A rival of a model, trained on the same rows; `target` is the class its weights are read for."""
    other = fit(fitted.recipe.model_copy(update={"learner": learner}), folder)
    return Rival(learner, parts_of(other), other.figures, behind(fitted, other), reading_of(other, target))


def behind(fitted: Fitted, other: Fitted) -> tuple[float, float, float]:
    """How far the other is behind, and the 95 % interval by resampling the rows both were judged on."""
    measure, y = _measure(fitted), fitted.data.y[fitted.held_out]
    ours, theirs = (
        one.scores(one.data.x[one.held_out]) for one in (fitted, other)
    )  # the same rows, perhaps by other columns
    generator = np.random.default_rng(fitted.recipe.seed)
    draws = [generator.integers(len(y), size=len(y)) for _ in range(_RESAMPLES)]
    apart = [measure(ours[rows], y[rows]) - measure(theirs[rows], y[rows]) for rows in draws]
    low, high = np.nanpercentile(apart, [2.5, 97.5])
    return measure(ours, y) - measure(theirs, y), float(low), float(high)


def _measure(fitted: Fitted) -> Callable[[Array, Array], float]:
    return main_measure(fitted.data.y[fitted.train], classed=fitted.task == "classification")[1]


def parts_of(fitted: Fitted) -> int:
    """What there is to read."""
    learner, model = fitted.recipe.learner, fitted.model
    if learner == "foreign":
        return 0
    if isinstance(model, Network):
        return model.weights
    if learner == "linear":
        return int(model.coef_.size + np.size(model.intercept_))
    if learner == "boosting":
        return sum(int(tree.nodes["is_leaf"].sum()) for stage in model._predictors for tree in stage)
    trees = model.estimators_ if learner == "forest" else [model]
    return sum(int(tree.tree_.n_leaves) for tree in trees)


def reading_of(fitted: Fitted, target: int) -> list[dict[str, Any]]:
    """Rules of a small tree, the weightiest first, or weights of a regression; nothing of the others."""
    if fitted.recipe.learner == "tree":
        return _rules(fitted)
    return _weights(fitted, target) if fitted.recipe.learner == "linear" else []


def _rules(fitted: Fitted) -> list[dict[str, Any]]:
    z = fitted.design(fitted.data.x[fitted.train]).astype(np.float32).astype(np.float64)
    count = len(fitted.targets) if fitted.data.classes else 1
    trees = [trees_of(fitted.model, "tree", fitted.task, k)[1][0] for k in range(count)]
    leaves = [leaves_of(tree, z.shape[1]) for tree in trees]
    found = []
    for k in range(len(leaves[0].value)):
        reached = ((z > leaves[0].low[k]) & (z <= leaves[0].high[k])).all(axis=1)
        values = np.array([one.value[k] for one in leaves])
        best = int(values.argmax())
        found.append(
            {
                "when": _conditions(fitted, leaves[0], k),
                "says": fitted.targets[best] if fitted.data.classes else "",
                "value": float(values[best]),
                "rows": int(reached.sum()),
            }
        )
    return sorted(found, key=lambda one: -one["rows"])


def _conditions(fitted: Fitted, leaves: Leaves, k: int) -> str:
    """What has to be true of a row, in the table's own units."""
    design, told = fitted.design, []
    for column, (low, high) in enumerate(zip(leaves.low[k], leaves.high[k], strict=True)):
        if np.isinf(low) and np.isinf(high):
            continue
        feature = fitted.features[int(design.group[column])]
        if column >= len(design.numbers):
            first = int(np.flatnonzero(design.group == design.group[column])[0])
            level = column - first
            name = f"“{feature.levels[level]}”" if level < len(feature.levels) else "–"
            told.append(f"{feature.name} {'=' if np.isinf(high) else '≠'} {name}")
            continue
        for end, sign in ((low, ">"), (high, "≤")):
            if np.isfinite(end):
                value = float(end * design.scale[column] + design.mean[column])
                told.append(f"{feature.name} {sign} {cell_text(feature, feature.kind, float(f'{value:.4g}'))}")
    return ", ".join(told)


def _weights(fitted: Fitted, target: int) -> list[dict[str, Any]]:
    """What one deviation more of a number, or being of a category, adds to the number or to the log-odds of the target."""
    design, coefficients = fitted.design, np.atleast_2d(fitted.model.coef_)
    two = fitted.task == "classification" and len(coefficients) == 1
    weights = (-1.0 if two and target == 0 else 1.0) * coefficients[0 if two or fitted.task == "regression" else target]
    found = []
    for column, weight in enumerate(weights):
        feature = fitted.features[int(design.group[column])]
        name = feature.name
        if column >= len(design.numbers):
            level = column - int(np.flatnonzero(design.group == design.group[column])[0])
            if level >= len(feature.levels) and not feature.missing:
                continue
            name = f"{feature.name} = {'“' + feature.levels[level] + '”' if level < len(feature.levels) else '–'}"
        found.append({"name": name, "weight": float(weight)})
    return sorted(found, key=lambda one: -abs(one["weight"]))


def in_a_sentence(fitted: Fitted, one: Rival) -> Text:
    """What the rival's simplicity costs."""
    apart, low, high = one.behind
    mine, theirs = NAMES[fitted.recipe.learner], NAMES[one.learner]
    classed = fitted.task == "classification"
    if low > 0:
        en, hi = "is {0} worse than “{3}” (95 % interval {1} to {2})", "“{3}” से {0} पीछे है (95 % अंतराल {1} से {2})"
        numbers = apart, low, high
    elif high < 0:
        en, hi = "is {0} better than “{3}” (95 % interval {1} to {2})", "“{3}” से {0} आगे है (95 % अंतराल {1} से {2})"
        numbers = -apart, -high, -low
    else:
        en = "is not surely worse or better than “{3}” (95 % interval: {1} better to {2} worse)"
        hi = "“{3}” से पक्के तौर पर न आगे है न पीछे (95 % अंतराल: {1} आगे से {2} पीछे तक)"
        numbers = apart, -low, high
    return Text(
        en=f"“{theirs.en}” ({_count(one, 'en')}) {en.format(*(_amount(k, classed, 'en') for k in numbers), mine.en)}.",
        hi=f"“{theirs.hi}” ({_count(one, 'hi')}) {hi.format(*(_amount(k, classed, 'hi') for k in numbers), mine.hi)}।",
    )


def _count(one: Rival, language: str) -> str:
    if one.learner in TREES:
        return f"{one.parts:,} rules" if language == "en" else f"{one.parts:,} नियम"
    return f"{one.parts:,} weights" if language == "en" else f"{one.parts:,} वज़न"


def _amount(value: float, classed: bool, language: str) -> str:
    if not classed:
        return f"{value:.3f} R²"
    return f"{100 * value:.1f} {'points' if language == 'en' else 'अंक'}"
