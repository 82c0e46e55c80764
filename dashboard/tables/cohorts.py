"""Rows put into groups by one column: the levels of a category, or halves of a number around its middle. No scikit-learn here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from data.table import Column, ColumnKind, cell_text

Array = npt.NDArray[np.float64]

MOST_GROUPS = 8
FEWEST_ROWS = 5


@dataclass(frozen=True)
class Cohort:
    """A group of rows: its name and which they are [rows]."""

    name: str
    rows: npt.NDArray[np.bool_]


def cohorts(column: Column, kind: ColumnKind, values: Array) -> list[Cohort]:
    """The groups, largest first, none of fewer than `FEWEST_ROWS` rows.

    Args:
        column: What the values are.
        kind: What it is taken for: by a category its levels make groups, otherwise the median.
        values: Positions of levels, numbers or days [rows], NaN where empty.
    """
    known = ~np.isnan(values)
    if kind == "category":
        codes = np.where(known, values, -1).astype(int)
        found = [Cohort(name, codes == k) for k, name in enumerate(column.levels)]
    elif known.any():
        middle = float(np.median(values[known]))
        said = cell_text(column, "date" if kind == "date" else "number", middle)
        with np.errstate(invalid="ignore"):
            found = [Cohort(f"≤ {said}", values <= middle), Cohort(f"> {said}", values > middle)]
    else:
        found = []
    enough = [one for one in found if one.rows.sum() >= FEWEST_ROWS]
    return sorted(enough, key=lambda one: -int(one.rows.sum()))[:MOST_GROUPS]


def mean_sizes(phi: Array, found: list[Cohort]) -> list[tuple[Array, Array]]:
    """Of each group the mean of |phi| [features] and the half widths of its 95 % intervals."""
    sizes = [np.abs(phi[one.rows]) for one in found]
    return [(size.mean(axis=0), 1.96 * size.std(axis=0) / np.sqrt(max(len(size) - 1, 1))) for size in sizes]
