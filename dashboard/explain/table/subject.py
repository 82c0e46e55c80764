"""What is explained of a table: one model, one row, one target. `subject_of` finds them by a request's plain values.

`model`: a recipe (`dashboard.tables.recipe.Recipe` as a dictionary); `row`: a row of its table, from 0, or the array `x`
[features] of a row that is in no table; `target`: a class (the predicted one when empty); `limits`: by column, what a
counterfactual may change.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from dashboard.explain.contract import Explanation
from dashboard.explain.games import Coalitions, Worth
from dashboard.tables.fitting import Fitted, fit, row_of
from dashboard.tables.recipe import Recipe
from data.catalog import Config, ExplainerCard
from data.table import Column

Array = npt.NDArray[np.float64]

ROWS_AT_ONCE = 8192
"""Bounds memory: a coalition costs as many rows as the background has."""


class Limits(BaseModel):
    """What may change about a column: nothing (`fixed`), only upwards or downwards, only within a range."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fixed: bool = False
    direction: Literal["any", "up", "down"] = "any"
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class TableSubject:
    """A model's score as a function of rows, and one row.

    Attributes:
        predict: Rows [rows, features] to scores of the target [rows].
        x: The row [features].
        background: Rows that stand for "not known" [background, features].
        features: What the columns are.
        target: What the score is of.
        held_out: Rows the model has not seen [rows, features], and the truth of each [rows]: 1 where it is of the target's
            class and else 0, or the number itself.
        limits: By column.
        fitted: The trained model, for methods that look inside it.
        target_index: Position of the target among the model's scores.
    """

    predict: Callable[[Array], Array]
    x: Array
    background: Array
    features: tuple[Column, ...]
    target: str
    held_out: tuple[Array, Array] | None = None
    limits: Mapping[str, Limits] = field(default_factory=dict)
    fitted: Fitted | None = None
    target_index: int = 0


class Asked:
    """The model of a subject, asked in bounded pieces; counts what it was asked and since when."""

    def __init__(self, subject: TableSubject) -> None:
        self._subject = subject
        self._began = time.perf_counter()
        self.calls = 0

    def __call__(self, rows: Array) -> Array:
        """Scores of rows [rows]."""
        self.calls += len(rows)
        parts = [self._subject.predict(rows[k : k + ROWS_AT_ONCE]) for k in range(0, len(rows), ROWS_AT_ONCE)]
        return np.concatenate(parts) if parts else np.empty(0)

    @property
    def seconds(self) -> float:
        """Since the work began."""
        return time.perf_counter() - self._began

    def worth(self, coalitions: Coalitions) -> Worth:
        """v(S): the mean score when the features of S are the row's and the others those of each background row in turn."""
        x, background = self._subject.x, self._subject.background
        found = np.empty(len(coalitions))
        step = max(1, ROWS_AT_ONCE // len(background))
        for k in range(0, len(coalitions), step):
            some = coalitions[k : k + step]
            rows = np.where(some[:, None, :], x, background).reshape(-1, len(x))
            found[k : k + step] = self(rows).reshape(len(some), -1).mean(axis=1)
        return found


def subject_of(values: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> TableSubject:
    """The subject of a request.

    Raises:
        Problem: The model cannot be made, or there is no such row or class.
    """
    from dashboard.settings import settings

    fitted = fit(Recipe.model_validate(values["model"]), settings().tables)
    x = _row(fitted, values, arrays)
    index = fitted.target_index(values.get("target"), x)
    limits = {name: Limits.model_validate(told) for name, told in values.get("limits", {}).items()}
    return subject_from(fitted, x, index, limits)


def evidence_of(subject: TableSubject, card: ExplainerCard, config: Config, one: Explanation) -> Iterator[Explanation]:
    """The explanation again, with more and more evidence (`dashboard/explain/table/evidence.py`)."""
    from dashboard.explain.table import evidence  # it explains again, by other methods, which need this module

    return evidence.evidence_of(subject, card, config, one)


def about_model(subject: TableSubject) -> dict[str, Any]:
    """What the model is, in plain values, for the record of an explanation; a recipe is as good as its weights."""
    fitted = subject.fitted
    assert fitted is not None, "a request has a trained model"
    return {
        "name": fitted.recipe.learner, "weights": fitted.id, "task": fitted.task, "column": fitted.recipe.target,
        "figures": {name: vars(figure) for name, figure in fitted.figures.items()},
        "rows": len(fitted.train), "held out": len(fitted.held_out),
    }  # fmt: skip


def subject_from(fitted: Fitted, x: Array, index: int, limits: Mapping[str, Limits] | None = None) -> TableSubject:
    """The subject of a trained model, a row [features] and the position of a target."""
    y = fitted.data.y[fitted.held_out]
    return TableSubject(
        predict=lambda rows: fitted.scores(rows)[:, index],
        x=x,
        background=fitted.background,
        features=fitted.features,
        target=fitted.targets[index],
        held_out=(fitted.data.x[fitted.held_out], (y == index).astype(np.float64) if fitted.data.classes else y),
        limits=limits or {},
        fitted=fitted,
        target_index=index,
    )


def _row(fitted: Fitted, values: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Array:
    if "x" in arrays:
        x = np.asarray(arrays["x"], dtype=np.float64)
        if x.shape != (len(fitted.features),):
            raise ValueError(f"a row has {len(fitted.features)} values, not {x.shape}")
        return x
    return row_of(fitted, int(values.get("row", 0)))
