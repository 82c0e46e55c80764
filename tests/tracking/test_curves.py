"""Curves in the store, however they were logged, are the curves that were logged: no gap, no overlap, no loss."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from dashboard.tracking import buckets as bk
from dashboard.tracking import curves, opening, runs
from dashboard.tracking.database import Database
from dashboard.tracking.points import Points
from dashboard.tracking.records import Envelope
from dashboard.tracking.schema import CHUNK, ROLLUP
from tests.tracking.conftest import new_run

SMALL = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """An empty store with chunks of 7 points and roll-ups of 8 buckets, so that edges are everywhere."""
    database = Database(f"sqlite:///{tmp_path / 'store.sqlite'}")
    with database.writing() as opened, pytest.MonkeyPatch.context() as patch:
        patch.setattr(curves, "CHUNK", 7)
        patch.setattr(bk, "ROLLUP", 8)
        opening.create(opened)
        yield opened
    database.close()


def fresh(connection: Connection) -> str:
    """A run of its own for each example."""
    fresh.number += 1  # type: ignore[attr-defined]
    name = f"r{fresh.number}"  # type: ignore[attr-defined]
    runs.add(connection, name, new_run(), created_at=0.0)
    return name


fresh.number = 0  # type: ignore[attr-defined]

Pair = tuple[int, float]
numbers = st.floats(allow_nan=True, allow_infinity=True, width=32)


@st.composite
def sittings(draw: st.DrawFn) -> list[list[Pair]]:
    """What a run logged, in the portions that the collector saw; steps may repeat and go back."""
    portions = []
    step = 0
    for _ in range(draw(st.integers(1, 6))):
        portion = []
        for _ in range(draw(st.integers(1, 30))):
            step = max(0, step + draw(st.sampled_from([1, 1, 1, 1, 1, 0, 3, -12])))
            portion.append((step, draw(numbers)))
        portions.append(portion)
    return portions


def points_of(pairs: list[Pair]) -> Points:
    return Points.of([s for s, _ in pairs], [v for _, v in pairs], [float(s) for s, _ in pairs])


def log(connection: Connection, run: str, pairs: list[Pair], **attempt: int) -> None:
    curves.append(connection, run, {"loss": points_of(pairs)}, **attempt)


def stored(connection: Connection, run: str) -> list[tuple[int, str]]:
    found = curves.points(connection, run, "loss")
    return [(s, repr(v)) for s, v in zip(found.steps.tolist(), found.values.tolist(), strict=True)]


def in_order(pairs: list[Pair]) -> list[tuple[int, str]]:
    return [(s, repr(float(np.float64(v)))) for s, v in sorted(pairs, key=lambda pair: pair[0])]


def check(envelope: Envelope, pairs: list[Pair]) -> None:
    """An envelope against the points it stands for, by brute force."""
    ordered = sorted(pairs, key=lambda pair: pair[0])
    kept = [(s, v) for s, v in ordered if math.isfinite(v)]
    start = 0
    for i, count in enumerate(envelope.count.tolist()):
        rows = kept[start : start + count]
        start += count
        held = [v for _, v in rows]
        assert (envelope.first_step[i], envelope.last_step[i]) == (rows[0][0], rows[-1][0])
        assert (envelope.low[i], envelope.high[i]) == (min(held), max(held))
        assert envelope.low_step[i] == rows[held.index(min(held))][0]
        assert envelope.high_step[i] == rows[held.index(max(held))][0]
    assert start == len(kept)
    expected = sorted((s, repr(v)) for s, v in ordered if not math.isfinite(v))
    found = zip(envelope.broken_steps.tolist(), map(repr, envelope.broken_values.tolist()), strict=True)
    assert sorted(found) == expected
    assert envelope.points == len(pairs)


@given(sittings())
@SMALL
def test_what_was_logged_is_what_is_stored(connection: Connection, portions: list[list[Pair]]) -> None:
    run = fresh(connection)
    for portion in portions:
        log(connection, run, portion)
    everything = [pair for portion in portions for pair in portion]
    assert stored(connection, run) == in_order(everything)
    lengths = connection.scalars(select(CHUNK.c.length).order_by(CHUNK.c.metric.desc(), CHUNK.c.ordinal)).all()
    assert all(length == 7 for length in lengths[: len(everything) // 7])


@given(sittings(), st.integers(1, 40))
@SMALL
def test_the_roll_up_draws_every_spike_and_every_broken_value(
    connection: Connection, portions: list[list[Pair]], most: int
) -> None:
    run = fresh(connection)
    for portion in portions:
        log(connection, run, portion)
    everything = [pair for portion in portions for pair in portion]
    envelope = curves.envelopes(connection, [run], "loss", buckets=most)[run]
    assert len(envelope.count) <= most
    check(envelope, everything)


@given(sittings(), st.integers(1, 20), st.none() | st.integers(-3, 90), st.none() | st.integers(-3, 90))
@SMALL
def test_a_zoomed_part_is_exact_at_its_edges(
    connection: Connection, portions: list[list[Pair]], most: int, first: int | None, last: int | None
) -> None:
    run = fresh(connection)
    for portion in portions:
        log(connection, run, portion)
    part = [
        (s, v)
        for portion in portions
        for s, v in portion
        if (first is None or s >= first) and (last is None or s <= last)
    ]
    envelope = curves.zoomed(connection, run, "loss", first=first, last=last, buckets=most)
    assert len(envelope.count) <= most
    check(envelope, part)


@given(sittings())
@SMALL
def test_the_summary_of_a_metric_is_that_of_its_points(connection: Connection, portions: list[list[Pair]]) -> None:
    run = fresh(connection)
    for portion in portions:
        log(connection, run, portion)
    everything = sorted((pair for portion in portions for pair in portion), key=lambda pair: pair[0])
    held = [v for _, v in everything if math.isfinite(v)]
    (summary,) = curves.summaries(connection, run)
    assert (summary.count, summary.broken) == (len(everything), len(everything) - len(held))
    assert summary.last_step == everything[-1][0]
    assert np.array_equal(summary.last, everything[-1][1], equal_nan=True)
    if held:
        assert (summary.low, summary.high) == (min(held), max(held))
    else:
        assert math.isnan(summary.low)
        assert math.isnan(summary.high)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 40), st.integers(1, 30), st.sampled_from([0, 1]))
@SMALL
def test_a_resumed_attempt_leaves_no_gap_and_no_overlap(
    connection: Connection, before: int, back: int, after: int, portion: int, base: int
) -> None:
    """`base`: whether steps are counted from one, as ours are, or from zero, as Lightning's loggers do."""
    run = fresh(connection)
    resumed = max(0, before - back)
    first = [(s, 1.0) for s in range(base, before + base)]
    second = [(s, 2.0) for s in range(resumed + base, resumed + base + after)]
    for i in range(0, len(first), portion):
        log(connection, run, first[i : i + portion], attempt=1)
    curves.supersede(connection, run, resumed or None)
    for i in range(0, len(second), portion):
        log(connection, run, second[i : i + portion], attempt=2, resumed_from=resumed)
    expected = [pair for pair in first if pair[0] < resumed + base] + second
    if not second and base == 0 and resumed:  # nothing said yet which way the attempt counts
        expected = [pair for pair in first if pair[0] <= resumed]
    assert stored(connection, run) == in_order(expected)
    if expected:
        check(curves.envelopes(connection, [run], "loss", buckets=5)[run], expected)


def test_superseding_everything_forgets_the_metric(connection: Connection) -> None:
    run = fresh(connection)
    log(connection, run, [(s, 1.0) for s in range(50)])
    curves.supersede(connection, run, None)
    assert curves.summaries(connection, run) == []
    assert connection.execute(select(ROLLUP)).all() == []


def test_runs_without_the_metric_are_left_out(connection: Connection) -> None:
    first, second = fresh(connection), fresh(connection)
    log(connection, first, [(1, 1.0)])
    assert list(curves.envelopes(connection, [first, second], "loss", buckets=10)) == [first]
    assert curves.latest(connection, [first, second], ["loss", "no"]) == {first: {"loss": 1.0}, second: {}}


def test_a_part_without_points_is_an_empty_curve(connection: Connection) -> None:
    run = fresh(connection)
    log(connection, run, [(1, 1.0)])
    assert curves.zoomed(connection, run, "loss", first=5, last=9, buckets=10).points == 0
    assert curves.zoomed(connection, run, "other", first=None, last=9, buckets=10).points == 0
