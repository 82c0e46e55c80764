"""An Excel workbook (.xlsx) of unknown origin -> names and rows of its first sheet that holds a table, or one plain sentence why not.

The archive is checked before anything is unpacked, as any zip (`data/archives.py`): no member swells more than a hundredfold, none lies over
another. Its XML may define no entities. Formulas are never computed: what Excel last saw in a cell is taken. Read by calamine, which is
Rust, in the child that checks uploads.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from data.archives import checked_members, opened_zip
from data.images import refused, shown_name
from data.table_rows import LARGEST_UNPACKED, Line, Sheet, check_size, plain_cell

_BOOK = "xl/workbook.xml"
_BEGINNING = 4096
"""A document type stands before the first element."""
_MOST_SHEETS = 50


def opened(content: bytes, name: str) -> Sheet:
    """Names and rows of the first sheet with at least two columns; `part` names it where others hold something too.

    Raises:
        Problem: It is no workbook, hostile, locked, damaged, or none of its sheets holds a table.
    """
    _check_archive(content, name)
    import python_calamine as calamine

    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            shown = [one.name for one in book.sheets_metadata if one.visible == calamine.SheetVisibleEnum.Visible]
            if len(shown) > _MOST_SHEETS:
                raise refused("too_many_sheets", name, f"has {len(shown)} sheets; at most {_MOST_SHEETS} are looked at",
                              f"में {len(shown)} शीट हैं; ज़्यादा से ज़्यादा {_MOST_SHEETS} देखी जाती हैं")  # fmt: skip
            filled = [sheet for sheet in map(book.get_sheet_by_name, shown) if sheet.height and sheet.width]
    except calamine.PasswordError as error:
        raise refused("encrypted_zip", name, "is protected by a password", "पासवर्ड से बंद है") from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise refused("damaged_workbook", name, "is damaged; open and save it in Excel, or save it as CSV",
                      "ख़राब है; इसे Excel में खोलकर सेव करें, या CSV में सेव करें") from error  # fmt: skip
    if not filled:
        raise refused("empty_file", name, "has no sheet with anything in it", "की किसी शीट में कुछ नहीं है")
    sheet = next((one for one in filled if one.width > 1), filled[0])
    check_size(name, sheet.height, sheet.width)
    names, lines = _table_in(sheet)
    return Sheet(names, lines, shown_name(sheet.name) if len(filled) > 1 else "")


def _table_in(sheet: Any) -> tuple[list[str], Iterator[Line]]:
    """The names, of the first row with two filled cells (a title may stand above), and the rows below, without empty ones."""
    first = (sheet.start or (0, 0))[0] + 1
    rows = iter(sheet.to_python(skip_empty_area=True))
    header: list[str] = []
    for row in rows:
        header = [plain_cell(cell).strip() for cell in row]
        first += 1
        if sum(map(bool, header)) > 1:
            break

    def lines() -> Iterator[Line]:
        for line, row in enumerate(rows, first):
            cells = [plain_cell(cell) for cell in row]
            if any(cells):
                yield line, cells

    return header, lines()


def _check_archive(content: bytes, name: str) -> None:
    with opened_zip(content, name) as archive:
        members = checked_members(archive, name, largest=LARGEST_UNPACKED)
        names = {member.filename for member in members}
        if _BOOK not in names:
            raise refused("not_a_csv", name, "is an archive and no Excel workbook; send a CSV, Parquet or .xlsx file",
                          "आर्काइव है, Excel फ़ाइल नहीं; CSV, Parquet या .xlsx फ़ाइल भेजें")  # fmt: skip
        for member in members:
            if member.filename.lower().endswith((".xml", ".rels")) and _defines_entities(archive, member, name):
                raise refused("hostile_member", name, "defines entities in its XML, which no table needs",
                              "के XML में ऐसी परिभाषाएँ हैं जिनकी किसी टेबल को ज़रूरत नहीं")  # fmt: skip


def _defines_entities(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> bool:
    try:
        with archive.open(member) as file:
            beginning = file.read(_BEGINNING).replace(b"\0", b"").upper()
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError) as error:
        shown = shown_name(member.filename)
        raise refused("damaged_zip", name, f"is damaged at “{shown}”", f"“{shown}” पर ख़राब है") from error
    return b"<!DOCTYPE" in beginning or b"<!ENTITY" in beginning
