"""Columns read in pieces say what each cell says by itself."""

from __future__ import annotations

import math

import numpy as np
import pytest

from data.table_cells import MOST_LEVELS, Kept

ODD = ["1", " 2.5 ", "1e3", "-7", "", "NA", "n/a", "NaN", "nan", "-nan", "inf", "-inf", "1e300", "1_000", "1,000", "12,34,567", "3,5", "?", "–",
       "2026-01-31", "2026-02-30", "2026-01-31 10:00", "लखनऊ", "१२", "a" * 90, "x\x00y"]  # fmt: skip


def _cell_by_cell(cells: list[str], *, comma: bool) -> Kept:
    one = Kept(comma=comma)
    for cell in cells:
        one.add([cell])
    return one


@pytest.mark.parametrize("comma", [False, True])
@pytest.mark.parametrize("plain", [True, False])
def test_pieces_say_the_same_as_single_cells(comma: bool, plain: bool) -> None:
    many = [
        f"{k / 7:.6g}" for k in range(MOST_LEVELS + 40)
    ]  # too many texts for a category: from here on read as numbers
    generator = np.random.default_rng(0)
    tail = ["", "NA", "5", "6.5"] if plain else ODD
    cells = many + [tail[k] for k in generator.integers(len(tail), size=300)]
    whole, single = Kept(comma=comma), _cell_by_cell(cells, comma=comma)
    for start in range(0, len(cells), 97):
        whole.add(cells[start : start + 97])
    np.testing.assert_array_equal(whole.numbers, single.numbers)
    np.testing.assert_array_equal(whole.codes, single.codes)
    assert (whole.texts, whole.dates, whole.missing) == (single.texts, single.dates, single.missing)
    assert whole.coded is single.coded is False


def test_a_cell_is_a_number_a_day_a_text_or_nothing() -> None:
    one = Kept(comma=True)
    one.add(ODD)
    expected = [1, 2.5, 1000, -7, *[math.nan] * 9, math.nan, 1000, 1234567, 3.5, math.nan, math.nan, 739647, math.nan, 739647, math.nan, 12,
                math.nan, math.nan]  # fmt: skip
    expected[14] = 1.0  # with a decimal comma "1,000" is one
    np.testing.assert_array_equal(one.numbers, np.array(expected, dtype=float))
    assert one.missing == 7 and one.dates == 2
    assert one.texts == len(ODD) - one.missing - one.dates - int(np.isfinite(one.numbers).sum() - one.dates)
    assert one.coded and list(one.codes[[0, 4, 21]]) == [0, -1, one.levels["2026-01-31 10:00"]]
