"""How a model treats groups of rows it has not seen: how often each is given an outcome, how often those who are owed it are, and the
differences from the largest group, each with a 95 % interval.

M. Hardt, E. Price, N. Srebro, arXiv:1610.02413 (equal opportunity: the same true positive rate); difference of selection rates is
demographic parity. Intervals: `dashboard/tables/intervals.py`; of the errors of a number, 1.96 standard errors of the mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dashboard.tables.cohorts import Cohort
from dashboard.tables.intervals import difference, wilson
from data.text import Text

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Span = tuple[float, float, float]
"""A value with the ends of its 95 % interval."""


@dataclass(frozen=True)
class GroupRates:
    """A group: rows, share given the outcome, share given it of those who are owed it, and both less the first group's."""

    name: str
    rows: int
    owed: int
    selected: Span
    found: Span
    selected_apart: Span
    found_apart: Span


@dataclass(frozen=True)
class GroupErrors:
    """A group of a number: rows, mean of truth less prediction (above 0: the model says too little), and that less the first group's."""

    name: str
    rows: int
    error: Span
    error_apart: Span


def rates(given: Flags, owed: Flags, groups: Sequence[Cohort]) -> list[GroupRates]:
    """The rates of each group; the first one is what the others are compared with.

    Args:
        given: Whether the model gives the outcome [rows].
        owed: Whether it is so in truth [rows].
        groups: Of rows, the largest first.
    """
    counted = [
        (one.name, int(one.rows.sum()), int((one.rows & owed).sum()), int((one.rows & given).sum()), int((one.rows & owed & given).sum()))
        for one in groups
    ]  # fmt: skip
    _, n0, owed0, given0, hit0 = counted[0]
    return [
        GroupRates(
            name, n, k, _share(chosen, n), _share(hit, k), _apart((chosen, given0), (n, n0)), _apart((hit, hit0), (k, owed0))
        )
        for name, n, k, chosen, hit in counted
    ]  # fmt: skip


def errors(residual: Array, groups: Sequence[Cohort]) -> list[GroupErrors]:
    """The mean misses of each group, and how far they are from the first one's."""
    told = [(one.name, residual[one.rows]) for one in groups]
    mean0, error0 = _mean(told[0][1])
    found = []
    for name, missed in told:
        mean, error = _mean(missed)
        apart, wide = mean - mean0, 1.96 * float(np.hypot(error, error0))
        own = name != told[0][0]
        found.append(
            GroupErrors(
                name, len(missed), (mean, mean - 1.96 * error, mean + 1.96 * error),
                (apart, apart - wide, apart + wide) if own else (0.0, 0.0, 0.0),
            )
        )  # fmt: skip
    return found


def _share(part: int, whole: int) -> Span:
    return (part / whole if whole else float("nan"), *wilson(part, whole))


def _apart(parts: tuple[int, int], wholes: tuple[int, int]) -> Span:
    if not all(wholes):
        return float("nan"), -1.0, 1.0
    return (parts[0] / wholes[0] - parts[1] / wholes[1], *difference(parts, wholes))


def _mean(values: Array) -> tuple[float, float]:
    return float(values.mean()), float(values.std() / np.sqrt(max(len(values) - 1, 1)))


def told_of_rates(found: Sequence[GroupRates], outcome: str) -> list[Text]:
    """In plain words: of each group but the first what is surely different, else that nothing is."""
    first, *others = found
    sentences = []
    for one in others:
        for (apart, low, high), rate, other, en, hi in (
            (one.selected_apart, one.selected, first.selected, "are given “{o}” in {a} of cases, “{r}” in {b}",
             "को {a} बार “{o}” मिलता है, “{r}” को {b}"),
            (one.found_apart, one.found, first.found, "who really are “{o}” are told so in {a} of cases, “{r}” in {b}",
             "में जो सच में “{o}” हैं, उनमें से {a} को यह कहा जाता है, “{r}” में {b}"),
        ):  # fmt: skip
            if not (low > 0 or high < 0):
                continue
            words = {"o": outcome, "r": first.name, "a": _percent(rate[0]), "b": _percent(other[0])}
            ends = f"{_points(low)} … {_points(high)}"
            sentences.append(
                Text(
                    en=f"“{one.name}” {en.format(**words)}: {_points(apart)} points, surely a difference (95 % interval {ends}).",
                    hi=f"“{one.name}” {hi.format(**words)}: {_points(apart)} अंक, पक्का अंतर (95 % अंतराल {ends})।",
                )
            )
    return sentences or [_nothing(others)]


def told_of_errors(found: Sequence[GroupErrors]) -> list[Text]:
    """In plain words: the groups for which the model surely says too much or too little, compared with the first."""
    first, *others = found
    sentences = []
    for one in others:
        apart, low, high = one.error_apart
        if low > 0 or high < 0:
            en, hi = ("too little", "कम") if apart > 0 else ("too much", "ज़्यादा")
            ends = f"{min(abs(low), abs(high)):.3g} … {max(abs(low), abs(high)):.3g}"
            sentences.append(
                Text(
                    en=f"For “{one.name}” the model says {abs(apart):.3g} {en} compared with “{first.name}”, surely (95 % interval {ends}).",
                    hi=f"“{one.name}” के लिए मॉडल, “{first.name}” की तुलना में, {abs(apart):.3g} {hi} बताता है; यह पक्का है (95 % अंतराल {ends})।",
                )
            )  # fmt: skip
    return sentences or [_nothing(others)]


def _nothing(others: Sequence[object]) -> Text:
    if not others:
        return Text(en="There is only one group large enough to compare.", hi="तुलना के लायक एक ही समूह है।")
    return Text(
        en="No group is surely treated differently; the intervals say how large a difference these rows could hide.",
        hi="किसी समूह के साथ पक्के तौर पर अलग बर्ताव नहीं दिखता; कितना अंतर छिपा हो सकता है, यह अंतराल बताते हैं।",
    )


def _percent(value: float) -> str:
    return f"{100 * value:.0f} %"


def _points(value: float) -> str:
    return f"{100 * value:+.0f}".replace("-", "−")
