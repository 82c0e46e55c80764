"""Pictures of data sets: the right tiles in the right places, dots where the points are."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.ui.previews import COLUMNS, ROWS, WIDTH_PX, clouds, mosaic, scatter, sounds


def test_tiles_stand_in_reading_order_with_a_gap_between() -> None:
    shades = np.linspace(-1, 1, ROWS * COLUMNS, dtype=np.float32)
    picture = mosaic(np.broadcast_to(shades[:, None, None, None], (len(shades), 1, 4, 4)))
    pixels = np.asarray(picture)
    factor = round(WIDTH_PX / (COLUMNS * 5 - 1))
    assert pixels.shape == ((ROWS * 5 - 1) * factor, (COLUMNS * 5 - 1) * factor)
    expected = ((shades + 1) * 127.5).astype(np.uint8).reshape(ROWS, COLUMNS)
    assert np.array_equal(pixels[:: 5 * factor, :: 5 * factor], expected)
    assert not pixels[4 * factor : 5 * factor].any() and not pixels[:, 4 * factor : 5 * factor].any()


@pytest.mark.parametrize("count", [1, 3, 8, 11, 100])
@pytest.mark.parametrize("channels", [1, 3])
def test_any_number_of_images_makes_a_picture(count: int, channels: int) -> None:
    picture = mosaic(np.zeros((count, channels, 6, 9), dtype=np.float32))
    assert picture.mode == ("L" if channels == 1 else "RGB")
    assert picture.width >= picture.height / 10 and picture.width <= 2 * WIDTH_PX


def test_points_keep_their_shape_and_fill_the_picture() -> None:
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], dtype=np.float32)
    ink = np.asarray(scatter(corners))[:, :, 3] > 0
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    height, width = rows[-1] - rows[0], columns[-1] - columns[0]
    assert abs(height - width) <= 2
    assert height > 0.85 * ink.shape[0]


def test_one_point_many_times_is_no_division_by_zero() -> None:
    assert np.asarray(scatter(np.ones((5, 2), dtype=np.float32)))[:, :, 3].any()


@pytest.mark.parametrize("count", [1, 5, 300])
def test_any_number_of_sounds_or_clouds_makes_a_picture(count: int) -> None:
    heard = np.asarray(sounds(np.zeros((count, 1, 4096), dtype=np.float32)))
    seen = np.asarray(clouds(np.zeros((count, 32, 3), dtype=np.float32)))
    assert heard.shape[2] == seen.shape[2] == 3
    assert (seen < 255).any() and (heard < 255).any()
