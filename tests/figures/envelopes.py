"""Envelopes made by the definition, bucket by bucket, for the tests of the figures."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dashboard.tracking.records import Envelope


def envelope(
    values: npt.ArrayLike,
    *,
    buckets: int = 1000,
    steps: npt.ArrayLike | None = None,
    times: npt.ArrayLike | None = None,
) -> Envelope:
    value = np.asarray(values, dtype=np.float64)
    step = np.arange(1, len(value) + 1) if steps is None else np.asarray(steps, dtype=np.int64)
    time = 1e9 + step.astype(np.float64) if times is None else np.asarray(times, dtype=np.float64)
    fine = np.isfinite(value)
    broken_steps, broken_values = step[~fine], value[~fine]
    value, step, time = value[fine], step[fine], time[fine]
    parts = np.array_split(np.arange(len(value)), min(buckets, len(value))) if len(value) else []
    low = [p[np.argmin(value[p])] for p in parts]
    high = [p[np.argmax(value[p])] for p in parts]
    return Envelope(
        first_step=np.array([step[p[0]] for p in parts], dtype=np.int64),
        last_step=np.array([step[p[-1]] for p in parts], dtype=np.int64),
        low=np.array([value[i] for i in low]),
        low_step=np.array([step[i] for i in low], dtype=np.int64),
        high=np.array([value[i] for i in high]),
        high_step=np.array([step[i] for i in high], dtype=np.int64),
        mean=np.array([value[p].mean() for p in parts]),
        time=np.array([time[p[-1]] for p in parts]),
        count=np.array([len(p) for p in parts], dtype=np.int64),
        broken_steps=broken_steps,
        broken_values=broken_values,
        exact=len(parts) == len(value),
        points=int(fine.size),
    )
