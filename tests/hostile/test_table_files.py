"""Parquet and Excel tables, hostile and odd: refused in one plain sentence, or taken as a person would expect."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data import tables
from data.table import cell_text
from data.table_reading import read_table
from data.text import Problem
from tests.hostile.test_uploads import _assert_plain
from tests.hostile.workbooks import Cell, sheet_xml, workbook

_MIB = 2**20


def _parquet(**columns: object) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


def _rows(count: int = 30) -> list[list[Cell]]:
    return [[f"शहर {k % 3}", k / 2, k % 2 == 0] for k in range(count)]


def _book(
    rows: list[list[Cell]] | None = None,
    names: tuple[Cell, ...] = ("नगर", "आय", "ok"),
    extra: dict[str, bytes] | None = None,
) -> bytes:
    return workbook({"Sheet1": [list(names), *(rows if rows is not None else _rows())]}, extra)


def _swollen(member: str = "xl/worksheets/sheet1.xml") -> bytes:
    return workbook({"S": [["a"]]}, {member: b"<x>" + b"0" * (200 * _MIB)})


def _entities() -> bytes:
    evil = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    return workbook({"S": [["a", "b"]]}, {"xl/worksheets/sheet1.xml": sheet_xml([["a", "b"]], evil).encode()})


def _zip(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return file.getvalue()


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a zip bomb": (_swollen, "zip_bomb"),
    "a zip bomb beside the sheets": (lambda: _swollen("xl/media/image1.png"), "zip_bomb"),
    "an external entity": (_entities, "hostile_member"),
    "a name that leads elsewhere": (lambda: _zip("xl/workbook.xml", "../../evil.xml"), "hostile_member"),
    "an archive that is no workbook": (lambda: _zip("a.csv"), "not_a_csv"),
    "a workbook cut short": (lambda: _book()[:-40], "not_a_zip"),
    "a workbook with damaged XML": (lambda: _book(extra={"xl/workbook.xml": b"<workbook><sheets>"}), "damaged_workbook"),
    "a workbook of noise": (lambda: _book(extra={"xl/worksheets/sheet1.xml": b"<worksheet><sheetData><row r='x'>"}), "damaged_workbook"),
    "a workbook with empty sheets": (lambda: workbook({"A": [], "B": []}), "empty_file"),
    "a workbook of 20,000 columns": (lambda: _book([[1] * 16_000] * 2, ("c",) * 16_000), "too_many_columns"),
    "a workbook of one column": (lambda: _book([[k] for k in range(30)], ("a",)), "one_column"),
    "a workbook of three rows": (lambda: _book(_rows(3)), "too_few_rows"),
    "a locked workbook": (lambda: b"\xd0\xcf\x11\xe0" + bytes(4000), "not_a_csv"),
    "a Parquet file cut short": (lambda: _parquet(a=list(range(50)), b=[1] * 50)[:-100], "damaged_parquet"),
    "a Parquet file of zeros": (lambda: b"PAR1" + bytes(100), "damaged_parquet"),
    "a Parquet file of 20,000 columns": (lambda: _parquet(**{f"c{k}": [1] for k in range(20_000)}), "too_many_columns"),
    "a Parquet file of one column": (lambda: _parquet(a=list(range(50))), "one_column"),
    "a Parquet file of three rows": (lambda: _parquet(a=[1, 2, 3], b=[1, 2, 3]), "too_few_rows"),
    "a Parquet file of nothing": (lambda: _parquet(a=pa.nulls(50), b=pa.nulls(50)), "all_missing"),
    "a Parquet file of lists": (lambda: _parquet(a=[[1]] * 50, b=[1] * 50), "nested_column"),
    "a Parquet file of too many rows": (lambda: _parquet(a=pa.nulls(6_000_000), b=pa.nulls(6_000_000)), "too_many_cells"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_a_hostile_table_file_is_refused_in_words(kind: str) -> None:
    make, code = REFUSED[kind]
    with pytest.raises(Problem) as caught:
        read_table(make(), "people.xlsx")
    _assert_plain(caught.value, code)


def test_a_workbook_that_claims_a_cell_in_its_last_corner_costs_the_server_nothing(tmp_path: Path) -> None:
    """Its box has 17 thousand million cells; the child that unpacks it ends at its limit of memory, and nothing else does."""
    corner = sheet_xml([["a", "b"]]).replace(
        "</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    )
    here = psutil.Process()
    before = here.memory_info().rss
    for content in (_book(extra={"xl/worksheets/sheet1.xml": corner.encode()}), _swollen(), _entities()):
        with pytest.raises(Problem) as caught:
            tables.accept(content, "people.xlsx", tmp_path)
        _assert_plain(caught.value, caught.value.code)
    assert here.memory_info().rss - before < 100 * _MIB and list(tmp_path.iterdir()) == []
    assert tables.accept(_book(), "people.xlsx", tmp_path).rows == 30


def test_a_workbook_is_taken_as_a_person_sees_it(tmp_path: Path) -> None:
    """Hindi names and values, dates, truth values, empty cells, formulas with what they last gave, a title above the names."""
    rows: list[list[Cell]] = [
        ["दिल्ली" if k % 2 else "Pune", date(2026, 1, 1 + k % 28), k % 3 == 0, f"=A1#{k}", None if k % 5 else 1.5]
        for k in range(40)
    ]
    rows += [[None] * 5, [None] * 5]
    content = workbook({"Notes": [["read me"]], "लोग": [["सब लोग"], ["शहर", "तारीख़", "हाँ", "जोड़", "कुछ"], *rows]})
    kept = tables.accept(content, "people.xlsx", tmp_path)
    assert kept.name == "people.xlsx · लोग" and kept.rows == 40
    kinds = {one.name: one.kind for one in kept.columns}
    assert kinds["शहर"] == "category" and kinds["तारीख़"] == "date" and kinds["हाँ"] == "category"
    table = tables.load(kept)
    assert cell_text(kept.columns[1], "date", table.numbers[3, 1]) == "2026-01-04"
    assert kept.columns[2].levels == ("true", "false") and table.numbers[7, 3] == 7
    assert kept.columns[4].missing == 32 and kept.columns[0].levels == ("Pune", "दिल्ली")


def test_a_formula_that_was_never_computed_is_an_empty_cell_and_one_as_text_stays_text() -> None:
    rows: list[list[Cell]] = [["=SUM(A1:A9)", "'=cmd|calc", k % 2] for k in range(30)]
    table = read_table(_book(rows, ("a", "b", "c")), "x.xlsx")
    assert table.columns[0].missing == 30 and table.columns[1].levels == ("'=cmd|calc",)


def test_duplicate_and_empty_headers_of_a_workbook_get_names_of_their_own() -> None:
    table = read_table(_book([[1, 2, 3]] * 30, ("a", "a", None)), "x.xlsx")
    assert [one.name for one in table.columns] == ["a", "a (2)", "column 3"]


def test_parquet_is_typed_as_it_says(tmp_path: Path) -> None:
    n = 40
    content = _parquet(**{
        "आय": pa.array([k * 1.25 if k % 4 else None for k in range(n)]),
        "शहर": pa.array(["दिल्ली", "Pune"] * (n // 2)).dictionary_encode(),
        "when": pa.array([datetime(2026, 1, 1 + k % 28, 12) for k in range(n)]),
        "day": pa.array([date(2026, 1, 1 + k % 28) for k in range(n)]),
        "whole": pa.array(np.arange(n, dtype=np.int64) % 7),
        "money": pa.array([Decimal(f"{3 * k}.50") for k in range(n)]),
        "flag": pa.array([k % 2 == 0 for k in range(n)]),
        "mixed": pa.array([b"\xffx" if k % 2 else b"y" for k in range(n)]),
    })  # fmt: skip
    kept = tables.accept(content, "t.parquet", tmp_path)
    kinds = {one.name: one.kind for one in kept.columns}
    assert kinds == {
        "आय": "number", "शहर": "category", "when": "date", "day": "date", "whole": "number", "money": "number", "flag": "category",
        "mixed": "category",
    }  # fmt: skip
    table = tables.load(kept)
    assert np.isnan(table.numbers[0, 0]) and table.numbers[1, 0] == 1.25 and table.numbers[3, 5] == 9.5
    assert kept.columns[0].missing == 10


def test_the_same_table_is_the_same_in_all_three_formats() -> None:
    rows = [[f"c{k % 3}", k / 4 + 0.1, k % 5] for k in range(60)]
    csv = "a,b,c\n" + "\n".join(",".join(map(str, row)) for row in rows)
    parquet = _parquet(a=[r[0] for r in rows], b=[r[1] for r in rows], c=[r[2] for r in rows])
    book = _book(rows, ("a", "b", "c"))  # type: ignore[arg-type]
    one, two, three = (read_table(content, "t") for content in (csv.encode(), parquet, book))
    assert one.sha256 == two.sha256 == three.sha256 and one.columns == two.columns == three.columns


def test_a_million_rows_of_parquet_are_read_in_the_child(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    content = _parquet(x=rng.normal(size=300_000).round(3), y=rng.integers(0, 2, 300_000))
    before = psutil.Process().memory_info().rss
    kept = tables.accept(content, "big.parquet", tmp_path)
    assert kept.rows == 300_000 and psutil.Process().memory_info().rss - before < 100 * _MIB
