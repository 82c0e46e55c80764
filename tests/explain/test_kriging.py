"""A function learned from some of its values: both ways to factorise, and each row left out for real."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.explain.games.kriging import RIDGES, Learned, learned

ROWS, PARTS = 60, 8


def problem(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of seen and hidden parts, how alike they are, and a score with an interaction and noise."""
    rng = np.random.default_rng(seed)
    rows = rng.random((ROWS, PARTS)) < 0.6
    signs = 2.0 * rows - 1
    alike = np.exp(2.0 * (signs @ signs.T / PARTS - 1))
    design = np.column_stack([np.ones(ROWS), rows.astype(float)])
    return design, alike, 2.0 * rows[:, 0] - rows[:, 1] * rows[:, 2] + 0.1 * rng.normal(size=ROWS)


def both(seed: int) -> tuple[Learned, Learned]:
    """Learned with all ridges from eigenvectors, and with the one that was best from triangles."""
    one = learned(*problem(seed))
    return one, learned(*problem(seed), (one.ridge,))


@pytest.mark.parametrize("seed", range(3))
def test_triangles_and_eigenvectors_learn_the_same(seed: int) -> None:
    one, other = both(seed)
    for name in ("total", "shares", "missed", "left_out"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("ridge", [RIDGES[1], RIDGES[4]])
def test_what_is_told_of_a_row_left_out_is_so(ridge: float) -> None:
    design, alike, values = problem(7)
    told = learned(design, alike, values, (ridge,)).left_out
    for row in (0, 31):
        rest = np.arange(ROWS) != row
        without = learned(design[rest], alike[np.ix_(rest, rest)], values[rest], (ridge,))
        missed = values[row] - without.at(design[row : row + 1], alike[row : row + 1, rest])[0]
        assert told[row] == pytest.approx(missed, rel=1e-6, abs=1e-9)


def test_the_next_ridges_to_try_are_the_best_and_its_neighbours() -> None:
    one, other = both(0)
    assert one.ridge == other.ridge and one.ridge in one.near() and len(one.near()) <= 3
