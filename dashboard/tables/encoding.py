"""A typed table as the matrix that models and explanations speak of: one column a feature, whatever it is made of inside.

x [rows, features] float64: numbers as they are, dates as days, categories as the position of their level; NaN where a cell
is empty. y [rows]: the position of the class, or the number to predict.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dashboard.tables import words
from dashboard.tables.recipe import Recipe, Task, task_of
from data.table import Column, ColumnKind, Table
from data.text import Problem

Array = npt.NDArray[np.float64]

MOST_CLASSES = 20
FEWEST_OF_A_CLASS = 4


@dataclass(frozen=True)
class Encoded:
    """The matrix with what its columns mean; `lines` are the rows of the table that have a target."""

    features: tuple[Column, ...]
    x: Array
    y: Array
    lines: npt.NDArray[np.int64]
    task: Task
    classes: tuple[str, ...]


def encode(table: Table, recipe: Recipe) -> Encoded:
    """The matrix of a recipe.

    Raises:
        Problem: There is no such target, or nothing can be learned: a constant target, too many classes, no features.
    """
    positions = {column.name: k for k, column in enumerate(table.columns)}
    if recipe.target not in positions:
        told = words.NO_TARGET.format(name=recipe.target, known=", ".join(list(positions)[:20]))
        raise Problem(told, code="unknown_target", field="target")
    at = positions[recipe.target]
    target = table.columns[at]
    y, classes, task = _target(table, at, recipe)
    lines = np.flatnonzero(~np.isnan(y))
    features = [
        column.model_copy(update={"kind": kind})
        for column in table.columns
        if column is not target and (kind := _checked(column, recipe.kind_of(column))) != "ignored"
    ]
    if not features:
        raise Problem(words.NO_FEATURES, code="no_features", field="target")
    x = np.stack([column_values(table, positions[one.name], one.kind) for one in features], axis=1)
    return Encoded(tuple(features), x[lines], y[lines], lines, task, classes)


def _checked(column: Column, kind: ColumnKind) -> ColumnKind:
    if kind not in (*column.possible(), column.kind):
        raise Problem(words.NOT_OF_KIND.format(name=column.name), code="bad_kind", field=column.name)
    return kind


def column_values(table: Table, at: int, kind: ColumnKind) -> Array:
    """A column as its kind has it [rows]: numbers, days or positions of levels; NaN where empty."""
    if kind != "category":
        return table.numbers[:, at]
    codes = table.codes[:, at].astype(np.float64)
    codes[codes < 0] = np.nan
    return codes


def _target(table: Table, at: int, recipe: Recipe) -> tuple[Array, tuple[str, ...], Task]:
    target = table.columns[at]
    kind = recipe.kind_of(target)
    if kind == "ignored":
        kind = "category" if target.levels else "number"
    task = task_of(target, kind)
    if target.distinct < 2:
        raise Problem(words.CONSTANT_TARGET.format(name=target.name), code="constant_target", field="target")
    if task == "regression":
        if not target.numeric and kind != "date":
            raise Problem(words.TEXT_TARGET.format(name=target.name), code="text_target", field="target")
        return table.numbers[:, at].copy(), (), task
    y = column_values(table, at, "category")
    if len(target.levels) > MOST_CLASSES:
        told = words.TOO_MANY_CLASSES.format(name=target.name, n=len(target.levels), most=MOST_CLASSES)
        raise Problem(told, code="too_many_classes", field="target")
    counts = np.bincount(y[~np.isnan(y)].astype(int), minlength=len(target.levels))
    if counts.min() < FEWEST_OF_A_CLASS:
        rare = target.levels[int(counts.argmin())]
        told = words.RARE_CLASS.format(level=rare, n=int(counts.min()), least=FEWEST_OF_A_CLASS)
        raise Problem(told, code="rare_class", field="target")
    return y, target.levels, task
