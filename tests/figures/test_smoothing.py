"""Smoothing is the known recursion, and means the same on thinned curves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dashboard.figures.smoothing import smooth


@pytest.mark.parametrize("span", [5, 50, 500])
def test_smoothing_single_points_is_the_bias_corrected_average_that_pandas_computes(span: int) -> None:
    values = np.random.default_rng(0).normal(size=700)
    ours = smooth(values, np.ones(700, dtype=np.int64), span=span)
    theirs = pd.Series(values).ewm(span=span, adjust=True).mean().to_numpy()
    assert np.allclose(ours, theirs, rtol=0, atol=1e-12)


def test_a_bucket_counts_as_many_points_as_it_holds() -> None:
    values = np.repeat(np.random.default_rng(1).normal(size=40), 25)
    fine = smooth(values, np.ones(1000, dtype=np.int64), span=80)
    thin = smooth(values[::25], np.full(40, 25, dtype=np.int64), span=80)
    assert np.allclose(thin, fine[24::25])


def test_a_span_of_one_changes_nothing() -> None:
    assert smooth(np.array([1.0, 5.0]), np.array([1, 1]), span=1).tolist() == [1.0, 5.0]


def test_a_constant_stays_constant_from_the_first_point() -> None:
    assert np.allclose(smooth(np.full(9, 3.0), np.ones(9, dtype=np.int64), span=100), 3.0)
