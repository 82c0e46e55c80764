"""The requests about what a model of a table is worth: "table_validation" in full, "table_rival" another learner beside it,
"table_fairness" group by group.

`values["model"]` is a recipe, `values["target"]` a class; the last one when none is named.
"""

from __future__ import annotations

from typing import Any, get_args

import numpy as np

from dashboard.compute import words
from dashboard.compute.served import Arrays, Served
from dashboard.compute.tables import fitted_of
from dashboard.settings import settings
from dashboard.tables.cohorts import MOST_GROUPS, Cohort, cohorts
from dashboard.tables.encoding import column_values
from dashboard.tables.fairness import errors, rates, told_of_errors, told_of_rates
from dashboard.tables.fitting import Fitted
from dashboard.tables.judging import CUTS, brier, counts_at_cuts, reliability, residuals, roc
from dashboard.tables.recipe import LearnerName
from dashboard.tables.rivals import in_a_sentence, rival
from dashboard.tables.validation import main_measure
from data.tables import find, load
from data.text import Problem


def table_validation(values: dict[str, Any], arrays: Arrays) -> Served:
    """Of classes: `confusion`, `roc_x`, `roc_y`, the five arrays of `reliability`, `cuts` and their `counts` [cuts, 4], and the Brier
    score beside that of the base rate. Of a number: `said`, `residual` of rows to draw, and their quantiles."""
    fitted = fitted_of(values)
    scores, y = fitted.scores(fitted.data.x[fitted.held_out]), fitted.data.y[fitted.held_out]
    if fitted.task == "regression":
        shown, quantiles = residuals(scores[:, 0], y)
        told = {"task": fitted.task, "rows": len(y), "quantiles": quantiles.tolist()}
        return Served(told, {"said": scores[shown, 0], "residual": (y - scores[:, 0])[shown]})
    at = target_at(fitted, values)
    p, positive = scores[:, at], y == at
    x, hits = roc(p, positive)
    groups = reliability(p, positive)
    rate = float((fitted.data.y[fitted.train] == at).mean())
    told = {
        "task": fitted.task, "rows": len(y), "target": fitted.targets[at], "targets": list(fitted.targets),
        "positive": int(positive.sum()), "brier": brier(p, positive), "brier_of_rate": brier(np.full(len(p), rate), positive),
    }  # fmt: skip
    assert fitted.confusion is not None
    return Served(
        told,
        {
            "confusion": fitted.confusion, "roc_x": x, "roc_y": hits, "cuts": CUTS, "counts": counts_at_cuts(p, positive),
            "said": groups.said, "came": groups.came, "low": groups.low, "high": groups.high, "in_group": groups.rows,
        },
    )  # fmt: skip


def table_rival(values: dict[str, Any], arrays: Arrays) -> Served:
    """The learner `rival` on the same rows: figures, how much there is to read, how far it is behind, and what it says."""
    fitted = fitted_of(values)
    if values.get("rival") not in get_args(LearnerName):
        raise Problem(words.NO_RIVAL.format(name=values.get("rival")), code="unknown_learner", field="rival")
    one = rival(fitted, values["rival"], settings().tables, target_at(fitted, values))
    measure, _ = main_measure(fitted.data.y[fitted.train], classed=fitted.task == "classification")
    return Served(
        {
            "learner": one.learner, "parts": one.parts, "measure": measure, "figures": {name: vars(found) for name, found in one.figures.items()},
            "behind": list(one.behind), "reading": one.reading, "sentence": in_a_sentence(fitted, one).model_dump(),
        }
    )  # fmt: skip


def table_fairness(values: dict[str, Any], arrays: Arrays) -> Served:
    """Groups of held-out rows by the column `column` of the table, whether the model sees it or not; of classes how often each is given
    `target`. `groups` are `GroupRates` or `GroupErrors`, `sentences` say what is surely different."""
    fitted = fitted_of(values)
    groups = _groups(fitted, str(values.get("column", "")))
    x, y = fitted.data.x[fitted.held_out], fitted.data.y[fitted.held_out]
    scores = fitted.scores(x)
    if fitted.task == "regression":
        missed = errors(y - scores[:, 0], groups)
        told = {"task": fitted.task, "groups": [vars(one) for one in missed]}
        return Served({**told, "sentences": [one.model_dump() for one in told_of_errors(missed)]})
    at = target_at(fitted, values)
    found = rates(scores.argmax(axis=1) == at, y == at, groups)
    told = {"task": fitted.task, "outcome": fitted.targets[at], "groups": [vars(one) for one in found]}
    return Served({**told, "sentences": [one.model_dump() for one in told_of_rates(found, fitted.targets[at])]})


def _groups(fitted: Fitted, name: str) -> list[Cohort]:
    about = find(fitted.recipe.table, settings().tables)
    column = about.column(name)
    if column is None or name == fitted.recipe.target:
        known = ", ".join([one.name for one in about.columns if one.name != fitted.recipe.target][:20])
        raise Problem(words.NO_GROUPS_BY.format(name=name, known=known), code="unknown_column", field="column")
    kind = fitted.recipe.kind_of(column)
    if column.levels and column.distinct <= MOST_GROUPS:
        kind = "category"
    elif kind == "ignored":  # the model does not see it; whom it treats how is asked all the same
        kind = "number" if column.numeric else "category"
    table, at = load(about), [one.name for one in about.columns].index(name)
    lines = fitted.data.lines[fitted.held_out]
    groups = cohorts(column, kind, column_values(table, at, kind)[lines])
    if not groups:
        raise Problem(words.NO_GROUPS.format(name=name), code="no_groups", field="column")
    return groups


def target_at(fitted: Fitted, values: dict[str, Any]) -> int:
    """The position of the class that is asked about."""
    named = values.get("target")
    return fitted.target_index(named, fitted.background[0]) if named else len(fitted.targets) - 1
