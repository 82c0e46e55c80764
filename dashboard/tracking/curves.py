"""Metrics in the store: points in chunks, exact summaries, and one roll-up row a curve.

A metric's points stand in chunks 0..n-1 in order of step, all full but the last. The roll-up covers the full chunks
up to `rollup.chunks`; whoever draws the curve adds the chunks behind it, so a curve is exact to its last point.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, and_, delete, func, insert, select, update

from dashboard.tracking import buckets as bk
from dashboard.tracking import points as pt
from dashboard.tracking.points import CHUNK, Points
from dashboard.tracking.records import Envelope, MetricSummary
from dashboard.tracking.schema import CHUNK as CHUNKS
from dashboard.tracking.schema import METRIC, ROLLUP

BEFORE = int(np.iinfo(np.int64).min)
"""The last step of a metric that has no point yet."""


@dataclass(frozen=True)
class _Metric:
    """A row of `metric`."""

    id: int
    name: str
    attempt: int
    chunks: int
    count: int
    broken: int
    last_step: int
    last_value: float | None
    last_kind: int
    low: float | None
    high: float | None

    @classmethod
    def of(cls, row: Row[Any]) -> _Metric:
        return cls(*(row._mapping[name] for name in cls.__dataclass_fields__))


def append(
    connection: Connection, run: str, batch: Mapping[str, Points], *, attempt: int = 1, resumed_from: int = 0
) -> None:
    """Add points to the metrics of a run; points that come late are put in their place.

    An attempt that logs the step it resumed from once more replaces that point; Lightning's own loggers count steps
    from zero and do this, ours do not.
    """
    known = {row.name: _Metric.of(row) for row in connection.execute(select(METRIC).where(METRIC.c.run == run))}
    for name, points in batch.items():
        if not len(points):
            continue
        metric = known.get(name) or _new(connection, run, name, attempt)
        if metric.attempt < attempt:
            if points.steps[0] <= resumed_from <= metric.last_step:
                metric = _cut(connection, metric, resumed_from - 1)
            metric = replace(metric, attempt=attempt)
        _append(connection, metric, points)


def supersede(connection: Connection, run: str, after: int | None) -> None:
    """Drop every point beyond step `after` (None: every point), because a later attempt went on from there."""
    for row in connection.execute(select(METRIC).where(METRIC.c.run == run)).all():
        metric = _Metric.of(row)
        if after is None:
            connection.execute(delete(METRIC).where(METRIC.c.id == metric.id))
        elif metric.last_step > after:
            metric = _cut(connection, metric, after)
            if metric.count:
                _save(connection, metric)
            else:
                connection.execute(delete(METRIC).where(METRIC.c.id == metric.id))


def _new(connection: Connection, run: str, name: str, attempt: int) -> _Metric:
    fresh: dict[str, Any] = {
        "name": name, "attempt": attempt, "chunks": 0, "count": 0, "broken": 0, "last_step": BEFORE,
        "last_value": None, "last_kind": 0, "low": None, "high": None,
    }  # fmt: skip
    key = connection.execute(insert(METRIC).values(run=run, **fresh)).inserted_primary_key
    assert key is not None  # one row was inserted
    return _Metric(id=key[0], **fresh)


def _append(connection: Connection, metric: _Metric, points: Points) -> None:
    in_place = points.steps[0] >= metric.last_step
    if in_place:
        behind = and_(CHUNKS.c.ordinal == metric.chunks - 1, CHUNKS.c.length < CHUNK)
    else:
        behind = CHUNKS.c.last_step > int(points.steps[0])
    query = select(CHUNKS.c.ordinal, CHUNKS.c.points).where(CHUNKS.c.metric == metric.id, behind)
    rows = connection.execute(query.order_by(CHUNKS.c.ordinal)).all()
    start = rows[0].ordinal if rows else metric.chunks
    whole = pt.join([*(pt.unpack(row.points) for row in rows), points])
    metric = _write(connection, metric, start, whole)
    metric = _grown(metric, points) if in_place else _recounted(connection, metric)
    _save(connection, metric)


def _cut(connection: Connection, metric: _Metric, after: int) -> _Metric:
    """The metric without its points beyond step `after`; its row is not saved yet."""
    query = select(CHUNKS.c.ordinal, CHUNKS.c.points).where(CHUNKS.c.metric == metric.id, CHUNKS.c.last_step > after)
    rows = connection.execute(query.order_by(CHUNKS.c.ordinal)).all()
    if not rows:
        return metric
    kept = pt.join([pt.unpack(row.points).between(None, after) for row in rows])
    return _recounted(connection, _write(connection, metric, rows[0].ordinal, kept))


def _write(connection: Connection, metric: _Metric, start: int, points: Points) -> _Metric:
    """Replace the chunks from number `start` on by `points`, and bring the roll-up up to date."""
    if start < metric.chunks:
        connection.execute(delete(CHUNKS).where(CHUNKS.c.metric == metric.id, CHUNKS.c.ordinal >= start))
    parts = [points[i : i + CHUNK] for i in range(0, len(points), CHUNK)]
    if parts:
        rows = [_chunk(metric.id, start + i, part) for i, part in enumerate(parts)]
        connection.execute(insert(CHUNKS), rows)
    full = len(points) // CHUNK
    _roll_up(connection, metric.id, start, points[: full * CHUNK])
    return replace(metric, chunks=start + len(parts))


def _chunk(metric: int, ordinal: int, points: Points) -> dict[str, object]:
    return {
        "metric": metric,
        "ordinal": ordinal,
        "length": len(points),
        "first_step": int(points.steps[0]),
        "last_step": int(points.steps[-1]),
        "bucket": bk.Buckets.of(points).at_most(1).pack(),
        "broken": bk.Stretches.of(points).pack(),
        "points": pt.pack(points),
    }


def _roll_up(connection: Connection, metric: int, start: int, added: Points) -> None:
    """Make the roll-up cover the full chunks before `start` and those that `added` fills."""
    row = connection.execute(select(ROLLUP).where(ROLLUP.c.metric == metric)).one_or_none()
    if row is None and not len(added):
        return
    if row is not None and row.chunks == start:
        if not len(added):
            return
        buckets, size = bk.Buckets.unpack(row.buckets), row.size
        broken = bk.Stretches.unpack(row.broken)
    else:  # the curve was cut, or points came late: made again from the chunks, which are exact
        before = select(CHUNKS.c.points).where(CHUNKS.c.metric == metric, CHUNKS.c.ordinal < start)
        old = pt.join([pt.unpack(packed) for packed in connection.scalars(before.order_by(CHUNKS.c.ordinal))])
        buckets, size = bk.extend(bk.EMPTY, 1, bk.Buckets.of(old))
        broken = bk.Stretches.of(old)
    buckets, size = bk.extend(buckets, size, bk.Buckets.of(added))
    broken = bk.join_stretches([broken, bk.Stretches.of(added)])
    chunks = start + len(added) // CHUNK
    if row is not None:
        connection.execute(delete(ROLLUP).where(ROLLUP.c.metric == metric))
    if chunks:
        connection.execute(
            insert(ROLLUP).values(metric=metric, chunks=chunks, size=size, buckets=buckets.pack(), broken=broken.pack())
        )


def _grown(metric: _Metric, points: Points) -> _Metric:
    """The metric's row after `points` were put behind its own."""
    finite = points.values[np.isfinite(points.values)]
    ends = [end for end in (metric.low, metric.high) if end is not None]
    ends += [float(finite.min()), float(finite.max())] if len(finite) else []
    return replace(
        _last(metric, points),
        count=metric.count + len(points),
        broken=metric.broken + len(points) - len(finite),
        low=min(ends, default=None),
        high=max(ends, default=None),
    )


def _recounted(connection: Connection, metric: _Metric) -> _Metric:
    """The metric's row made again from its chunks."""
    rows = connection.execute(
        select(CHUNKS.c.length, CHUNKS.c.bucket).where(CHUNKS.c.metric == metric.id).order_by(CHUNKS.c.ordinal)
    ).all()
    if not rows:
        return replace(metric, count=0, broken=0, last_step=BEFORE, low=None, high=None)
    whole = bk.join([bk.Buckets.unpack(row.bucket) for row in rows])
    newest = connection.scalars(
        select(CHUNKS.c.points).where(CHUNKS.c.metric == metric.id, CHUNKS.c.ordinal == metric.chunks - 1)
    ).one()
    count = sum(row.length for row in rows)
    return replace(
        _last(metric, pt.unpack(newest)),
        count=count,
        broken=count - int(whole.count.sum()),
        low=float(whole.low.min()) if len(whole) else None,
        high=float(whole.high.max()) if len(whole) else None,
    )


def _last(metric: _Metric, points: Points) -> _Metric:
    value = float(points.values[-1])
    kind = 0 if np.isfinite(value) else 1 if np.isnan(value) else 2 if value > 0 else 3
    return replace(metric, last_step=int(points.steps[-1]), last_value=value if kind == 0 else None, last_kind=kind)


def _save(connection: Connection, metric: _Metric) -> None:
    values = {name: getattr(metric, name) for name in metric.__dataclass_fields__ if name not in ("id", "name")}
    connection.execute(update(METRIC).where(METRIC.c.id == metric.id).values(**values))


def summaries(connection: Connection, run: str) -> list[MetricSummary]:
    """Every metric of a run, by name."""
    rows = connection.execute(select(METRIC).where(METRIC.c.run == run).order_by(METRIC.c.name))
    return [_summary(_Metric.of(row)) for row in rows]


def _summary(metric: _Metric) -> MetricSummary:
    return MetricSummary(
        name=metric.name,
        count=metric.count,
        last_step=metric.last_step,
        last=_value(metric.last_value, metric.last_kind),
        low=float("nan") if metric.low is None else metric.low,
        high=float("nan") if metric.high is None else metric.high,
        broken=metric.broken,
    )


def _value(value: float | None, kind: int) -> float:
    return float(bk.BROKEN[kind - 1]) if value is None else value


def latest(connection: Connection, runs: Sequence[str], metrics: Sequence[str]) -> dict[str, dict[str, float]]:
    """The newest value of each metric of each run, where there is one."""
    found: dict[str, dict[str, float]] = {run: {} for run in runs}
    query = select(METRIC.c.run, METRIC.c.name, METRIC.c.last_value, METRIC.c.last_kind)
    for row in connection.execute(query.where(METRIC.c.run.in_(runs), METRIC.c.name.in_(metrics))):
        found[row.run][row.name] = _value(row.last_value, row.last_kind)
    return found


def points(connection: Connection, run: str, metric: str) -> Points:
    """Every point of a metric."""
    query = select(CHUNKS.c.points).join(METRIC).where(METRIC.c.run == run, METRIC.c.name == metric)
    return pt.join([pt.unpack(packed) for packed in connection.scalars(query.order_by(CHUNKS.c.ordinal))])


def empty() -> Envelope:
    """The curve of a metric without points."""
    return bk.envelope(bk.EMPTY, bk.NO_STRETCHES, 0)


def envelopes(connection: Connection, runs: Sequence[str], metric: str, *, buckets: int) -> dict[str, Envelope]:
    """The whole curve of one metric for many runs, from their roll-ups; runs without the metric are left out."""
    named = METRIC.c.run.in_(runs), METRIC.c.name == metric
    whole: dict[str, tuple[list[bk.Buckets], list[bk.Stretches], int]] = {}
    rolled = (
        select(METRIC.c.run, METRIC.c.count.label("total"), ROLLUP.c.buckets, ROLLUP.c.broken)
        .outerjoin(ROLLUP)
        .where(*named)
    )
    for row in connection.execute(rolled):
        parts = (
            ([], []) if row.buckets is None else ([bk.Buckets.unpack(row.buckets)], [bk.Stretches.unpack(row.broken)])
        )
        whole[row.run] = (*parts, row.total)
    tails = select(METRIC.c.run, CHUNKS.c.points).join(CHUNKS).outerjoin(ROLLUP, ROLLUP.c.metric == METRIC.c.id)
    behind = CHUNKS.c.ordinal >= func.coalesce(ROLLUP.c.chunks, 0)
    for run, packed in connection.execute(tails.where(*named, behind).order_by(CHUNKS.c.ordinal)):
        tail = pt.unpack(packed)
        whole[run][0].append(bk.Buckets.of(tail))
        whole[run][1].append(bk.Stretches.of(tail))
    return {
        run: bk.envelope(bk.join(curve).at_most(buckets), bk.join_stretches(broken), count)
        for run, (curve, broken, count) in whole.items()
    }


def zoomed(
    connection: Connection, run: str, metric: str, *, first: int | None, last: int | None, buckets: int
) -> Envelope:
    """Part of a curve in full detail; where it has more chunks than buckets, chunk summaries between exact edges."""
    part = [METRIC.c.run == run, METRIC.c.name == metric]
    part += [] if first is None else [CHUNKS.c.last_step >= first]
    part += [] if last is None else [CHUNKS.c.first_step <= last]
    extent = select(func.min(CHUNKS.c.ordinal), func.max(CHUNKS.c.ordinal)).join(METRIC).where(*part)
    start, end = connection.execute(extent).one()
    if start is None:
        return empty()
    if end - start < buckets:
        query = select(CHUNKS.c.points).join(METRIC).where(*part).order_by(CHUNKS.c.ordinal)
        exact = pt.join([pt.unpack(packed) for packed in connection.scalars(query)]).between(first, last)
        return bk.envelope(bk.Buckets.of(exact).at_most(buckets), bk.Stretches.of(exact), len(exact))
    edges = select(CHUNKS.c.points).join(METRIC).where(*part, CHUNKS.c.ordinal.in_([start, end]))
    left, right = (
        pt.unpack(packed).between(first, last) for packed in connection.scalars(edges.order_by(CHUNKS.c.ordinal))
    )
    inner = connection.execute(
        select(CHUNKS.c.length, CHUNKS.c.bucket, CHUNKS.c.broken).join(METRIC)
        .where(*part, CHUNKS.c.ordinal > start, CHUNKS.c.ordinal < end).order_by(CHUNKS.c.ordinal)
    ).all()  # fmt: skip
    curve = [bk.Buckets.of(left), *(bk.Buckets.unpack(row.bucket) for row in inner), bk.Buckets.of(right)]
    broken = [bk.Stretches.of(left), *(bk.Stretches.unpack(row.broken) for row in inner), bk.Stretches.of(right)]
    count = len(left) + len(right) + sum(row.length for row in inner)
    return bk.envelope(bk.join(curve).at_most(buckets), bk.join_stretches(broken), count)
