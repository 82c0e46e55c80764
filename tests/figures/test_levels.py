"""Reference lines: each stands at its value, its label beside it, and no label on another."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.figures.curves import curves
from dashboard.figures.levels import LABEL_HEIGHT_PX, place, spread
from dashboard.figures.series import Level, Panel, Series
from tests.figures.envelopes import envelope


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_labels_keep_their_distance_their_order_and_the_axis(wanted: list[float]) -> None:
    placed = spread(np.array(wanted), 0.1, 0.0, 1.0)
    order = np.argsort(wanted, kind="stable")
    assert (np.diff(placed[order]) >= 0.1 - 1e-9).all()
    assert placed.max() <= 1.0 + 1e-9
    assert placed.min() >= -1e-9 or len(wanted) * 0.1 > 1.0


def test_a_label_with_room_stays_beside_its_line() -> None:
    assert spread(np.array([0.2, 0.8]), 0.1, 0.0, 1.0).tolist() == [0.2, 0.8]


@pytest.mark.parametrize("log", [False, True])
def test_two_equal_levels_get_labels_one_line_apart(log: bool) -> None:
    placed = place((Level(0.3, "a"), Level(0.3, "b")), log=log, bounds=(-3.0, 1.0), height_px=200)
    pixels = abs(placed[0].label_at - placed[1].label_at) / 4.0 * 200
    assert pixels >= LABEL_HEIGHT_PX - 1e-6


def test_on_a_log_axis_the_label_stands_at_the_logarithm_and_the_line_at_the_value() -> None:
    panel = Panel("Loss", (Series("run", envelope(np.geomspace(10, 0.01, 50))),), (Level(0.1, "floor"),), log=True)
    figure = curves((panel,)).figure
    label = next(a for a in figure.layout.annotations if a.text.startswith("floor"))
    line = figure.layout.shapes[0]
    low, high = figure.layout.yaxis.range
    assert line.y0 == line.y1 == 0.1
    assert low < label.y < high
    assert abs(label.y - math.log10(0.1)) < 0.08 * (high - low)


def test_a_level_far_from_the_curve_is_still_inside_the_axis() -> None:
    panel = Panel("Loss", (Series("run", envelope([1.0, 1.1])),), (Level(9.0, "chance"),))
    low, high = curves((panel,)).figure.layout.yaxis.range
    assert low < 1.0 and high > 9.0


def test_a_level_that_a_log_axis_cannot_show_is_left_out() -> None:
    assert place((Level(-1.0, "a"), Level(float("nan"), "b")), log=True, bounds=(-1.0, 1.0), height_px=200) == ()
