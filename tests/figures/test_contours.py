"""Lines around what matters: they enclose the share they say, and leave the rest of the picture as it was."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from dashboard.figures.contours import SHARES, contours, smallest_region, smoothed

SEEN = np.random.default_rng(0).integers(60, 200, (50, 40, 3), dtype=np.uint8)


@pytest.mark.parametrize("share", SHARES)
def test_the_region_holds_its_share_and_no_smaller_one_does(share: float) -> None:
    height = np.random.default_rng(1).random((50, 40)) ** 3
    inside = smallest_region(height, share)
    lowest = height[inside].min()
    assert height[inside].sum() >= share * height.sum() > height[inside].sum() - lowest
    assert height[~inside].max() < lowest


def test_the_blur_is_that_of_scipy() -> None:
    height = np.random.default_rng(2).random((60, 45))
    expected = gaussian_filter(height, 2.0, mode="mirror", truncate=8)
    assert np.abs(smoothed(height, 2.0) - expected).max() < 2e-6  # the steps of the map


def test_a_line_runs_around_the_planted_square_and_nowhere_else() -> None:
    shown = np.zeros((50, 40))
    shown[20:30, 10:20] = 1
    drawn = np.asarray(Image.open(io.BytesIO(contours(SEEN, shown)))).astype(int)
    factor = drawn.shape[0] // 50
    large = SEEN.repeat(factor, 0).repeat(factor, 1)
    rows, columns = np.nonzero((drawn != large).any(axis=2))
    assert (
        17 * factor < rows.min()
        and rows.max() < 33 * factor
        and 7 * factor < columns.min()
        and columns.max() < 23 * factor
    )
    assert (drawn[25 * factor, :, 0] == 255).any(), "a line crosses the middle row"
    assert (drawn[25 * factor, 15 * factor] == large[25 * factor, 15 * factor]).all(), (
        "inside it the picture is as it was"
    )


def test_a_region_cut_off_by_the_rim_leaves_no_line_there_nor_across() -> None:
    shown = np.zeros((50, 40))
    shown[:, :10] = 1
    drawn = np.asarray(Image.open(io.BytesIO(contours(SEEN, shown)))).astype(int)
    factor = drawn.shape[0] // 50
    changed = (drawn != SEEN.repeat(factor, 0).repeat(factor, 1)).any(axis=2)
    assert not changed[25 * factor, : 4 * factor].any() and not changed[:, 30 * factor :].any() and changed.any()


@pytest.mark.parametrize("shown", [np.zeros((50, 40)), -np.ones((50, 40))], ids=["nothing", "all against"])
def test_nothing_that_speaks_for_leaves_the_picture_alone(shown: np.ndarray) -> None:
    drawn = np.asarray(Image.open(io.BytesIO(contours(SEEN, shown))))
    assert (drawn[::9, ::9][:50, :40] == SEEN).all()
