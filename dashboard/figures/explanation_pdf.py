"""The report of an explanation on paper: PDF by fpdf2, whose letters HarfBuzz shapes, so that Devanagari is written right.

Mukta comes as two web fonts a weight, one a script. fpdf2 takes no web fonts, and misplaces words where a line of one font holds another
(2.8.9), so `mukta-400.ttf` and `mukta-600.ttf` hold both, joined by `fontTools.merge`. Every line is shaped as Devanagari, also where it begins in
Latin: a shaper that guesses by the first letter puts the vowel sign of “बिना” behind its consonant.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Final

from fpdf import FPDF
from fpdf.enums import TextEmphasis
from fpdf.fonts import FontFace

from dashboard.figures.explanation_report import Contents, Rows
from dashboard.figures.explanation_words import EVIDENCE
from dashboard.figures.report import STATIC

_COLOURS: Final = {"green": (15, 139, 109), "amber": (224, 138, 0), "red": (194, 54, 107)}
_INK, _QUIET, _LINE = (28, 32, 48), (91, 100, 114), (226, 228, 239)
_PICTURE_MM = 90
_SIGNS = {"✓": "+", "✗": "−", "·": "•"}
"""Mukta has no tick."""


def as_pdf(found: Contents) -> bytes:
    """The report as a PDF on A4."""
    paper = FPDF(format="A4")
    paper.set_margins(18, 18)
    paper.set_auto_page_break(True, 18)
    for weight, style in ((400, ""), (600, "B")):
        paper.add_font("mukta", style, STATIC / f"mukta-{weight}.ttf")
    paper.set_text_shaping(True, script="Deva", language="hin")
    paper.set_lang(found.language)
    paper.set_title(found.title)
    paper.set_creation_date(datetime.fromtimestamp(found.made_at, UTC))  # the same record, the same file
    paper.add_page()
    _say(paper, found.title, size=10, colour=_QUIET, bold=True)
    _say(paper, found.sentence, size=16, bold=True, after=4)
    if found.picture is not None:
        paper.image(io.BytesIO(found.picture), w=_PICTURE_MM, alt_text=found.picture_alt)
        _say(paper, found.caption, size=9, colour=_QUIET, after=2)
    if found.words:
        _words(paper, found)
        _say(paper, found.caption, size=9, colour=_QUIET, after=2)
    if found.light is not None:
        _head(paper, EVIDENCE.to(found.language))
        _say(
            paper,
            f"{found.light.title} · {found.light.text}",
            size=11,
            bold=True,
            colour=_COLOURS[found.light.colour],
            after=1,
        )
        for mark, _, title, text in found.light.parts:
            _say(paper, f"{_SIGNS[mark]} {title} · {text}", size=9.5)
    for table in found.tables:
        _table(paper, table)
    paper.ln(4)
    _say(paper, found.caution, size=9, colour=_QUIET)
    _say(paper, found.again, size=9, colour=_QUIET)
    return bytes(paper.output())


def _say(
    paper: FPDF, text: str, *, size: float, colour: tuple[int, int, int] = _INK, bold: bool = False, after: float = 0
) -> None:
    paper.set_font("mukta", "B" if bold else "", size)
    paper.set_text_color(*colour)
    paper.multi_cell(0, size * 0.52, text, new_x="LMARGIN", new_y="NEXT", align="L")
    if after:
        paper.ln(after)


def _head(paper: FPDF, text: str) -> None:
    paper.ln(4)
    _say(paper, text, size=12, bold=True, after=1)


def _words(paper: FPDF, found: Contents) -> None:
    """Words in their ink, one after the other."""
    paper.set_font("mukta", "", 12)
    for one in found.words:
        shown = one["word"] + one["sign"]
        width = paper.get_string_width(shown) + 3
        if paper.get_x() + width > paper.w - paper.r_margin:
            paper.ln(8)
        ink = tuple(int(one["ink"][k : k + 2], 16) for k in (1, 3, 5))
        paper.set_fill_color(*(round(255 + one["strength"] * (part - 255)) for part in ink))
        paper.set_text_color(*((255, 255, 255) if one["white"] else _INK))
        paper.cell(width, 7, shown, fill=True, align="C")
        paper.set_x(paper.get_x() + 1)
    paper.ln(9)


def _table(paper: FPDF, rows: Rows) -> None:
    _head(paper, rows.title)
    paper.set_font("mukta", "", 9)
    paper.set_text_color(*_INK)
    paper.set_draw_color(*_LINE)
    paper.set_fill_color(255, 255, 255)
    with paper.table(
        borders_layout="HORIZONTAL_LINES",
        text_align="LEFT",
        line_height=5,
        headings_style=FontFace(emphasis=TextEmphasis.B),
    ) as table:
        for cells in (rows.heads, *rows.rows):
            line = table.row()
            for cell in cells:
                line.cell(cell)
