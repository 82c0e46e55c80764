"""Intervals of shares of rows: how far 17 of 20 may be from the truth, and how far two such shares may be apart.

E. Wilson, JASA 22, 1927 (score interval); R. Newcombe, Statistics in Medicine 17, 1998, 873-890, method 10 (difference of two).
"""

from __future__ import annotations

import math

Z = 1.959963984540054
"""Of 95 %."""


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % interval of a share; from 0 to 1 when nothing was tried."""
    if trials == 0:
        return 0.0, 1.0
    share = successes / trials
    middle = share + Z**2 / (2 * trials)
    reach = Z * math.sqrt(share * (1 - share) / trials + Z**2 / (4 * trials**2))
    whole = 1 + Z**2 / trials
    return max(0.0, (middle - reach) / whole), min(1.0, (middle + reach) / whole)


def difference(successes: tuple[int, int], trials: tuple[int, int]) -> tuple[float, float]:
    """The 95 % interval of the first share less the second; from -1 to 1 when one of them was not tried."""
    if not all(trials):
        return -1.0, 1.0
    one, two = (k / n for k, n in zip(successes, trials, strict=True))
    (low_one, high_one), (low_two, high_two) = (wilson(k, n) for k, n in zip(successes, trials, strict=True))
    apart = one - two
    return apart - math.hypot(one - low_one, high_two - two), apart + math.hypot(high_one - one, two - low_two)
