"""The path of integrated gradients (arXiv:1703.01365): where it is looked at, and how nearly its parts add up.

The midpoint rule with 10, 30, 90 … steps: a third of the midpoints of the next are those of the last, so nothing is asked twice.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from dashboard.explain.contract import Finding
from data.text import Text

FIRST_STEPS: Final = 10
ENOUGH: Final = 0.01
"""What may be missing of the sum, as a share of F(x) - F(b)."""


def new_places(steps: int, *, first: bool) -> list[float]:
    """Midpoints of `steps` equal parts of the unit interval; unless `first`, only those that a third as many parts have not."""
    return [(k + 0.5) / steps for k in range(steps) if first or k % 3 != 1]


def completeness(missing: float, whole: float, steps: int, enough: bool) -> Finding:
    """What misses of the sum `whole` after so many steps."""
    share = missing / abs(whole) if whole else np.inf
    return Finding(
        Text(en="Completeness", hi="पूर्णता"),
        Text(en=f"The attributions add up to the score to within {share:.2%}, after {steps} steps.",
             hi=f"{steps} स्टेप के बाद सब हिस्सों का जोड़ स्कोर से {share:.2%} के भीतर मिलता है।"),
        float(share), enough,
    )  # fmt: skip
