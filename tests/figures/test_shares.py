"""Bars of shares: everything drawn is in the table and the words, signs are told twice, and names from files are no markup."""

from __future__ import annotations

import numpy as np

from dashboard.figures.curves_of_columns import dependence
from dashboard.figures.shares import Share, shares
from data.table import Column

FOUND = [Share(f"c{k}", str(k), (-1) ** k * k / 10, 0.05) for k in range(15)]


def test_the_weightiest_come_first_and_the_rest_is_one_bar() -> None:
    drawing = shares(FOUND, what="bad", axis="adds", language="en", dark=False, most=5)
    bars = drawing.figure.data[0]
    assert [round(x, 6) for x in bars.x] == [1.4, -1.3, 1.2, -1.1, 1.0, round(sum(one.amount for one in FOUND[:10]), 6)]
    assert "10 others" in drawing.figure.data[1].text[-1]
    assert drawing.table["Column"].tolist() == [f"c{k}" for k in range(14, -1, -1)]
    assert "c14: +1.4" in drawing.alt


def test_for_and_against_differ_in_colour_and_in_words() -> None:
    drawing = shares(FOUND[1:3], what="bad", axis="adds", language="hi", dark=True)
    bars = drawing.figure.data[0]
    assert len(set(bars.marker.color)) == 2 and [word for _, word in bars.customdata] == ["पक्ष में", "ख़िलाफ़"]
    assert np.allclose(bars.error_x.array, 0.05)


def test_a_name_from_a_file_is_no_markup() -> None:
    found = [Share("<a href='javascript:alert(1)'>x</a>", "<b>", 1.0)]
    drawing = shares(found, what="y", axis="adds", language="en", dark=False)
    for text in (drawing.figure.data[1].text[0], drawing.figure.data[0].customdata[0][0]):
        assert "<" not in text and "&lt;a" in text


def test_a_curve_shows_mean_rows_and_the_row_itself() -> None:
    grid, curve = np.array([1.0, 2.0, np.nan]), np.array([0.1, 0.4, np.nan])
    ice = np.array([[0.0, 0.3, np.nan], [0.2, 0.5, np.nan]])
    feature = Column(name="age", kind="number", rows=3, whole=True)
    drawing = dependence(feature, grid, curve, ice, curve + 0.1, 2.0, axis="bad", language="en", dark=False)
    assert len(drawing.figure.data) == 4 and drawing.table["mean of all"].tolist() == [0.1, 0.4]
    assert drawing.alt == "bad as age moves from 1 to 2: on average from 0.1 to 0.4; this row now stands at 2."
