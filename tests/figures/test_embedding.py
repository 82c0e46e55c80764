"""The map of embedded items: every point with its number, its class and how its neighbours agree."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.figures.embedding import agreement, embedding_map

PLACE = np.array([[0.0, 0], [1, 0], [0, 1], [5, 5]])
NEAR = np.array([[1, 2], [0, 2], [0, 1], [0, 1]])
Y = np.array([0, 0, 1, 1])


def test_agreement_is_the_share_of_neighbours_of_the_same_class() -> None:
    assert agreement(NEAR, Y).tolist() == [0.5, 0.5, 0.0, 0.0]


@pytest.mark.parametrize("by", ["class", "agreement"])
def test_every_item_is_drawn_once_and_bears_its_number(by: str) -> None:
    drawing = embedding_map(PLACE, NEAR, Y, ["zero", "one"], by=by)  # type: ignore[arg-type]
    points: dict[int, tuple[float, float]] = {}
    for trace in drawing.figure.data:
        points |= {n: (x, y) for n, x, y in zip(trace.customdata, trace.x, trace.y, strict=True)}
    assert points == {k: tuple(PLACE[k]) for k in range(4)}
    assert len(drawing.figure.data) == (2 if by == "class" else 1)
    assert "25%" in drawing.alt
    assert drawing.table.iloc[:, 2].tolist() == [0.5, 0.0]


def test_items_without_labels_are_drawn_in_one_colour() -> None:
    drawing = embedding_map(PLACE, NEAR, None, [], language="hi", dark=True)
    assert len(drawing.figure.data) == 1 and "4" in drawing.alt and drawing.table.empty
