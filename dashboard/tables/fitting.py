"""Train a model by its recipe, on the spot, and keep what explanations need: the model, a background, rows it has not seen."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.tables import words
from dashboard.tables.design import Design
from dashboard.tables.encoding import Encoded, encode
from dashboard.tables.foreign import Foreign, wanted_columns
from dashboard.tables.learners import estimator
from dashboard.tables.recipe import Recipe, Task
from dashboard.tables.validation import Figure, confusion, figures
from data import model_files, tables
from data.table import Column, ColumnKind
from data.tables import TableAbout
from data.text import Problem

Array = npt.NDArray[np.float64]

HELD_OUT = 0.25
MOST_TRAINED = 50_000
MOST_HELD_OUT = 5_000
BACKGROUND = 64
_MODELS_HELD = 12
_MATRICES_HELD = 2
MODELS = "models"
"""Folder of models that were brought, beside that of the tables."""


@dataclass(frozen=True)
class Fitted:
    """A trained model of a table.

    `learnable` is how many rows it could have learned from; `train` and `held_out` number rows of `data`; `background` [64, features] are training rows drawn by the seed, which stand
    for "not known" wherever something of a row is hidden.
    """

    recipe: Recipe
    id: str
    data: Encoded
    train: npt.NDArray[np.int64]
    held_out: npt.NDArray[np.int64]
    design: Design
    model: Any
    background: Array
    figures: dict[str, Figure]
    confusion: npt.NDArray[np.int64] | None
    seconds: float
    learnable: int

    @property
    def features(self) -> tuple[Column, ...]:
        """The columns the model looks at."""
        return self.data.features

    @property
    def task(self) -> Task:
        """Classes or a number."""
        return self.data.task

    @property
    def targets(self) -> tuple[str, ...]:
        """What can be explained: each class, or the one number."""
        return self.data.classes or (self.recipe.target,)

    def scores(self, x: Array) -> Array:
        """Probabilities of the classes [rows, classes], or the number [rows, 1]."""
        return _scores(self.model, self.design, x, self.task)

    def class_of(self, row: Array) -> str:
        """The class the model gives a row [features]."""
        return self.data.classes[int(self.scores(row[None])[0].argmax())]

    def target_index(self, name: str | None, x: Array) -> int:
        """The position of a class; of the most probable one of row `x` [features] when none is named.

        Raises:
            Problem: There is no such class.
        """
        if not name:
            return int(self.scores(x[None])[0].argmax())
        if name not in self.targets:
            told = words.NO_CLASS.format(name=name, known=", ".join(self.targets))
            raise Problem(told, code="unknown_class", field="target")
        return self.targets.index(name)


def fit(recipe: Recipe, folder: Path) -> Fitted:
    """The model of a recipe; trained again only when it is not held any more.

    Args:
        recipe: What to train.
        folder: Folder of all tables.

    Raises:
        Problem: There is no such table, or nothing can be learned from it.
    """
    about = tables.find(recipe.table, folder)
    name = recipe.id(about.sha256)
    if name not in _held:
        if recipe.learner == "foreign":
            _held[name] = _brought(recipe, name, about, folder.parent / MODELS)
        else:
            _held[name] = _fit(recipe, name, _encoded(about, recipe))
        while len(_held) > _MODELS_HELD:
            _held.popitem(last=False)
    _held.move_to_end(name)
    return _held[name]


def row_of(fitted: Fitted, row: int) -> Array:
    """A row of the table [features].

    Raises:
        Problem: There is none, or it has no target.
    """
    at = np.flatnonzero(fitted.data.lines == row)
    if not len(at):
        raise Problem(words.NO_ROW.format(line=row + 2, n=int(fitted.data.lines[-1]) + 2), code="no_row", field="row")
    found: Array = fitted.data.x[at[0]]
    return found


_held: OrderedDict[str, Fitted] = OrderedDict()
_matrices: OrderedDict[str, Encoded] = OrderedDict()


def _encoded(about: TableAbout, recipe: Recipe) -> Encoded:
    """The matrix of a recipe; models of one table and target share it, since that of a big table is as large as the table."""
    name = recipe.model_copy(update={"learner": "forest", "seed": 0, "rows": 0}).id(about.sha256)
    if name not in _matrices:
        _matrices[name] = encode(tables.load(about), recipe)
        while len(_matrices) > _MATRICES_HELD:
            _matrices.popitem(last=False)
    _matrices.move_to_end(name)
    return _matrices[name]


def _check_classes(data: Encoded, train: npt.NDArray[np.int64]) -> None:
    """Some rows may lack a class that all rows have; a model that does not know it would number the others wrongly."""
    missing = sorted(set(range(len(data.classes))) - set(data.y[train].astype(int).tolist()))
    if missing:
        told = words.CLASS_LEFT_OUT.format(level=data.classes[missing[0]], n=len(train))
        raise Problem(told, code="class_left_out", field="rows")


def _brought(recipe: Recipe, name: str, about: TableAbout, models: Path) -> Fitted:
    """A model that was brought: the columns it wants, and nothing trained."""
    file = model_files.find(recipe.file, models)
    wanted = wanted_columns(file, [one.name for one in about.columns], recipe.target)
    kinds = {one.name: recipe.kinds.get(one.name, _seen(one)) for one in about.columns}
    kinds |= {one.name: "ignored" for one in about.columns if one.name not in wanted and one.name != recipe.target}
    data = encode(tables.load(about), recipe.model_copy(update={"kinds": kinds}))
    return _fit(recipe, name, data, Foreign(file, data))


def _seen(column: Column) -> ColumnKind:
    """What a model sees of a column that would be left out if it were trained here."""
    return (
        next((kind for kind in column.possible() if kind != "ignored"), "number")
        if column.kind == "ignored"
        else column.kind
    )


def _fit(recipe: Recipe, name: str, data: Encoded, brought: Foreign | None = None) -> Fitted:
    began = time.perf_counter()
    generator = np.random.default_rng(recipe.seed)
    every, held_out = split(data, generator)
    train = np.sort(np.random.default_rng(recipe.seed).permutation(every)[: recipe.rows or None])
    if recipe.rows:
        _check_classes(data, train)
    x, y = data.x[train], data.y[train]
    design = Design.of(x, data.features)
    model = brought or estimator(recipe.learner, data.task, recipe.seed).fit(design(x), y)
    background = x[generator.permutation(len(x))[:BACKGROUND]]
    scores = _scores(model, design, data.x[held_out], data.task)
    return Fitted(
        recipe, name, data, train, held_out, design, model, background,
        figures(scores, data.y[held_out], y, recipe.seed),
        confusion(scores, data.y[held_out]) if data.task == "classification" else None,
        time.perf_counter() - began, len(every),
    )  # fmt: skip


def split(data: Encoded, generator: np.random.Generator) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Rows to learn from and rows held out, a quarter of each class or of all; both bounded, in ascending order."""
    groups = [np.flatnonzero(data.y == k) for k in range(len(data.classes))] or [np.arange(len(data.y))]
    train, held_out = [], []
    for rows in groups:
        mixed = generator.permutation(rows)
        count = max(1, round(HELD_OUT * len(mixed)))
        held_out.append(mixed[:count])
        train.append(mixed[count:])
    return _some(train, MOST_TRAINED, generator), _some(held_out, MOST_HELD_OUT, generator)


def _some(parts: list[npt.NDArray[np.int64]], most: int, generator: np.random.Generator) -> npt.NDArray[np.int64]:
    return np.sort(generator.permutation(np.concatenate(parts))[:most])


def _scores(model: Any, design: Design, x: Array, task: Task) -> Array:
    given = x if isinstance(model, Foreign) else design(x)
    if task == "classification":
        return np.asarray(model.predict_proba(given), dtype=np.float64)
    return np.asarray(model.predict(given), dtype=np.float64)[:, None]
