"""A few numbers from a few seeds, without promising more than they can keep.

The interval of a mean is Student's, mean ± t(n - 1, 97.5 %) s / sqrt(n): with three seeds it is 2.5 standard deviations wide
on each side, which is the truth about three seeds. That of a share is Wilson's (1927).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_NORMAL_975 = 1.959963984540054
_STUDENT_975 = (
    12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281,
    2.2010, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.0930,
)  # fmt: skip
"""t(1..19, 97.5 %): a table, since importing scipy takes longer than all else a command does. Beyond it, the last is used."""


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
    reach = _STUDENT_975[min(count - 1, len(_STUDENT_975)) - 1] * deviation / math.sqrt(count)
    return Spread(finite, mean, deviation, (mean - reach, mean + reach))


def share_interval(hits: int, count: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share of `count` trials."""
    if count == 0:
        return 0.0, 1.0
    z2, share = _NORMAL_975**2, hits / count
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    reach = _NORMAL_975 / (1 + z2 / count) * math.sqrt(share * (1 - share) / count + z2 / (4 * count**2))
    return max(0.0, middle - reach), min(1.0, middle + reach)
