"""The small line in a metric card: a few dozen bucket means, and the change since a tenth of the run ago."""

from __future__ import annotations

from dashboard.figures.series import coarser
from dashboard.tracking.records import Envelope

SPARK_POINTS = 40


def spark(envelope: Envelope) -> list[float]:
    """At most `SPARK_POINTS` bucket means, oldest first."""
    return [round(v, 12) for v in coarser(envelope, SPARK_POINTS).mean.tolist()]


def change(envelope: Envelope) -> float | None:
    """Mean of the newest tenth of the buckets minus that of the tenth before; None while there are too few."""
    means = envelope.mean
    tenth = max(1, len(means) // 10)
    if len(means) < 3:
        return None
    return float(means[-tenth:].mean() - means[-2 * tenth : -tenth].mean())
