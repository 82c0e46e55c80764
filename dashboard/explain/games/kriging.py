"""A function learned from some of its values: a sum of given terms freely, and what is left smoothly (universal kriging; G. Matheron, 1969;
C. Rasmussen, C. Williams, Gaussian Processes for Machine Learning, 2006, section 2.7).

Notation: X [rows, terms] the terms, K [rows, rows] how alike rows are, r a ridge; f(z) = x b + k a with a = (K + r I)^-1 (y - X b) and b the
generalised least squares. The ridge is that of the least error when each row is left out in turn, which follows without learning anew:
y_i - f_-i(z_i) = a_i / Q_ii, Q = A - A X (X^T A X)^-1 X^T A, A = (K + r I)^-1 (section 5.4.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from dashboard.explain.games import Worth

RIDGES: Final = (1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0)
_LEAST = 1e-12


@dataclass(frozen=True)
class Learned:
    """b [terms] and a [rows]; what is missed of each row, and what would be had it been left out [rows]."""

    total: Worth
    shares: Worth
    missed: Worth
    left_out: Worth

    def at(self, design: Worth, alike: Worth) -> Worth:
        """The function at other rows, from their terms [others, terms] and how alike they are to the learned ones [others, rows]."""
        found: Worth = design @ self.total + alike @ self.shares
        return found


def learned(design: Worth, alike: Worth, values: Worth) -> Learned:
    """The function of these rows: X, K and y."""
    value, vector = np.linalg.eigh(alike)
    turned, terms, squares = vector.T @ values, vector.T @ design, vector**2
    found: tuple[float, Learned] | None = None
    for ridge in RIDGES:
        shrunk = 1 / (np.maximum(value, 0) + ridge)
        weighed = shrunk[:, None] * terms
        inverse = np.linalg.pinv(terms.T @ weighed, hermitian=True, rcond=_LEAST)
        total = inverse @ (weighed.T @ turned)
        shares = vector @ (shrunk * (turned - terms @ total))
        away = vector @ weighed
        kept = squares @ shrunk - ((away @ inverse) * away).sum(axis=1)
        left_out = shares / np.maximum(kept, _LEAST)
        error = float(left_out @ left_out)
        if found is None or error < found[0]:
            found = error, Learned(total, shares, ridge * shares, left_out)
    assert found is not None
    return found[1]
