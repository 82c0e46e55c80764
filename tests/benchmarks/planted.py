"""Models whose reasons are known, and ways to explain them, good, starved and broken: what the traffic light is calibrated on.

A planted model looks at 2 to 4 of 6 to 12 columns: additive terms of different shapes and sizes, sometimes a product of two, sometimes
squeezed through a logistic curve. Its Shapley values follow from the few columns it looks at. An explanation is *right* when every reason
that its sentence names is one (the true share has that sign and at least a tenth of the greatest), and the greatest is among them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.explain.contract import Explanation
from dashboard.explain.games.exact import exact
from dashboard.explain.table import kernel_shap, lime
from dashboard.explain.table.evidence import contributions
from dashboard.explain.table.subject import TableSubject
from dashboard.explain.telling import named
from data.catalog import Config, ExplainerCard, option
from data.table import Column
from data.text import Text

Array = npt.NDArray[np.float64]

_TERMS: tuple[Callable[[Array], Any], ...] = (lambda v: v, np.tanh, lambda v: v**2, lambda v: (v > 0.3) * 2.0, np.sin)
_NAME = Text(en="Way", hi="तरीका")


@dataclass(frozen=True)
class Planted:
    """A subject, and what its columns truly contribute [features]."""

    subject: TableSubject
    truth: Array


def planted(seed: int) -> Planted:
    """A model with known reasons."""
    rng = np.random.default_rng(seed)
    d = int(rng.integers(6, 13))
    active = rng.permutation(d)[: int(rng.integers(2, 5))]
    terms = [(_TERMS[int(rng.integers(len(_TERMS)))], float(rng.choice([-1, 1]) * rng.uniform(0.5, 2))) for _ in active]
    product, squeezed = rng.random() < 0.4, rng.random() < 0.5
    x, background = rng.normal(size=d) * 1.3, rng.normal(size=(32, d))

    def predict(rows: Array) -> Array:
        total: Array = np.sum([size * term(rows[:, j]) for (term, size), j in zip(terms, active, strict=True)], axis=0)
        if product:
            total = total + rows[:, active[0]] * rows[:, active[1]]
        return 1 / (1 + np.exp(-total)) if squeezed else total

    features = tuple(Column(name=f"f{k}", kind="number", rows=32) for k in range(d))
    subject = TableSubject(predict, x, background, features, "y")

    def worth(coalitions: npt.NDArray[np.bool_]) -> Array:
        full = np.zeros((len(coalitions), d), dtype=bool)
        full[:, active] = coalitions
        rows = np.where(full[:, None], x, background).reshape(-1, d)
        mean: Array = predict(rows).reshape(len(full), -1).mean(axis=1)
        return mean

    truth = np.zeros(d)
    truth[active] = exact(worth, len(active))
    return Planted(subject, truth)


def is_right(one: Explanation, truth: Array) -> bool:
    """Whether the reasons that a sentence would name are the true ones."""
    said, columns = contributions(one), named(one)
    greatest = int(np.abs(truth).argmax())
    fits = all(np.sign(said[j]) == np.sign(truth[j]) and abs(truth[j]) >= 0.1 * np.abs(truth).max() for j in columns)
    return bool(columns) and fits and greatest in columns


class SeededConfig(Config):
    """A seed."""

    seed: int = option(0, ge=0, title=_NAME, help=_NAME)


def _card(
    name: str, explain: Callable[[TableSubject, Any], Iterator[Explanation]], config: type[Config] = SeededConfig
) -> ExplainerCard:
    return ExplainerCard(name, _NAME, _NAME, "made", "table", config, explain)


def spoiled(name: str, spoil: Callable[[Explanation, TableSubject, np.random.Generator], Array]) -> ExplainerCard:
    """A way that spoils a good explanation."""

    def explain(subject: TableSubject, config: SeededConfig) -> Iterator[Explanation]:
        *_, good = kernel_shap.explain(subject, kernel_shap.KernelShapConfig())
        rng = np.random.default_rng([config.seed, int(np.abs(subject.background[0, 0]) * 1e6)])
        yield dataclasses.replace(good, attributions=spoil(good, subject, rng), half_width=None, base_value=None)

    return _card(name, explain)


def _other_row(good: Explanation, subject: TableSubject, rng: np.random.Generator) -> Array:
    other = dataclasses.replace(subject, x=subject.background[3])
    *_, found = kernel_shap.explain(other, kernel_shap.KernelShapConfig())
    attributions: Array = found.attributions
    return attributions


def _fixed(good: Explanation, subject: TableSubject) -> np.random.Generator:
    """The same noise whatever the seed: a way that is stable, and wrong."""
    return np.random.default_rng(int(np.abs(subject.background[0, 0]) * 1e6))


def _size(good: Explanation) -> float:
    return float(np.abs(good.attributions).max())


def _inputs(good: Explanation, subject: TableSubject, rng: np.random.Generator) -> Array:
    return subject.x * 1.0


WAYS: dict[str, tuple[ExplainerCard, dict[str, Any]]] = {
    "kernel_shap": (kernel_shap.EXPLAINER, {}),
    "lime": (lime.EXPLAINER, {}),
    "kernel_shap starved": (kernel_shap.EXPLAINER, {"most_coalitions": 64}),
    "lime starved": (lime.EXPLAINER, {"samples": 64}),
    "noise of a tenth": (spoiled("s1", lambda g, s, r: g.attributions + 0.1 * _size(g) * r.normal(size=len(s.x))), {}),
    "noise of a half": (spoiled("s2", lambda g, s, r: g.attributions + 0.5 * _size(g) * r.normal(size=len(s.x))), {}),
    "stable noise of a half": (
        spoiled("s3", lambda g, s, r: g.attributions + 0.5 * _size(g) * _fixed(g, s).normal(size=len(s.x))),
        {},
    ),
    "nothing but noise": (spoiled("s4", lambda g, s, r: r.normal(size=len(s.x))), {}),
    "stable, nothing but noise": (spoiled("s5", lambda g, s, r: _fixed(g, s).normal(size=len(s.x))), {}),
    "columns mixed up": (spoiled("s6", lambda g, s, r: g.attributions[_fixed(g, s).permutation(len(s.x))]), {}),
    "signs turned": (spoiled("s7", lambda g, s, r: -g.attributions), {}),
    "of another row": (spoiled("s8", _other_row), {}),
    "the inputs themselves": (spoiled("s9", _inputs), {}),
}
"""Each with its settings; `bench_evidence` runs all on the same models."""
