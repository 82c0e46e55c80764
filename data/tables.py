"""Tables people upload: checked in a process of its own, kept by the hash of their content, listed, deleted.

An uploaded table is a folder `tables/<id>` with `about.json` (its columns) and `values.npz`. The id is the start of the
SHA-256 of the file that was sent. The file itself is not kept. Tables that ship have names for ids (`data/example_tables.py`).
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict

from data.child import ABOUT, check_in_child, limit_memory, tell
from data.durable import write_durably
from data.example_tables import EXAMPLES, content_of
from data.images import refused, shown_name
from data.table import Column, Table, packed
from data.table_reading import LARGEST_FILE, read_table
from data.text import Problem, Text
from data.whole_folders import all_in, appearing, identity_of, one_in, remove

TIME_LIMIT_S = 90.0
_VALUES = "values.npz"


class TableAbout(BaseModel):
    """What is known of a kept table without its values. `folder` is where it stands now."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    rows: int
    columns: tuple[Column, ...]
    sha256: str
    kept_at: float
    folder: Path = Path()

    def column(self, name: str) -> Column | None:
        """The column of this name."""
        return next((one for one in self.columns if one.name == name), None)


def accept(content: bytes, name: str, tables: Path, *, time_limit_s: float = TIME_LIMIT_S) -> TableAbout:
    """Check an uploaded CSV, Parquet or Excel file and keep it; the same content twice is one table.

    Args:
        content: The bytes that were sent.
        name: The name they were sent under; shown, never used as a path.
        tables: Folder of all tables.
        time_limit_s: The check is ended after this long.

    Raises:
        Problem: The file is refused, or cannot be kept (disk full, folder read-only).
    """
    if len(content) > LARGEST_FILE:
        limit = LARGEST_FILE // 2**20
        raise refused("file_too_large", name, f"is larger than {limit} MB", f"{limit} MB से बड़ी है")
    return _kept(content, name, identity_of(content), tables, time_limit_s)


def _kept(content: bytes, name: str, identity: str, tables: Path, time_limit_s: float) -> TableAbout:
    final = tables / identity
    if final.is_dir():
        return _read(final)
    with appearing(final, name) as work:
        (work / "sent").write_bytes(content)
        check_in_child("data.tables", work, name, identity, time_limit_s)
        (work / "sent").unlink()
    return _read(final)


def check(work: Path, identity: str, name: str) -> None:
    """The child's part: `work/sent` -> `work/values.npz` and `work/about.json`, or `work/problem.json`."""
    try:
        table = read_table((work / "sent").read_bytes(), name)
    except Problem as problem:
        tell(work, problem)
        return
    write_durably(work / _VALUES, packed(table))
    about = TableAbout(
        id=identity, name=f"{shown_name(name)} · {table.part}" if table.part else shown_name(name), rows=len(table), columns=table.columns, sha256=table.sha256, kept_at=time.time()
    )  # fmt: skip
    write_durably(work / ABOUT, about.model_dump_json(exclude={"folder"}).encode())


def listed(tables: Path) -> list[TableAbout]:
    """Tables people uploaded, newest first; what is no table is passed over."""
    own = [one for one in all_in(tables, _read) if one.id not in EXAMPLES]
    return sorted(own, key=lambda one: one.kept_at, reverse=True)


def find(identity: str, tables: Path) -> TableAbout:
    """The table with this id; one that ships is unpacked when it is first asked for.

    Raises:
        Problem: There is no such table.
    """
    if identity in EXAMPLES:
        return _kept(content_of(identity), f"{identity}.csv", identity, tables, TIME_LIMIT_S)
    found = one_in(tables, identity, _read)
    if found is not None:
        return found
    shown = shown_name(identity)
    text = Text(
        en=f"There is no table “{shown}”; upload it again.", hi=f"“{shown}” नाम की कोई टेबल नहीं है; उसे फिर अपलोड करें।"
    )
    raise Problem(text, code="unknown_table", field="table")


def load(about: TableAbout) -> Table:
    """The table with its values."""
    with np.load(about.folder / _VALUES, allow_pickle=False) as file:
        return Table(about.columns, file["numbers"], file["codes"], about.sha256)


def delete(identity: str, tables: Path) -> None:
    """Remove an uploaded table.

    Raises:
        Problem: There is no such table.
    """
    remove(find(identity, tables).folder)


def _read(folder: Path) -> TableAbout:
    about = TableAbout.model_validate_json((folder / ABOUT).read_text(encoding="utf-8"))
    return about.model_copy(update={"folder": folder})


if __name__ == "__main__":
    limit_memory()
    check(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
