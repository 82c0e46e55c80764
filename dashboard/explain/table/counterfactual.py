"""Counterfactuals: the smallest changes to a row after which the model says something else.

S. Wachter, B. Mittelstadt, C. Russell, arXiv:1711.00399; constraints as in R. Mothilal, A. Sharma, C. Tan, arXiv:1905.07697. A
beam search over columns that may change: first every single change, then the most promising ones extended, so the answer has the
fewest columns; numbers are then moved back as far as the new answer holds. Whatever is returned has been asked: the model does
say so. Cost of a change: |difference| / deviation of a number, 1 of a category.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from dashboard.explain.contract import Explanation
from dashboard.explain.table import words
from dashboard.explain.table.subject import Array, Asked, Limits, TableSubject
from data.catalog import Config, ExplainerCard, option
from data.table import Column, cell_text
from data.text import Problem, Text

_VALUES = 16
_BEAM = 12
_HALVINGS = 12


class CounterfactualConfig(Config):
    """Which outcome, with how many changes."""

    wanted: str = option(
        "", max_length=200, title=Text(en="Wanted outcome", hi="चाहा गया नतीजा"),
        help=Text(en="A class, or for a number “<100” or “>100”. Empty: the most probable other class.",
                  hi="कोई क्लास, या संख्या के लिए “<100” या “>100”। खाली हो तो सबसे संभावित दूसरी क्लास।"),
    )  # fmt: skip
    most_changes: int = option(
        3, ge=1, le=6, title=Text(en="Most changes", hi="अधिकतम बदलाव"),
        help=Text(en="Columns that may change at once.", hi="एक साथ ज़्यादा से ज़्यादा इतने कॉलम बदलें।"),
    )  # fmt: skip
    count: int = option(
        3, ge=1, le=10, title=Text(en="How many", hi="कितने"),
        help=Text(en="Ways to get there, each through other columns.", hi="वहाँ पहुँचने के इतने रास्ते, हर एक अलग कॉलमों से।"),
    )  # fmt: skip


@dataclass(frozen=True)
class Goal:
    """`margin(rows)` is above 0 where the model says what is wanted; `said` is how that is called."""

    margin: Callable[[Array], Array]
    said: str


def explain(subject: TableSubject, config: CounterfactualConfig) -> Iterator[Explanation]:
    """First the changes as found, then as small as they can be. `arrays["rows"]` [ways, features] are the changed rows.

    Raises:
        Problem: The wanted outcome is unknown, is what the model says already, or cannot be reached.
    """
    asked = Asked(subject)
    prediction, goal = float(asked(subject.x[None])[0]), goal_of(subject, config.wanted, asked)
    if goal.margin(subject.x[None])[0] > 0:
        raise Problem(words.ALREADY.format(target=goal.said), code="already_so", field="wanted")
    options = [_options(subject, j) for j in range(len(subject.x))]
    found = search(subject.x, options, goal.margin, config.most_changes, config.count, scale := scales(subject))
    if not len(found):
        told = words.NO_COUNTERFACTUAL.format(most=config.most_changes, target=goal.said)
        raise Problem(told, code="no_counterfactual", field="most_changes")
    yield _explanation(subject, found, prediction, goal, scale, asked, converged=False)
    smaller = np.array([shrink(row, subject, goal.margin) for row in found])
    smaller = smaller[np.argsort([_cost(row, subject.x, scale) for row in smaller], kind="stable")]
    yield _explanation(subject, smaller, prediction, goal, scale, asked, converged=True)


def goal_of(subject: TableSubject, wanted: str, asked: Asked) -> Goal:
    """What has to be reached."""
    fitted = subject.fitted
    if fitted is not None and fitted.data.classes:
        return _goal_of_class(subject, wanted, asked)
    sign, bound = wanted[:1], wanted[1:].strip()
    if fitted is None and not wanted:
        return Goal(lambda rows: asked(rows) - 0.5, subject.target)
    try:
        limit = float(bound)
    except ValueError:
        limit = float("nan")
    if sign not in "<>" or not np.isfinite(limit):
        raise Problem(words.NO_NUMBER, code="bad_wanted", field="wanted")
    way = 1.0 if sign == ">" else -1.0
    return Goal(lambda rows: way * (asked(rows) - limit), f"{sign} {limit:g}")


def _goal_of_class(subject: TableSubject, wanted: str, asked: Asked) -> Goal:
    fitted = subject.fitted
    assert fitted is not None
    classes = fitted.data.classes
    if wanted and wanted not in classes:
        told = words.NO_WANTED.format(wanted=wanted, known=", ".join(classes))
        raise Problem(told, code="bad_wanted", field="wanted")
    ranked = fitted.scores(subject.x[None])[0].argsort()
    index = classes.index(wanted) if wanted else int(ranked[-2])

    def margin(rows: Array) -> Array:
        asked.calls += len(rows)
        scores = fitted.scores(rows)
        own = scores[:, index].copy()
        scores[:, index] = -np.inf
        ahead: Array = own - scores.max(axis=1)
        return ahead

    return Goal(margin, classes[index])


def scales(subject: TableSubject) -> Array:
    """What counts as a change of 1 [features]."""
    spread = np.nan_to_num(np.nanstd(_known(subject), axis=0))
    named = np.array([one.kind == "category" for one in subject.features])
    return np.where(named | (spread == 0), 1.0, spread)


def _known(subject: TableSubject) -> Array:
    """Rows that show which values there are."""
    if subject.fitted is None:
        return subject.background
    return subject.fitted.data.x[subject.fitted.train]


def _options(subject: TableSubject, column: int) -> Array:
    """Values a column may take instead of its own."""
    feature, own = subject.features[column], subject.x[column]
    limits = subject.limits.get(feature.name, Limits())
    known = _known(subject)[:, column]
    known = np.unique(known[~np.isnan(known)])
    if limits.fixed or not len(known):
        return np.empty(0)
    if feature.kind != "category" and len(known) > _VALUES:
        known = np.unique(np.quantile(known, np.linspace(0, 1, _VALUES), method="nearest"))
    if feature.kind != "category":
        ends = [end for end in (limits.low, limits.high) if end is not None]
        known = known_within(np.unique([*known, *ends]), own, limits)
    others: Array = known[known != own]
    return others


def known_within(values: Array, own: float, limits: Limits) -> Array:
    """The values that the limits allow."""
    low, high = (-np.inf if limits.low is None else limits.low), (np.inf if limits.high is None else limits.high)
    if not np.isnan(own):
        low = max(low, own) if limits.direction == "up" else low
        high = min(high, own) if limits.direction == "down" else high
    return values[(values >= low) & (values <= high)]


def nearest_allowed(own: float, limits: Limits) -> float:
    """The row's own value, or the end of the range on its side."""
    return min(max(own, -np.inf if limits.low is None else limits.low), np.inf if limits.high is None else limits.high)


def search(
    x: Array, options: list[Array], margin: Callable[[Array], Array], most: int, count: int, scale: Array
) -> Array:
    """Changed rows that reach the goal [ways, features], cheapest first, no two through the same columns; none if none does."""
    beam, found = x[None], np.empty((0, len(x)))
    for _ in range(most):
        rows = _extended(beam, x, options)
        rows = rows[[not _holds_one_of(row, found, x) for row in rows]] if len(rows) else rows
        if not len(rows) or len(found) >= count:
            break
        reached = margin(rows)
        if (reached > 0).any():
            found = np.concatenate([found, _cheapest(rows[reached > 0], x, count - len(found), scale)])
        missed = reached <= 0
        beam = _diverse(rows[missed][np.argsort(-reached[missed], kind="stable")], x)
    return found


def _holds_one_of(row: Array, found: Array, x: Array) -> bool:
    """Whether a way that was found already goes through some of the same columns, and no others: then this one is no news."""
    through = set(_columns(row, x))
    return any(set(_columns(way, x)) <= through for way in found)


def _extended(beam: Array, x: Array, options: list[Array]) -> Array:
    """Every row of the beam with one more column changed."""
    rows = []
    for row in beam:
        for column, values in enumerate(options):
            if len(values) and _same(row[column], x[column]):
                more = np.repeat(row[None], len(values), axis=0)
                more[:, column] = values
                rows.append(more)
    return np.concatenate(rows) if rows else np.empty((0, len(x)))


def _same(a: float, b: float) -> bool:
    return bool(a == b or (np.isnan(a) and np.isnan(b)))


def _columns(row: Array, x: Array) -> tuple[int, ...]:
    return tuple(np.flatnonzero(~((row == x) | (np.isnan(row) & np.isnan(x)))).tolist())


def _diverse(rows: Array, x: Array) -> Array:
    """The best rows, at most two through the same columns."""
    kept: list[Array] = []
    times: dict[tuple[int, ...], int] = {}
    for row in rows:
        through = _columns(row, x)
        if times.get(through, 0) < 2:
            times[through] = times.get(through, 0) + 1
            kept.append(row)
        if len(kept) == _BEAM:
            break
    return np.array(kept).reshape(-1, len(x))


def _cheapest(hits: Array, x: Array, count: int, scale: Array) -> Array:
    chosen: dict[tuple[int, ...], Array] = {}
    for row in sorted(hits, key=lambda row: _cost(row, x, scale)):
        chosen.setdefault(_columns(row, x), row)
        if len(chosen) == count:
            break
    return np.array(list(chosen.values()))


def _cost(row: Array, x: Array, scale: Array) -> float:
    changed = list(_columns(row, x))
    return float(np.nan_to_num(np.abs(row - x) / scale, nan=1.0)[changed].sum()) + len(changed)


def shrink(row: Array, subject: TableSubject, margin: Callable[[Array], Array]) -> Array:
    """The row with its changed numbers moved back towards the original as far as the goal stays reached, and read well."""
    row = row.copy()
    for column in _columns(row, subject.x):
        near, feature = subject.x[column], subject.features[column]
        if feature.kind == "category" or np.isnan(near):
            continue
        near, far = nearest_allowed(near, subject.limits.get(feature.name, Limits())), row[column]
        if near != subject.x[column] and margin(_with(row, column, near))[0] > 0:
            far = near  # the row itself is outside the range, and its end does
        for _ in range(_HALVINGS):
            middle = (near + far) / 2
            near, far = (near, middle) if margin(_with(row, column, middle))[0] > 0 else (middle, far)
        row[column] = _well_read(row, column, far, feature, margin)
    return row


def _with(row: Array, column: int, value: float) -> Array:
    """The row with another value in a column [1, features]."""
    other = row[None].copy()
    other[0, column] = value
    return other


def _well_read(row: Array, column: int, value: float, feature: Column, margin: Callable[[Array], Array]) -> float:
    """A value between `value` and the row's that a person would write: the fewest digits that cost at most a twentieth of the way."""
    way = row[column] - value
    sign = np.sign(way) or 1.0
    for digits in (0,) if feature.whole else range(6):
        size = 1.0 if feature.whole else 10.0 ** (np.floor(np.log10(abs(value) or 1.0)) - digits)
        rounded = float(f"{sign * np.ceil(sign * value / size - 1e-9) * size:.12g}")
        between = abs(rounded - value) <= abs(way) + 1e-12
        near = feature.whole or digits >= 2 or abs(rounded - value) <= 0.05 * abs(way)
        if between and near and margin(_with(row, column, rounded))[0] > 0:
            return rounded
    return float(value) if margin(_with(row, column, value))[0] > 0 else float(row[column])


def _explanation(
    subject: TableSubject, rows: Array, prediction: float, goal: Goal, scale: Array, asked: Asked, *, converged: bool
) -> Explanation:
    change = np.nan_to_num((rows[0] - subject.x) / scale, nan=1.0)
    named = np.array([one.kind == "category" for one in subject.features])
    change = np.where(named, (change != 0).astype(np.float64), change)
    return Explanation(
        change, prediction, subject.target, seconds=asked.seconds, model_calls=asked.calls, converged=converged,
        details={"wanted": goal.said, "ways": [_told(row, subject) for row in rows]},
        arrays={"rows": rows, "scores": asked(rows), "margin": goal.margin(rows)},
    )  # fmt: skip


def _told(row: Array, subject: TableSubject) -> list[dict[str, Any]]:
    """The changes of a row as a person reads them."""
    return [
        {
            "column": subject.features[j].name,
            "from": cell_text(subject.features[j], subject.features[j].kind, subject.x[j]),
            "to": cell_text(subject.features[j], subject.features[j].kind, row[j]),
        }
        for j in _columns(row, subject.x)
    ]


EXPLAINER = ExplainerCard(
    name="counterfactual",
    title=Text(en="Counterfactuals", hi="काउंटरफ़ैक्चुअल: क्या बदले तो"),
    summary=Text(
        en="The smallest changes to this row after which the model says something else; columns can be fixed or bounded.",
        hi="इस पंक्ति में सबसे छोटे बदलाव जिनके बाद मॉडल कुछ और कहे; कॉलम स्थिर या सीमित रखे जा सकते हैं।",
    ),
    source="arXiv:1711.00399, arXiv:1905.07697",
    kind="table",
    config=CounterfactualConfig,
    explain=explain,
)
