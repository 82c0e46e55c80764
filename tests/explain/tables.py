"""Subjects with known answers, and small trained models, for the tests of explanations of tables."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dashboard.explain.contract import Explanation
from dashboard.explain.table.subject import Limits, TableSubject, subject_from
from dashboard.tables.fitting import Fitted, fit
from dashboard.tables.recipe import LearnerName, Recipe
from data.catalog import Config, ExplainerCard
from data.table import Column

Array = npt.NDArray[np.float64]


def made(
    predict: Callable[[Array], Array], x: Array, background: Array, *, kinds: str = "", y: Array | None = None
) -> TableSubject:
    """A subject from a function; `kinds` has an n (number) or a c (category of three levels) for each feature."""
    kinds = kinds or "n" * len(x)
    features = tuple(
        Column(name=f"f{k}", kind="category" if one == "c" else "number", rows=len(background), levels=("a", "b", "c") if one == "c" else ())
        for k, one in enumerate(kinds)
    )  # fmt: skip
    held_out = (background, predict(background) if y is None else y)
    return TableSubject(predict, x, background, features, "y", held_out=held_out)


def gaussian(d: int, seed: int = 0, rows: int = 40) -> tuple[Array, Array]:
    """A row and a background."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=d), rng.normal(size=(rows, d)) * np.arange(1, d + 1)


@lru_cache(maxsize=12)
def trained(table: str, learner: LearnerName) -> Fitted:
    """A model of a table that ships."""
    target = {"credit_german": "credit", "diabetes": "progression", "breast_cancer": "diagnosis"}[table]
    return fit(Recipe(table=table, target=target, learner=learner), _folder())


@lru_cache(maxsize=1)
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="samajh-tables-"))


def held_out(table: str, learner: LearnerName, row: int, target: int = -1) -> TableSubject:
    """One of the rows a model has not seen; the target is the last class."""
    fitted = trained(table, learner)
    return subject_from(fitted, fitted.data.x[fitted.held_out[row]], len(fitted.targets) - 1 if target < 0 else target)


def with_limits(subject: TableSubject, **limits: Limits) -> TableSubject:
    return dataclasses.replace(subject, limits=limits)


def last(card: ExplainerCard, subject: TableSubject, config: Config | None = None) -> Explanation:
    """The answer."""
    *_, found = card.explain(subject, config or card.config())
    assert isinstance(found, Explanation)
    return found
