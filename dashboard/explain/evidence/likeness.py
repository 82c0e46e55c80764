"""How alike two explanations of the same parts are.

S. Krishna et al., arXiv:2202.01602: overlap of the weightiest parts, and agreement of signs. Beside them the cosine of the two, which
weighs parts by what they matter; ranks of parts that matter next to nothing say nothing.
"""

from __future__ import annotations

import numpy as np

from dashboard.explain.games import Worth


def cosine(one: Worth, other: Worth) -> float:
    """1 for the same direction, 0 for nothing in common; 0 where one of them is nothing."""
    size = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one.ravel() @ other.ravel()) / size if size > 0 else 0.0


def overlap(one: Worth, other: Worth, count: int = 3) -> float:
    """Part of the `count` weightiest of one that are among those of the other with the same sign."""
    count = min(count, one.size)
    first, second = (np.argsort(-np.abs(v.ravel()), kind="stable")[:count] for v in (one, other))
    common = [k for k in first if k in second and np.sign(one.ravel()[k]) == np.sign(other.ravel()[k])]
    return len(common) / count
