"""A few numbers from a few seeds, without promising more than they can keep.

The interval of a mean is Student's, mean ± t(n - 1, 97.5 %) s / sqrt(n): with three seeds it is 2.5 standard deviations wide
on each side, which is the truth about three seeds. That of a share is Wilson's (1927).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import stdtrit

_NORMAL_975 = 1.959963984540054


@dataclass(frozen=True)
class Spread:
    """Values over seeds: their mean with its 95 % interval, their standard deviation, the lowest and the highest.

    With one value there is no interval and no deviation: both are NaN.
    """

    values: tuple[float, ...]
    mean: float
    deviation: float
    interval: tuple[float, float]

    @property
    def low(self) -> float:
        """The lowest value."""
        return min(self.values)

    @property
    def high(self) -> float:
        """The highest value."""
        return max(self.values)


def spread(values: Sequence[float]) -> Spread | None:
    """The spread of the finite values; None when there are none."""
    finite = tuple(value for value in values if math.isfinite(value))
    if not finite:
        return None
    count, mean = len(finite), math.fsum(finite) / len(finite)
    if count == 1:
        return Spread(finite, mean, math.nan, (math.nan, math.nan))
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in finite) / (count - 1))
    reach = float(stdtrit(count - 1, 0.975)) * deviation / math.sqrt(count)
    return Spread(finite, mean, deviation, (mean - reach, mean + reach))


def share_interval(hits: int, count: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share of `count` trials."""
    if count == 0:
        return 0.0, 1.0
    z2, share = _NORMAL_975**2, hits / count
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    reach = _NORMAL_975 / (1 + z2 / count) * math.sqrt(share * (1 - share) / count + z2 / (4 * count**2))
    return max(0.0, middle - reach), min(1.0, middle + reach)
