"""A word's pixels over its picture: full colour where it drove most, the picture in grey where it drove nothing."""

from __future__ import annotations

import numpy as np

from dashboard.lab.word_maps import lead, overlay


def test_the_strongest_pixel_is_orange_and_the_others_are_the_picture_in_grey() -> None:
    picture = np.ones((3, 4, 4))
    share = np.zeros((4, 4))
    share[1, 2] = 0.4
    mixed = (overlay(picture, share, 0.4) + 1) / 2
    assert np.allclose(mixed[:, 1, 2], [1.0, 0.45, 0.0])
    assert np.allclose(mixed[:, 0, 0], 0.55) and overlay(np.ones((1, 4, 4)), share, 0.4).shape == (3, 4, 4)
    assert np.isfinite(overlay(picture, np.zeros((4, 4)), 0.0)).all()


def test_what_a_word_does_everywhere_alike_tells_nothing() -> None:
    maps = np.stack([np.full((2, 2), 0.7), np.array([[0.1, 0.1], [0.1, 0.5]])])
    assert np.allclose(lead(maps)[0], 0) and np.allclose(lead(maps)[1], np.diag([0, 0.3]))
