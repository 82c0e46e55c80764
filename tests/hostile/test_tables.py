"""Hostile and odd tables: refused in one plain sentence in both languages, or taken as a person would expect."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from data import tables
from data.table import cell_text
from data.table_reading import read_table
from data.text import Problem
from tests.hostile.test_uploads import _assert_plain


def _csv(*columns: str, rows: int = 30) -> bytes:
    """A table of made cells; each column is written as "name=first,second …", its cells in turn."""
    names, cells = zip(
        *((name, values.split("/")) for name, _, values in (c.partition("=") for c in columns)), strict=True
    )
    lines = [",".join(own[k % len(own)] for own in cells) for k in range(rows)]
    return "\n".join([",".join(names), *lines]).encode()


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b" \n\n", "empty_file"),
    "20,000 columns": (lambda: ",".join(f"c{k}" for k in range(20_000)).encode() + b"\n1", "too_many_columns"),
    "one column": (lambda: _csv("a=1/2"), "one_column"),
    "three rows": (lambda: _csv("a=1/2", "b=3", rows=3), "too_few_rows"),
    "nothing but missing cells": (lambda: _csv("a=NA/?", "b=/null"), "all_missing"),
    "a row too long": (lambda: _csv("a=1", "b=2") + b"\n1,2,3", "ragged_row"),
    "a row too short": (lambda: _csv("a=1", "b=2", "c=3") + b"\n1,2", "ragged_row"),
    "bytes that are no UTF-8": (lambda: _csv("a=1", "b=2") + b"\n\xff\xfe,1", "wrong_encoding"),
    "zero bytes": (lambda: _csv("a=1", "b=2") + b"\n\0,1", "not_text"),
    "an endless line": (lambda: b"a,b\n" + b"x" * 2_000_000, "line_too_long"),
    "an open quotation mark": (lambda: _csv("a=1", "b=2") + b'\n"1,2\n', "damaged_table"),
    "a compressed file": (lambda: b"\x1f\x8b" + bytes(100), "not_a_csv"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_a_hostile_table_is_refused_in_words(kind: str) -> None:
    make, code = REFUSED[kind]
    with pytest.raises(Problem) as caught:
        read_table(make(), "people.csv")
    _assert_plain(caught.value, code)
    assert "people.csv" in caught.value.text.en and "people.csv" in caught.value.text.hi


def test_a_ragged_row_is_named_by_its_line() -> None:
    with pytest.raises(Problem, match="3 cells in line 32 and 2 names"):
        read_table(_csv("a=1", "b=2") + b"\n1,2,3", "people.csv")


def test_a_million_rows_are_taken_or_refused_by_their_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.table_reading.MOST_CELLS", 100)
    assert len(read_table(_csv("a=1/2", "b=2/3", rows=50), "t.csv")) == 50
    with pytest.raises(Problem) as caught:
        read_table(_csv("a=1/2", "b=2/3", rows=51), "t.csv")
    assert caught.value.code == "too_many_cells"


def test_kinds_are_guessed_as_a_person_would() -> None:
    table = read_table(
        _csv("height=1.5/1.62/NA", "city=Pune/दिल्ली/Delhi", "born=1990-01-31/2001-12-01", "same=7", "flag=0/1",
             "lakhs=1/2/3/4/x"), "t.csv",
    )  # fmt: skip
    kinds = {column.name: column.kind for column in table.columns}
    assert kinds == {
        "height": "number", "city": "category", "born": "date", "same": "ignored", "flag": "number", "lakhs": "category"
    }  # fmt: skip
    height, city, born = table.columns[:3]
    assert height.missing == 10 and math.isnan(table.numbers[2, 0])
    assert city.levels == ("Pune", "दिल्ली", "Delhi") and table.codes[:4, 1].tolist() == [0, 1, 2, 0]
    assert cell_text(born, "date", table.numbers[0, 2]) == "1990-01-31"


def test_a_running_number_and_a_column_of_names_are_left_out() -> None:
    rows = "\n".join(f"{k},person {k},{k % 3}" for k in range(1, 301))
    table = read_table(f"no,who,x\n{rows}".encode(), "t.csv")
    assert [column.kind for column in table.columns] == ["ignored", "ignored", "number"]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [("12,34,567.5", 1234567.5), ("1,234", 1234.0), ("१२", 12.0), ("-3e2", -300.0)],
)
def test_numbers_are_read_as_people_write_them(cells: str, expected: float) -> None:
    table = read_table(("a;b\n" + f"{cells};1\n" * 30).replace(";", "\t").encode(), "t.csv")
    assert table.numbers[0, 0] == expected


@pytest.mark.parametrize("cell", ["1_000", "inf", "0x10", "1e999", "=1+1"])
def test_what_people_do_not_mean_as_a_number_is_none(cell: str) -> None:
    table = read_table(f"a,b\n{(cell + ',1' + chr(10)) * 30}".encode(), "t.csv")
    assert np.isnan(table.numbers[:, 0]).all()


def test_semicolons_with_decimal_commas_are_understood() -> None:
    table = read_table(("a;b\n" + "1,5;x\n2,5;y\n" * 15).encode(), "t.csv")
    assert table.numbers[:2, 0].tolist() == [1.5, 2.5] and table.columns[1].kind == "category"


def test_duplicate_and_empty_headers_get_names_of_their_own() -> None:
    table = read_table(_csv("a=1", "a=2", "=3", "a=4"), "t.csv")
    assert [column.name for column in table.columns] == ["a", "a (2)", "column 3", "a (3)"]


def test_quoted_cells_with_commas_and_line_ends_stay_whole() -> None:
    table = read_table(b"a,b\n" + b'"x, ""y""\nz",1\nw,2\n' * 15, "t.csv")
    assert len(table) == 30 and table.columns[0].levels[1] == "w"


def test_a_formula_and_markup_stay_what_they_are_text() -> None:
    table = read_table(_csv('a==HYPERLINK("x")/<script>', "b=1/2").replace(b'"', b""), "t.csv")
    assert table.columns[0].levels == ("=HYPERLINK(x)", "<script>")


def test_a_table_is_kept_once_found_and_deleted(tmp_path: Path) -> None:
    content = _csv("a=1/2", "b=x/y")
    kept = tables.accept(content, "../../evil.csv", tmp_path)
    again = tables.accept(content, "other.csv", tmp_path)
    assert again == kept and [one.id for one in tables.listed(tmp_path)] == [kept.id]
    assert sorted(path.name for path in kept.folder.iterdir()) == ["about.json", "values.npz"]
    loaded = tables.load(tables.find(kept.id, tmp_path))
    assert len(loaded) == 30 and loaded.sha256 == kept.sha256
    tables.delete(kept.id, tmp_path)
    assert tables.listed(tmp_path) == []
    for gone in (kept.id, "../../etc", "0123456789abcdef"):
        with pytest.raises(Problem, match="no table"):
            tables.find(gone, tmp_path)


def test_a_table_refused_by_the_child_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Problem) as caught:
        tables.accept(REFUSED["a row too long"][0](), "people.csv", tmp_path)
    _assert_plain(caught.value, "ragged_row")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "rows", "columns"), [("credit_german", 1000, 21), ("breast_cancer", 569, 31), ("diabetes", 442, 11)]
)
def test_a_table_that_ships_is_whole(name: str, rows: int, columns: int, tmp_path: Path) -> None:
    about = tables.find(name, tmp_path)
    assert (about.rows, len(about.columns)) == (rows, columns)
    assert not any(column.missing for column in about.columns) and tables.listed(tmp_path) == []
