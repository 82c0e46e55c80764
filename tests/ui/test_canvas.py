"""Painting a mask: where a picture stands on the canvas, and what strokes paint of it."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.ui.canvas import HIGHEST_PX, WIDTH_PX, Fit, Painting, Stroke, mask_of, points_of, underlay
from dashboard.ui.compare import divided, enlarged

RECORDED = [
    {"type": "Path", "stroke": "rgba(224, 138, 0, 0.6)", "strokeWidth": 28, "left": 20, "top": 70,
     "path": [["M", 20, 80], ["Q", 20, 80, 60, 80], ["Q", 100, 80, 140, 80], ["L", 200, 80]]},
]  # fmt: skip
"""What streamlit-drawable-canvas 0.13 tells of a stroke from (20, 80) to (200, 80)."""


@pytest.mark.parametrize(
    ("width", "height", "canvas", "scale", "box"),
    [
        (28, 28, (288, 288), 288 / 28, (0, 0, 288, 288)),
        (576, 288, (288, 144), 0.5, (0, 0, 288, 144)),
        (100, 400, (288, 420), 1.05, (91.5, 0, 196.5, 420)),
        (960, 40, (288, 48), 0.3, (0, 18, 288, 30)),
    ],
)
def test_a_picture_stands_in_the_middle_as_large_as_fits(
    width: int, height: int, canvas: tuple[int, int], scale: float, box: tuple[float, ...]
) -> None:
    fit = Fit.of(width, height)
    assert (fit.canvas_width, fit.canvas_height) == canvas and canvas[0] == WIDTH_PX and canvas[1] <= HIGHEST_PX
    assert fit.scale == pytest.approx(scale) and fit.box == pytest.approx(box)
    assert fit.on_canvas(0, 0) == pytest.approx(box[:2]) and fit.on_canvas(width, height) == pytest.approx(box[2:])


def test_a_recorded_stroke_paints_where_it_was_drawn_and_the_eraser_takes_away() -> None:
    fit, painting = Fit.of(72, 72), Painting()  # four canvas pixels to one of the picture
    assert painting.take_over(RECORDED, 0, width=28, erases=False)
    assert not painting.take_over(RECORDED, 0, width=28, erases=False)  # the canvas of that turn tells it again
    mask = mask_of(painting.strokes, fit)
    assert mask[20, 5:50].all() and not mask[20, 55:].any()
    assert mask[17:23, 25].all() and not mask[:16, 25].any() and not mask[24:, 25].any()
    painting.strokes.append(Stroke(((80, 80),), 40, erases=True))
    assert not mask_of(painting.strokes, fit)[20, 17:23].any() and mask_of(painting.strokes, fit)[20, 40]
    painting.undo()
    assert np.array_equal(mask_of(painting.strokes, fit), mask)
    assert painting.take_over(RECORDED, painting.turn, width=28, erases=True)  # the same line, by the eraser
    assert not mask_of(painting.strokes, fit).any()
    painting.undo()
    painting.clear()
    assert not mask_of(painting.strokes, fit).any()


@pytest.mark.parametrize(("width", "height"), [(28, 28), (48, 56), (640, 31), (31, 640)])
def test_a_rectangle_by_numbers_paints_exactly_its_pixels(width: int, height: int) -> None:
    fit = Fit.of(width, height)
    corners = fit.on_canvas(2, 3), fit.on_canvas(20, 25)
    mask = mask_of([Stroke(corners, 0, filled=True)], fit)
    assert mask.shape == (height, width)
    if fit.scale >= 1:
        expected = np.zeros((height, width), dtype=bool)
        expected[3:25, 2:20] = True
        assert np.array_equal(mask, expected)
    else:
        assert abs(mask.sum() - 18 * 22) < 0.4 * 18 * 22


def test_a_curve_passes_through_its_middle() -> None:
    points = points_of([["M", 0, 0], ["Q", 10, 10, 20, 0]])
    assert points[0] == (0, 0) and points[-1] == pytest.approx((20, 0)) and points[3] == pytest.approx((10, 5))


def test_what_is_painted_shows_in_the_picture_below() -> None:
    picture = np.full((28, 28, 1), 100, dtype=np.uint8)
    mask = np.zeros((28, 28), dtype=bool)
    mask[:, 14:] = True
    below = np.asarray(underlay(picture, mask, Fit.of(28, 28)))
    assert below.shape == (288, 288, 4)
    assert (below[:, :140, :3] == 100).all() and (below[:, 150:, 0] > 150).all()


def test_two_pictures_are_divided_at_the_slider() -> None:
    before, after = np.zeros((4, 10), dtype=np.uint8), np.full((4, 10, 3), 200, dtype=np.uint8)
    assert (divided(before, after, 0) == 200).all() and (divided(before, after, 1) == 0).all()
    half = divided(before, after, 0.5)
    assert (half[:, :4] == 0).all() and (half[:, 6:] == 200).all()
    assert enlarged(before, 40).shape == (16, 40)
