"""What every kind of table file is turned into first: names and rows of plain cells; and the limits all share."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from data.images import refused
from data.text import Problem

MOST_COLUMNS = 1_000
MOST_CELLS = 10_000_000
LARGEST_UNPACKED = 2**30

Line = tuple[int, Sequence[str]]
"""The number of a row in its file, and its cells."""


@dataclass(frozen=True)
class Sheet:
    """Names as they stand, and rows still to be read; `part` names the sheet where a file has several."""

    names: Sequence[str]
    lines: Iterator[Line]
    part: str = ""


def check_size(name: str, rows: int, columns: int) -> None:
    """Refuse what is too wide or too much, before it is read."""
    if columns > MOST_COLUMNS:
        raise too_many_columns(name, columns)
    if rows * columns > MOST_CELLS:
        raise too_many_cells(name)


def too_many_columns(name: str, columns: int) -> Problem:
    """What is said of a table that is too wide."""
    return refused("too_many_columns", name, f"has {columns:,} columns; at most {MOST_COLUMNS:,} are taken",
                   f"में {columns:,} कॉलम हैं; ज़्यादा से ज़्यादा {MOST_COLUMNS:,} चलते हैं")  # fmt: skip


def too_many_cells(name: str) -> Problem:
    """What is said of a table that is too long."""
    return refused("too_many_cells", name, f"has more than {MOST_CELLS // 10**6} million cells; leave out rows or columns",
                   f"में {MOST_CELLS // 10**5} लाख से ज़्यादा खाने हैं; कुछ पंक्तियाँ या कॉलम हटाएँ")  # fmt: skip


def plain_cell(value: Any) -> str:
    """A typed value as a person would have written it into a CSV; nothing for what is missing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        midnight = not (value.hour or value.minute or value.second or value.microsecond)
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
