"""A table as it is learned from: typed columns, numbers and codes; and the kinds a column may be."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

ColumnKind = Literal["number", "category", "date", "ignored"]


class Column(BaseModel):
    """What is known of a column without its values.

    `kind` is a guess that a person may change; `numeric` says whether it can be a number, `levels` its different texts
    (empty when there are too many for a category).
    """

    model_config = ConfigDict(frozen=True)

    name: str
    kind: ColumnKind
    rows: int
    missing: int = 0
    levels: tuple[str, ...] = ()
    numeric: bool = False
    low: float | None = None
    high: float | None = None
    whole: bool = False
    distinct: int = 0

    def possible(self) -> tuple[ColumnKind, ...]:
        """What the column may be taken for."""
        kinds: list[ColumnKind] = []
        if self.kind == "date":
            kinds.append("date")
        elif self.numeric:
            kinds.append("number")
        if len(self.levels) > 1:
            kinds.append("category")
        return (*kinds, "ignored")


@dataclass(frozen=True)
class Table:
    """Columns with their values: `numbers` [rows, columns] float64, NaN where there is none; `codes` [rows, columns] int32,
    the position among the column's levels, -1 where there is none. `sha256` is that of the content; `part` names the sheet that was
    taken where a file has several.
    """

    columns: tuple[Column, ...]
    numbers: npt.NDArray[np.float64]
    codes: npt.NDArray[np.int32]
    sha256: str
    part: str = ""

    def __len__(self) -> int:
        return len(self.numbers)


def hash_of(columns: Sequence[Column], numbers: Sequence[npt.NDArray[Any]], codes: Sequence[npt.NDArray[Any]]) -> str:
    """SHA-256 over names, levels and values."""
    digest = hashlib.sha256()
    for column, values, positions in zip(columns, numbers, codes, strict=True):
        digest.update(f"{column.name}\0{column.levels}\0".encode())
        digest.update(np.ascontiguousarray(values).tobytes() + np.ascontiguousarray(positions).tobytes())
    return digest.hexdigest()


def cell_text(column: Column, kind: ColumnKind, value: float) -> str:
    """A value as a person reads it; nothing for a missing one."""
    if np.isnan(value) or (kind == "category" and value < 0):
        return ""
    if kind == "category":
        return column.levels[int(value)]
    if kind == "date":
        return date.fromordinal(round(value)).isoformat()
    return f"{value:.0f}" if column.whole and abs(value) < 1e15 and float(value).is_integer() else f"{value:.6g}"


def packed(table: Table) -> bytes:
    """The arrays of a table as an npz; its columns travel as JSON beside it."""
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, numbers=table.numbers, codes=table.codes)
    return file.getvalue()
