"""What the canvas sends becomes strokes in canvas pixels; recorded from streamlit-drawable-canvas 0.13."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.lab.coverage import reached, shape_of
from dashboard.lab.densities import Mixture
from dashboard.lab.strokes import MOST_CORNERS, SHAPES, from_canvas, thinned

PATH = [["M", 10, 20], ["Q", 10, 20, 30, 20], ["Q", 40, 20, 50, 60], ["L", 90, 100]]
UNMOVED = {
    "type": "Path",
    "path": PATH,
    "left": 50,
    "top": 60,
    "originX": "center",
    "originY": "center",
    "strokeWidth": 6,
}


def test_an_unmoved_line_stands_where_it_was_drawn() -> None:
    assert from_canvas({"objects": [UNMOVED]}) == [[[10, 20], [30, 20], [50, 60], [90, 100]]]
    by_its_corner = {**UNMOVED, "left": 10 - 3, "top": 20 - 3, "originX": "left", "originY": "top"}
    assert from_canvas({"objects": [by_its_corner]}) == from_canvas({"objects": [UNMOVED]})


def test_a_moved_scaled_or_turned_line_follows() -> None:
    moved = {**UNMOVED, "left": 150, "scaleX": 2, "scaleY": 0.5}
    assert from_canvas({"objects": [moved]})[0][0] == [150 - 80, 60 - 20]
    turned = {**UNMOVED, "angle": 90}
    assert from_canvas({"objects": [turned]})[0][0] == [50 + 40, 60 - 40]


@pytest.mark.parametrize(
    "sent", [None, {}, {"objects": []}, {"objects": [{"type": "Rect"}, {"type": "Path", "path": []}]}]
)
def test_what_is_no_line_is_passed_over(sent: dict[str, object] | None) -> None:
    assert from_canvas(sent) == []


def test_long_strokes_are_thinned_and_keep_their_ends() -> None:
    long = [[float(k), 0.0] for k in range(10 * MOST_CORNERS)]
    (thin,) = thinned([long])
    assert len(thin) <= MOST_CORNERS + 2 and thin[0] == long[0] and thin[-1] == long[-1]


def test_the_meter_counts_places_that_samples_reach() -> None:
    angles = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    ring = Mixture(np.stack([np.cos(angles), np.sin(angles)], axis=1), 0.05**2)
    shape = shape_of(ring)
    everywhere = ring.draw(600, np.random.default_rng(0))
    assert shape.expected.sum() == pytest.approx(1) and reached(shape, everywhere).all()
    half = everywhere[everywhere[:, 0] > 0]
    assert 10 <= reached(shape, half).sum() <= 15
    assert not reached(shape, np.zeros((600, 2))).any()
    assert not reached(shape, np.full((5, 2), np.nan)).any()


def test_ready_shapes_are_drawings() -> None:
    assert set(SHAPES) == {"ring", "moons", "dots", "spiral"}
    assert all(len(stroke) > 2 for strokes in SHAPES.values() for stroke in strokes)
