"""Thinning loses no extreme and no broken value, checked against brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.tracking import buckets as bk
from dashboard.tracking import points as pt
from dashboard.tracking.points import Points

values = st.floats(allow_nan=True, allow_infinity=True, width=64)


@st.composite
def curves(draw: st.DrawFn, largest: int = 200) -> Points:
    """Any curve: steps that rise by anything (also by nothing), values that may be broken."""
    gaps = draw(st.lists(st.sampled_from([0, 1, 1, 1, 2, 7]), min_size=1, max_size=largest))
    steps = np.cumsum(gaps)
    drawn = draw(st.lists(values, min_size=len(gaps), max_size=len(gaps)))
    return Points.of(steps.tolist(), drawn, [1e9 + 0.5 * s for s in steps.tolist()])


def finite(points: Points) -> list[tuple[int, float]]:
    return [(s, v) for s, v in zip(points.steps.tolist(), points.values.tolist(), strict=True) if math.isfinite(v)]


def broken(points: Points) -> list[tuple[int, str]]:
    return [
        (s, repr(v)) for s, v in zip(points.steps.tolist(), points.values.tolist(), strict=True) if not math.isfinite(v)
    ]


def check(buckets: bk.Buckets, kept: list[tuple[int, float]]) -> None:
    """Buckets against the finite points they stand for, by brute force."""
    start = 0
    for i in range(len(buckets)):
        rows = kept[start : start + int(buckets.count[i])]
        start += len(rows)
        steps, held = [s for s, _ in rows], [v for _, v in rows]
        assert (buckets.first_step[i], buckets.last_step[i]) == (steps[0], steps[-1])
        assert (buckets.low[i], buckets.high[i]) == (min(held), max(held))
        assert buckets.low_step[i] == steps[held.index(min(held))]
        assert buckets.high_step[i] == steps[held.index(max(held))]
        assert buckets.mean[i] == pytest.approx(
            math.fsum(v / len(held) for v in held), rel=1e-9, abs=1e-9 * max(map(abs, held))
        )
    assert start == len(kept)


@given(curves(), st.integers(1, 50))
def test_thinning_keeps_every_extreme_where_it_stands(points: Points, most: int) -> None:
    thinned = bk.Buckets.of(points).at_most(most)
    assert len(thinned) <= most
    check(thinned, finite(points))


@given(curves(), st.integers(1, 20), st.integers(1, 20))
def test_thinning_twice_is_as_exact_as_thinning_once(points: Points, first: int, second: int) -> None:
    check(bk.Buckets.of(points).at_most(first).at_most(second), finite(points))


@given(st.lists(curves(40), min_size=1, max_size=6))
@settings(max_examples=60)
def test_a_roll_up_grown_piece_by_piece_equals_one_made_at_once(parts: list[Points]) -> None:
    shifted = [Points(part.steps + 10_000 * i, part.values, part.times) for i, part in enumerate(parts)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bk, "ROLLUP", 8)
        grown, size = bk.EMPTY, 1
        for part in shifted:
            grown, size = bk.extend(grown, size, bk.Buckets.of(part))
        whole = pt.join(shifted)
        at_once, size_at_once = bk.extend(bk.EMPTY, 1, bk.Buckets.of(whole))
    assert len(grown) <= 8
    assert size == size_at_once
    assert grown.count.tolist() == at_once.count.tolist()
    check(grown, finite(whole))


@given(curves())
def test_packed_points_come_back_bit_for_bit(points: Points) -> None:
    back = pt.unpack(pt.pack(points))
    assert back.steps.tolist() == points.steps.tolist()
    assert back.values.tobytes() == points.values.tobytes()
    assert np.allclose(back.times, points.times, atol=1e-3, rtol=0)


@given(curves(), st.integers(1, 30))
def test_packed_buckets_come_back_bit_for_bit(points: Points, most: int) -> None:
    buckets = bk.Buckets.of(points).at_most(most)
    assert bk.Buckets.unpack(buckets.pack()).pack() == buckets.pack()


@given(curves(), st.integers(0, 6))
def test_every_broken_value_is_listed_with_its_kind(points: Points, cut: int) -> None:
    parts = [points[i : i + cut + 1] for i in range(0, len(points), cut + 1)]
    stretches = bk.join_stretches([bk.Stretches.of(part) for part in parts])
    steps, found = bk.Stretches.unpack(stretches.pack()).expand()
    assert sorted(zip(steps.tolist(), map(repr, found.tolist()), strict=True)) == sorted(broken(points))


@given(curves(), st.integers(-5, 300), st.integers(-5, 300))
def test_a_range_of_broken_values_is_exact(points: Points, first: int, last: int) -> None:
    steps, found = bk.Stretches.of(points).between(first, last).expand()
    expected = [(s, v) for s, v in broken(points) if first <= s <= last]
    assert sorted(zip(steps.tolist(), map(repr, found.tolist()), strict=True)) == sorted(expected)


def test_a_run_that_diverged_for_long_costs_one_row_and_shows_both_ends() -> None:
    steps = range(5, 500_000, 5)
    stretches = bk.Stretches.of(Points.of(steps, [math.nan] * len(steps), [0.0] * len(steps)))
    assert len(stretches) == 1
    shown, _ = stretches.expand()
    assert len(shown) == bk.STRETCH
    assert (shown[0], shown[-1]) == (5, steps[-1])


def test_values_near_the_largest_float_do_not_overflow_the_mean() -> None:
    largest = 1.7e308
    thinned = bk.Buckets.of(Points.of([1, 2, 3, 4], [largest, largest, largest, -largest], [0.0] * 4)).at_most(1)
    assert thinned.mean[0] == pytest.approx(largest / 2)


@given(st.lists(st.tuples(st.integers(-50, 50), values), max_size=60))
def test_points_are_put_in_order_and_equal_steps_keep_theirs(pairs: list[tuple[int, float]]) -> None:
    points = Points.of([s for s, _ in pairs], [v for _, v in pairs], [0.0] * len(pairs))
    expected = sorted(pairs, key=lambda pair: pair[0])
    assert list(map(repr, points.values.tolist())) == [repr(v) for _, v in expected]
