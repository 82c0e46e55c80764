"""Attention over pictures: where the colour lies, what stands out, and shares that add up."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.lab.attended import all_heads, overlay
from lightning_modules.ssl.pointing import Cut, foreground, on_object

INK = (224, 138, 0)
CUT = Cut(4, 4, 2)


def _bright(row: int, column: int) -> np.ndarray:
    """A black picture of 8×8 pixels with one bright patch."""
    x = np.full((1, 8, 8), -1.0)
    x[0, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2] = 1
    return x


def _on(row: int, column: int) -> np.ndarray:
    weights = np.zeros((4, 4))
    weights[row, column] = 1
    return weights


def test_the_colour_lies_where_the_attention_is_and_nowhere_else() -> None:
    pixels = overlay(_bright(1, 2), _on(3, 0), CUT, INK).astype(int)
    coloured = np.abs(pixels.max(axis=2) - pixels.min(axis=2)) > 20
    side = pixels.shape[0] // 4
    assert coloured[3 * side :, :side].all()
    coloured[3 * side :, :side] = False
    assert not coloured.any()


def test_the_place_that_looks_is_framed() -> None:
    plain = overlay(_bright(1, 2), _on(3, 0), CUT, INK)
    framed = overlay(_bright(1, 2), _on(3, 0), CUT, INK, mark=6)  # row 1, column 2
    rows, columns = np.nonzero((plain != framed).any(axis=2))
    side = plain.shape[0] // 4
    assert (rows // side == 1).all() and (columns // side == 2).all()
    assert (framed[side, 2 * side] == INK).all()


def test_what_stands_out_is_told_from_the_background_of_any_shade() -> None:
    for x in (_bright(1, 2), -_bright(1, 2)):
        assert np.array_equal(foreground(x, CUT), _on(1, 2))


def test_attention_on_the_object_is_read_against_chance() -> None:
    x = _bright(1, 2)
    right, wrong, even = (on_object(x, weights, CUT) for weights in (_on(1, 2), _on(0, 0), np.ones((4, 4))))
    assert right == (1.0, 1 / 16) and wrong == (0.0, 1 / 16)
    assert even[0] == pytest.approx(even[1])


def test_patches_that_reach_beyond_the_picture_count_by_what_is_inside() -> None:
    cut = Cut(3, 2, 4)  # of a picture of 10×7 pixels
    x = np.full((3, 10, 7), 1.0)
    x[:, 4:8, 4:6] = 0
    share = foreground(x, cut)
    assert share[1, 1] == pytest.approx(8 / 12) and share.sum() == share[1, 1]
    assert overlay(x, np.ones((3, 2)), cut, INK).shape[:2] == (10 * 33, 7 * 33)


def test_all_heads_are_a_row_a_layer_and_a_column_a_head() -> None:
    attention = np.zeros((2, 3, 17, 17))
    attention[..., 0] = 1.0
    attention[1, 2, 0] = np.eye(17)[5]  # the patch in row 1, column 0
    picture = all_heads(_bright(0, 3), attention, CUT, INK).astype(int)
    height, width = (picture.shape[0] + 3) // 2, (picture.shape[1] + 3) // 3
    coloured = (picture.max(axis=2) - picture.min(axis=2)) > 20
    rows, columns = np.nonzero(coloured)
    assert rows.min() >= height and columns.min() >= 2 * width
