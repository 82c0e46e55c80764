"""Points of many rows and spans of groups: every number in the table, each point knows its row, names from files are no markup."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.figures.beeswarm import beeswarm
from dashboard.figures.spans import Span, spans
from data.table import Column
from data.text import Language

FEATURES = [
    Column(name="<i>age</i>", kind="number", rows=9, whole=True),
    Column(name="शहर", kind="category", rows=9, levels=("Pune", "दिल्ली")),
]


@pytest.mark.parametrize("language", ["en", "hi"])
def test_each_point_knows_its_row_and_the_widest_column_is_on_top(language: Language) -> None:
    phi = np.array([[0.1, -0.5], [0.2, 0.5], [np.float64(0.1), 0.4]])
    x = np.array([[30.0, 0], [40.0, 1], [np.nan, 1]])
    drawing = beeswarm(FEATURES, phi, x, np.array([5, 6, 7]), axis="adds", language=language, dark=False, chosen=6)
    first, second, names, mark = drawing.figure.data
    assert (
        list(first.ids) == ["5", "6", "7"] and list(first.x) == [-0.5, 0.5, 0.4] and list(second.x) == [0.1, 0.2, 0.1]
    )
    assert second.y[0] != second.y[2] and "<i>" not in names.text[1] and "<i>" not in second.text[0]
    assert list(mark.x) == [0.5, 0.2] and len(drawing.table) == 6 and "{" not in drawing.alt


def test_spans_tell_groups_by_shape_and_leave_out_what_nobody_could_count() -> None:
    found = [
        Span("given", "a", 0.5, 0.4, 0.6),
        Span("given", "b", 0.2, 0.1, 0.3),
        Span("owed", "b", float("nan"), 0, 1),
    ]
    drawing = spans(found, axis="share", shares=True, language="en", dark=True)
    one, two, _ = drawing.figure.data
    assert one.marker.symbol != two.marker.symbol and len(two.x) == 1 and len(drawing.table) == 3
    assert two.error_x.array[0] == pytest.approx(0.1) and "given, a: 0.5" in drawing.alt
