"""Runs of a group: mean and band, to the exact value."""

from __future__ import annotations

import numpy as np

from dashboard.figures.curves import curves
from dashboard.figures.groups import group
from dashboard.figures.series import Panel, Series
from dashboard.figures.sparklines import SPARK_POINTS, change, spark
from tests.figures.envelopes import envelope


def test_mean_lowest_and_highest_of_three_runs_at_equal_steps() -> None:
    rows = np.random.default_rng(0).random((3, 40))
    e = group([envelope(row) for row in rows])
    assert np.allclose(e.mean, rows.mean(axis=0))
    assert np.array_equal(e.low, rows.min(axis=0))
    assert np.array_equal(e.high, rows.max(axis=0))
    assert set(e.count.tolist()) == {3}


def test_a_shorter_run_counts_only_where_it_has_points() -> None:
    e = group([envelope([1.0, 1.0, 1.0, 1.0]), envelope([3.0, 3.0])])
    assert e.mean.tolist() == [2.0, 2.0, 1.0, 1.0]
    assert e.count.tolist() == [2, 2, 1, 1]


def test_runs_logged_at_other_steps_are_read_between_their_points() -> None:
    e = group([envelope([0.0, 4.0], steps=[0, 4]), envelope([2.0, 2.0, 2.0], steps=[0, 2, 4])])
    assert e.first_step.tolist() == [0, 2, 4]
    assert e.mean.tolist() == [1.0, 2.0, 3.0]


def test_a_broken_value_of_any_run_is_marked() -> None:
    e = group([envelope([1.0, np.nan, 1.0]), envelope([1.0, 1.0, 1.0])])
    assert e.broken_steps.tolist() == [2]


def test_no_runs_give_an_empty_curve() -> None:
    assert len(group([]).mean) == 0


def test_the_band_is_drawn_between_lowest_and_highest() -> None:
    rows = np.random.default_rng(1).random((4, 30))
    figure = curves((Panel("Loss", (Series("4 seeds", group([envelope(r) for r in rows]), band=True),)),)).figure
    low, high = (t for t in figure.data if t.meta == "band")
    assert np.array_equal(low.y, rows.min(axis=0)) and np.array_equal(high.y, rows.max(axis=0))
    assert high.fill == "tonexty"


def test_a_sparkline_is_short_and_ends_where_the_run_ends() -> None:
    line = spark(envelope(np.linspace(1, 0, 5000)))
    assert len(line) == SPARK_POINTS
    assert line[0] > line[-1]


def test_the_change_compares_the_newest_tenth_with_the_one_before() -> None:
    assert change(envelope([5.0] * 90 + [1.0] * 10)) == -4.0
    assert change(envelope([1.0, 2.0])) is None
