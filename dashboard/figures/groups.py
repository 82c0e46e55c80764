"""Runs of a group as one curve: the mean over runs and the band between the lowest and the highest run.

The runs need not have logged the same steps: each is read at the buckets of the others by linear interpolation
between its own bucket means, and only where it has points itself. A band of three to ten seeds is drawn from lowest
to highest, which is exact; a standard error of so few runs would promise more than they can keep.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dashboard.figures.series import middles
from dashboard.tracking.records import Envelope


def group(envelopes: Sequence[Envelope], *, buckets: int = 1000) -> Envelope:
    """The envelope over runs: `mean` is the mean of the runs, `low` and `high` the lowest and highest run.

    `count` is the number of runs that have a value at that step.
    """
    full = [e for e in envelopes if len(e.mean)]
    if not full:
        return _empty()
    steps = np.unique(np.concatenate([middles(e) for e in full]))
    if len(steps) > buckets:
        steps = steps[np.unique(np.linspace(0, len(steps) - 1, buckets).astype(np.int64))]
    values = np.full((len(full), len(steps)), np.nan)
    for row, e in enumerate(full):
        at = middles(e)
        inside = (steps >= at[0]) & (steps <= at[-1])
        values[row, inside] = np.interp(steps[inside], at, e.mean)
    some = ~np.isnan(values).all(axis=0)
    steps, values = steps[some], values[:, some]
    times = np.interp(steps, full[0].last_step, full[0].time)
    broken = np.concatenate([e.broken_steps for e in full])
    order = np.argsort(broken, kind="stable")
    return Envelope(
        first_step=steps,
        last_step=steps,
        low=np.nanmin(values, axis=0),
        low_step=steps,
        high=np.nanmax(values, axis=0),
        high_step=steps,
        mean=np.nanmean(values, axis=0),
        time=times,
        count=(~np.isnan(values)).sum(axis=0),
        broken_steps=broken[order],
        broken_values=np.concatenate([e.broken_values for e in full])[order],
        exact=False,
        points=sum(e.points for e in full),
    )


def _empty() -> Envelope:
    whole, real = np.zeros(0, dtype=np.int64), np.zeros(0)
    return Envelope(whole, whole, real, whole, real, whole, real, real, whole, whole, real, True, 0)
