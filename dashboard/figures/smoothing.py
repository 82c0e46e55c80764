"""Smoothing of a curve: an exponential moving average that knows how many points a bucket holds.

The average is the usual bias-corrected recursion (Kingma & Ba, arXiv:1412.6980, section 3, as in TensorBoard):

    m_t = beta m_{t-1} + (1 - beta) x_t,      s_t = m_t / (1 - beta^t),      beta = 1 - 2 / (span + 1)

A bucket of n points counts as n points at its mean, so that the same span means the same thing however far a curve
was thinned: m = beta^n m + (1 - beta^n) mean.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

SPANS = (1, 5, 10, 20, 50, 100, 200, 500, 1000)
"""Spans offered in the page; 1 draws the curve as it is."""


def smooth(mean: Array, count: npt.NDArray[np.int64], *, span: int) -> Array:
    """The bias-corrected moving average over about `span` points.

    Args:
        mean: Mean of each bucket, [buckets].
        count: Points in each bucket, [buckets].
        span: Points averaged over; 1 returns `mean`.
    """
    if span <= 1 or len(mean) == 0:
        return np.asarray(mean, dtype=np.float64)
    keep = np.power(1.0 - 2.0 / (span + 1.0), count.astype(np.float64))
    result = np.empty(len(mean), dtype=np.float64)
    average, weight = 0.0, 0.0
    for i, (value, kept) in enumerate(zip(mean.tolist(), keep.tolist(), strict=True)):
        average = kept * average + (1.0 - kept) * value
        weight = kept * weight + (1.0 - kept)
        result[i] = average / weight
    return result


def fitting(span: int, points: int) -> int:
    """The span that a curve of so many points can bear: at most a twentieth of them, so that a short curve stays itself."""
    return max(1, min(span, points // 20))
