"""A collapse is told when it has come, and not before."""

from __future__ import annotations

import numpy as np

from dashboard.figures import health
from data.text import Text
from tests.figures.envelopes import envelope

TITLE = Text(en="Spread", hi="फैलाव")
MEANING = Text(en="All is one.", hi="सब एक है।")


def _said(values: np.ndarray, *, buckets: int = 1000) -> str | None:
    found = health.collapsed(envelope(values, buckets=buckets), TITLE, below=0.1, meaning=MEANING)
    return None if found is None else found.text.en


def test_a_spread_that_fell_and_stays_low_is_a_collapse_since_the_step_it_fell() -> None:
    values = np.concatenate([np.full(40, 0.7), np.full(25, 0.02)])
    assert _said(values) == "All is one. Spread: 0.020 now, below 0.1 since step 41."


def test_it_is_told_within_so_many_steps_of_the_fall() -> None:
    fell = np.concatenate([np.full(100, 0.7), np.full(100, 0.0)])
    first = next(n for n in range(101, 200) if _said(fell[:n]) is not None)
    assert first - 100 <= 20


def test_a_run_that_has_only_begun_or_dips_once_or_recovers_has_not_collapsed() -> None:
    assert _said(np.full(29, 0.0)) is None
    dip = np.full(100, 0.7)
    dip[60:65] = 0.0
    assert _said(dip) is None
    dip[95:] = 0.0
    assert _said(dip) is None
    assert _said(np.concatenate([np.full(60, 0.01), np.linspace(0.01, 0.5, 60)])) is None
    assert _said(np.full(300, 0.12)) is None


def test_one_that_never_rose_has_collapsed_from_the_first_step() -> None:
    assert _said(np.full(50, 0.01)) == "All is one. Spread: 0.010 now, below 0.1 since step 1."


def test_a_long_curve_in_few_buckets_is_judged_by_its_newest_points() -> None:
    values = np.concatenate([np.full(9000, 0.7), np.full(1000, 0.01)])
    assert _said(values, buckets=200) is not None
    assert _said(values[::-1], buckets=200) is None
