"""A drawing becomes a picture such as those of MNIST: the same wherever and however large it was drawn."""

from __future__ import annotations

import numpy as np

from dashboard.lab.drawn_picture import INSIDE, SIDE_PX, picture_of

SEVEN = [[[10.0, 10.0], [60.0, 10.0], [25.0, 110.0]]]


def test_a_drawing_stands_in_the_middle_whatever_its_place_and_size() -> None:
    one = picture_of(SEVEN)
    other = picture_of([[[100 + 0.5 * x, 30 + 0.5 * y] for x, y in SEVEN[0]]])
    assert one is not None and other is not None and one.shape == (SIDE_PX, SIDE_PX, 3)
    assert (one == other).all()
    rows, columns = np.nonzero(one[..., 0])
    assert abs(np.ptp(rows) / SIDE_PX - INSIDE) < 0.02 and abs(rows.min() + rows.max() - SIDE_PX) < 4
    assert abs(columns.min() + columns.max() - SIDE_PX) < 4 and set(np.unique(one)) == {0, 255}


def test_nothing_drawn_is_no_picture_and_a_dot_is_one() -> None:
    assert picture_of([]) is None
    dot = picture_of([[[5.0, 5.0]], [[5.0, 5.0]]])
    assert dot is not None and dot.any()
