"""One column of a table while its rows pass: of each cell a number (8 bytes) and the position of its text (4 bytes).

Cells come in pieces of some thousand. A column of few different texts looks at each text once; a column that is plain numbers from end to end is
read as such. What is kept is the same as if each cell had been looked at by itself (`tests/data/test_table_cells.py`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

from data.images import shown_name

MOST_LEVELS = 200
MISSING = {"", "na", "n/a", "nan", "null", "?", "-", "–"}
_AS_NUMBER = dict.fromkeys([*MISSING, *(word.upper() for word in MISSING), "NaN"], "nan")
"""Empty cells as they are mostly written, and what Python reads as none."""
_GROUPED = re.compile(r"-?\d{1,3}(,\d{2,3})+(\.\d+)?")
_DECIMAL_COMMA = re.compile(r"-?\d+,\d+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_LARGEST = 1e100
_NUMBER, _DAY, _TEXT, _EMPTY = range(4)


@dataclass
class Kept:
    """What is kept of one column. `comma`: a decimal comma is one."""

    comma: bool
    levels: dict[str, int] = field(default_factory=dict)
    texts: int = 0
    dates: int = 0
    missing: int = 0
    _numbers: list[npt.NDArray[np.float64]] = field(default_factory=list)
    _codes: list[npt.NDArray[np.int32]] = field(default_factory=list)

    def add(self, cells: Sequence[str]) -> None:
        """Take the next cells of the column."""
        if not len(cells):
            return
        if not self.coded:
            plain = _plain_numbers(cells)
            if plain is not None:
                self._numbers.append(plain[0])
                self.missing += plain[1]
                return
        place = {cell: k for k, cell in enumerate(dict.fromkeys(cells))}
        said = [_look(cell.strip(), comma=self.comma) for cell in place]
        at = np.fromiter(map(place.__getitem__, cells), dtype=np.int64, count=len(cells))
        self._numbers.append(np.array([number for number, _, _ in said])[at])
        what = np.bincount(np.array([kind for _, kind, _ in said])[at], minlength=4)
        self.dates += int(what[_DAY])
        self.texts += int(what[_TEXT])
        self.missing += int(what[_EMPTY])
        if self.coded:
            self._codes.append(
                np.array([self._code(text) if kind != _EMPTY else -1 for _, kind, text in said], dtype=np.int32)[at]
            )

    def _code(self, text: str) -> int:
        """The position of a level; beyond `MOST_LEVELS` there are no categories, and nothing is noted any more."""
        return self.levels.setdefault(text, len(self.levels)) if self.coded else -1

    @property
    def coded(self) -> bool:
        """Whether the column has few enough different texts to be a category."""
        return len(self.levels) <= MOST_LEVELS

    @property
    def numbers(self) -> npt.NDArray[np.float64]:
        """Numbers or days [rows], NaN where there is neither."""
        return np.concatenate([np.empty(0), *self._numbers])

    @property
    def codes(self) -> npt.NDArray[np.int32]:
        """Positions among the levels [rows], -1 where the cell is empty, and everywhere where there are too many levels."""
        if not self.coded:
            return np.full(sum(map(len, self._numbers)), -1, dtype=np.int32)
        return np.concatenate([np.empty(0, dtype=np.int32), *self._codes])


def _look(plain: str, *, comma: bool) -> tuple[float, int, str]:
    if plain.lower() in MISSING:
        return math.nan, _EMPTY, ""
    number = _number(plain, comma=comma)
    if not math.isnan(number):
        return number, _NUMBER, shown_name(plain)
    day = _day(plain)
    return day, _TEXT if math.isnan(day) else _DAY, shown_name(plain)


def _plain_numbers(cells: Sequence[str]) -> tuple[npt.NDArray[np.float64], int] | None:
    """The numbers and how many cells are empty, where every other cell is a number as Python reads it; None where one has to be looked at."""
    try:
        found = np.array(list(map(float, map(_AS_NUMBER.get, cells, cells))))
    except ValueError:
        return None
    empty = int(np.isnan(found).sum())
    if empty and empty != sum(map(_AS_NUMBER.__contains__, cells)):
        return None  # "-nan", which is a text
    with np.errstate(invalid="ignore"):
        fits = int((np.abs(found) < _LARGEST).sum()) == len(found) - empty
    return (found, empty) if fits and "_" not in "".join(cells) else None


def _number(cell: str, *, comma: bool) -> float:
    """The number in a cell, NaN when there is none; thousands and lakhs may be grouped by commas."""
    if comma and _DECIMAL_COMMA.fullmatch(cell):
        cell = cell.replace(",", ".")
    elif _GROUPED.fullmatch(cell):
        cell = cell.replace(",", "")
    if "_" in cell:  # Python reads 1_000 as a number; people do not
        return math.nan
    try:
        found = float(cell)
    except ValueError:
        return math.nan
    return found if math.isfinite(found) and abs(found) < _LARGEST else math.nan


def _day(cell: str) -> float:
    """Days since the year 1 of a date written as 2026-01-31."""
    if not _DATE.fullmatch(cell[:10]):
        return math.nan
    try:
        return float(date.fromisoformat(cell[:10]).toordinal())
    except ValueError:
        return math.nan
