"""Figures of what a model is worth: valid, in both languages, with all their numbers in the table and no markup from files."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.figures.drawing import Drawing
from dashboard.figures.judged import confusion_squares, reliability_curve, residual_cloud, roc_curve
from dashboard.figures.trade_off import Candidate, trade_off
from data.text import Language


def _all(language: Language, dark: bool) -> list[Drawing]:
    x = np.linspace(0, 1, 5)
    return [
        roc_curve(x, np.sqrt(x), (0.25, 0.5), language=language, dark=dark),
        reliability_curve(x, x, x * 0.9, np.minimum(x * 1.1, 1), np.full(5, 20), language=language, dark=dark),
        residual_cloud(x, x - 0.5, [-0.4, 0.0, 0.4], language=language, dark=dark),
        confusion_squares(np.array([[8, 2], [1, 9]]), ["<b>no</b>", "yes"], language=language, dark=dark),
        trade_off(
            [Candidate("tree", 8, 0.7, 0.6, 0.8, False), Candidate("forest", 9000, 0.8, 0.7, 0.9, True)],
            measure="right", shares=True, language=language, dark=dark,
        ),
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "hi"])
def test_every_figure_is_valid_and_told(language: Language) -> None:
    for light, night in zip(_all(language, False), _all(language, True), strict=True):
        assert light.figure.data and light.figure != night.figure
        assert len(light.table) and len(light.alt) > 20 and "{" not in light.alt


def test_the_confusion_squares_hold_every_count_and_names_are_no_markup() -> None:
    drawing = confusion_squares(np.array([[8, 2], [1, 9]]), ["<b>no</b>", "yes"], language="en", dark=False)
    assert list(drawing.figure.data[0].text) == ["8", "2", "1", "9"]
    assert "<b>" not in drawing.figure.layout.xaxis.ticktext[0] and "17 of 20" in drawing.alt


def test_the_chosen_model_is_marked_by_shape_and_colour() -> None:
    marker = _all("en", False)[-1].figure.data[0].marker
    assert marker.symbol == ("circle", "diamond") and marker.color[0] != marker.color[1]
