"""The requests about models of tables: "fit_table" trains one and tells what it is worth, "table_scores" asks it about rows, "table_row" reads one of
the table.

`values["model"]` is a recipe. A fitted model is held by the worker; another worker trains it again from the recipe.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dashboard.compute.served import Arrays, Served
from dashboard.settings import settings
from dashboard.tables.fitting import Fitted, fit, row_of
from dashboard.tables.recipe import Recipe

MOST_SHOWN = 300
"""Held-out rows that go to a page."""
MOST_ASKED = 20_000


def fit_table(values: dict[str, Any], arrays: Arrays) -> Served:
    """Figures, features and held-out rows (`lines` of the table, `x`, `scores`, `y`) of a model."""
    fitted = fitted_of(values)
    shown = fitted.held_out[:MOST_SHOWN]
    x = fitted.data.x[shown]
    told = {
        "id": fitted.id,
        "task": fitted.task,
        "targets": list(fitted.targets),
        "features": [one.model_dump() for one in fitted.features],
        "figures": {name: vars(figure) for name, figure in fitted.figures.items()},
        "train": len(fitted.train),
        "learnable": fitted.learnable,
        "held_out": len(fitted.held_out),
        "seconds": fitted.seconds,
    }
    sent = {
        "lines": fitted.data.lines[shown],
        "x": x,
        "scores": fitted.scores(x),
        "y": fitted.data.y[shown],
        "usual": _usual(fitted),
    }
    if fitted.confusion is not None:
        sent["confusion"] = fitted.confusion
    return Served(told, sent)


def table_scores(values: dict[str, Any], arrays: Arrays) -> Served:
    """What the model says of rows `x` [rows, features]: `scores` [rows, classes]."""
    fitted = fitted_of(values)
    x = np.asarray(arrays["x"], dtype=np.float64)[:MOST_ASKED]
    return Served({}, {"scores": fitted.scores(x)})


def table_row(values: dict[str, Any], arrays: Arrays) -> Served:
    """Row `row` of the table as the model sees it: `x` [features] and `scores` [1, classes]."""
    fitted = fitted_of(values)
    x = row_of(fitted, int(values["row"]))
    return Served({}, {"x": x, "scores": fitted.scores(x[None])})


def fitted_of(values: dict[str, Any]) -> Fitted:
    """The model of a request, trained if nobody holds it."""
    return fit(Recipe.model_validate(values["model"]), settings().tables)


def _usual(fitted: Fitted) -> np.ndarray:
    """What numbers mostly lie between: the 2nd and the 98th percentile of the training rows [2, features]."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.nanpercentile(fitted.data.x[fitted.train], [2, 98], axis=0))
