"""Bytes of unknown origin (CSV, Parquet, Excel) -> a table of columns, or one plain sentence why not.

One pass over the rows, bounded memory: of each cell a number and the code of its text are kept (`data/table_cells.py`), so that a person
may change their mind about what a column is. A missing cell is NaN and -1. Text columns of more than `MOST_LEVELS` different
texts have no codes any more: names and remarks cannot be learned from as categories.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence

import numpy as np

from data import table_parquet, table_workbook
from data.images import refused, shown_name
from data.table import Column, ColumnKind, Table, hash_of
from data.table_cells import MOST_LEVELS, Kept
from data.table_rows import MOST_CELLS, MOST_COLUMNS, Line, Sheet, too_many_cells, too_many_columns
from data.text import Problem
from data.texts import decoded

LARGEST_FILE = 100 * 2**20
LARGEST_LINE = 2**20
FEWEST_ROWS = 20
DELIMITERS = (",", ";", "\t", "|")
_ROWS_AT_ONCE = 4096
_FEW = 10
"""A column of whole numbers with no more different ones than this may well be a choice."""
_KNOWN_FORMATS = ((b"\xd0\xcf\x11\xe0", "an old or a locked Excel file", "पुरानी या पासवर्ड से बंद Excel फ़ाइल"), (b"\x1f\x8b", "a compressed file", "कंप्रेस की हुई फ़ाइल"),
                  (b"%PDF", "a PDF", "PDF"), (b"\x89PNG", "a picture", "तस्वीर"))  # fmt: skip


def read_table(content: bytes, name: str) -> Table:
    """The table in a CSV, Parquet or Excel file.

    Args:
        content: The file's bytes.
        name: What to call the file in a sentence.

    Raises:
        Problem: It is empty, no table, damaged, or too large; the sentence says where.
    """
    _check_bytes(content, name)
    comma = False
    if content.startswith(b"PAR1"):
        sheet = table_parquet.opened(content, name)
    elif content.startswith(b"PK"):
        sheet = table_workbook.opened(content, name)
    else:
        sheet, comma = _csv(content, name)
    return _read(sheet, name, comma=comma)


def _read(sheet: Sheet, name: str, *, comma: bool) -> Table:
    names = _names(sheet.names, name)
    kept = [Kept(comma=comma) for _ in names]
    count, waiting = 0, []
    for number, row in sheet.lines:
        if len(row) != len(names):
            raise _ragged(name, number, len(row), len(names))
        waiting.append(row)
        count += 1
        if count * len(names) > MOST_CELLS:
            raise too_many_cells(name)
        if len(waiting) == _ROWS_AT_ONCE:
            _keep(waiting, kept)
            waiting = []
    _keep(waiting, kept)
    if count < FEWEST_ROWS:
        raise refused("too_few_rows", name, f"has {count} rows; at least {FEWEST_ROWS} are needed to learn from",
                      f"में {count} पंक्तियाँ हैं; सीखने के लिए कम से कम {FEWEST_ROWS} चाहिए")  # fmt: skip
    return _table(names, kept, name, sheet.part)


def _keep(rows: Sequence[Sequence[str]], kept: Sequence[Kept]) -> None:
    """Column by column: most of a column is alike, and what is alike is looked at once."""
    for cells, column in zip(zip(*rows, strict=True), kept, strict=False):  # without rows there are no columns either
        column.add(cells)


def _csv(content: bytes, name: str) -> tuple[Sheet, bool]:
    """Names and rows, and whether a decimal comma is one."""
    text = decoded(content, name)
    if max(map(len, text.split("\n")), default=0) > LARGEST_LINE:
        raise refused("line_too_long", name, "has a line of more than a million characters; it is no table",
                      "में दस लाख से ज़्यादा अक्षरों की पंक्ति है; यह टेबल नहीं है")  # fmt: skip
    delimiter = _delimiter(text)
    lines = _lines(text, delimiter, name)
    _, names = next(lines, (1, []))
    return Sheet(names, lines), delimiter == ";"


def _check_bytes(content: bytes, name: str) -> None:
    if not content.strip():
        raise refused("empty_file", name, "is empty", "खाली है")
    if len(content) > LARGEST_FILE:
        limit = LARGEST_FILE // 2**20
        raise refused("file_too_large", name, f"is larger than {limit} MB", f"{limit} MB से बड़ी है")
    for magic, en, hi in _KNOWN_FORMATS:
        if content.startswith(magic):
            raise refused(
                "not_a_csv",
                name,
                f"is {en}; save it as CSV (UTF-8) or .xlsx and send that",
                f"{hi} है; इसे CSV (UTF-8) या .xlsx में सेव करके भेजें",
            )


def _delimiter(text: str) -> str:
    """The sign that the header line has most of, outside quotes."""
    header = re.sub(r'"[^"]*"', "", text.lstrip().partition("\n")[0])
    return max(DELIMITERS, key=header.count)


def _lines(text: str, delimiter: str, name: str) -> Iterator[Line]:
    csv.field_size_limit(LARGEST_LINE)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True, skipinitialspace=True)
    try:
        for row in reader:
            if not row or (len(row) == 1 and not row[0].strip()):
                continue  # an empty line at the end
            yield reader.line_num, row
    except csv.Error as error:
        raise refused("damaged_table", name, f"cannot be read at line {reader.line_num:,}: a quotation mark is open or out of place",
                      f"पंक्ति {reader.line_num:,} पर नहीं पढ़ी जा सकती: कोई उद्धरण चिह्न खुला या ग़लत जगह है") from error  # fmt: skip


def _names(header: Sequence[str], name: str) -> list[str]:
    """Names of the columns, each but once; a second one of the same name is numbered."""
    if len(header) > MOST_COLUMNS:
        raise too_many_columns(name, len(header))
    if len(header) < 2:
        raise refused("one_column", name, "has one column; a table to learn from needs a target and something to tell it by",
                      "में एक ही कॉलम है; सीखने के लिए टारगेट और उसे बताने वाला कुछ और चाहिए")  # fmt: skip
    names: list[str] = []
    for position, cell in enumerate(header, 1):
        plain = shown_name(" ".join(cell.split())) or f"column {position}"
        taken, number = plain, 2
        while taken in names:
            taken, number = f"{plain} ({number})", number + 1
        names.append(taken)
    return names


def _ragged(name: str, line: int, found: int, wanted: int) -> Problem:
    return refused(
        "ragged_row", name,
        f"has {found} cells in line {line:,} and {wanted} names in the first; mend that line and send it again",
        f"की पंक्ति {line:,} में {found} खाने हैं और पहली पंक्ति में {wanted} नाम; उस पंक्ति को ठीक करके फिर भेजें",
    )  # fmt: skip


def _table(names: list[str], kept: list[Kept], name: str, part: str) -> Table:
    columns, numbers, codes = [], [], []
    for title, one in zip(names, kept, strict=True):
        values = one.numbers
        columns.append(_column(title, one, values))
        numbers.append(values)
        codes.append(one.codes)
    if all(column.missing == column.rows for column in columns):
        raise refused("all_missing", name, "has no value in any cell", "के किसी खाने में कोई मान नहीं है")
    values, positions = np.stack(numbers, axis=1), np.stack(codes, axis=1)
    return Table(tuple(columns), values, positions, hash_of(columns, numbers, codes), part)


def _column(title: str, one: Kept, values: np.ndarray) -> Column:
    known = values[~np.isnan(values)]
    rows, present = len(values), len(values) - one.missing
    return Column(
        name=title,
        kind=_kind(one, known, present),
        rows=rows,
        missing=one.missing,
        levels=tuple(one.levels) if one.coded else (),
        numeric=one.texts <= 0.05 * max(present, 1) and present > 0,
        low=float(known.min()) if len(known) else None,
        high=float(known.max()) if len(known) else None,
        whole=bool(len(known)) and bool((known == np.round(known)).all()),
        distinct=len(one.levels) if one.coded else len(np.unique(known)) or MOST_LEVELS + 1,
    )


def _kind(one: Kept, known: np.ndarray, present: int) -> ColumnKind:
    """What a column most likely is: constant and unlearnable ones are left out."""
    if present == 0 or (one.coded and len(one.levels) < 2):
        return "ignored"
    if one.dates > 0.95 * present:
        return "date"
    if one.texts <= 0.05 * present:
        counted = len(known) > 1 and len(np.unique(known)) == len(known) and (np.abs(np.diff(known)) == 1).all()
        return "ignored" if counted else "number"  # 1, 2, 3 …: a running number
    return "category" if one.coded and len(one.levels) <= max(_FEW, 0.5 * present) else "ignored"
