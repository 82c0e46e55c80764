"""A head of attention as a heat map: a valid figure, its words and its numbers."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.figures.looking import heat_map
from data.text import Language

TOKENS = ["पानी", "the", "the"]
WEIGHTS = np.array([[1.0, 0.0, 0.0], [0.7, 0.3, 0.0], [0.004, 0.906, 0.09]])


@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize("dark", [False, True])
def test_a_heat_map_is_a_figure_with_a_row_for_each_token(language: Language, dark: bool) -> None:
    drawing = heat_map(WEIGHTS, TOKENS, dark=dark, language=language)
    (trace,) = drawing.figure.data
    assert np.allclose(np.asarray(trace.z, dtype=float), WEIGHTS, atol=1e-4)
    assert list(drawing.figure.layout.yaxis.ticktext) == TOKENS and drawing.figure.layout.yaxis.autorange == "reversed"
    assert "100%" in drawing.alt and "पानी" in drawing.alt


def test_the_table_tells_the_strongest_links_and_tokens_of_one_name_apart() -> None:
    table = heat_map(WEIGHTS, TOKENS).table
    assert table.iloc[0].tolist() == ["1 पानी", "1 पानी", 1.0]
    assert table.iloc[1].tolist() == ["3 the", "2 the", 0.906]
    assert len(table) == 5  # 0.4 % is not told
