"""A function learned from some of its values: a sum of given terms freely, and what is left smoothly (universal kriging; G. Matheron, 1969;
C. Rasmussen, C. Williams, Gaussian Processes for Machine Learning, 2006, section 2.7).

Notation: X [rows, terms] the terms, K [rows, rows] how alike rows are, r a ridge; f(z) = x b + k a with a = (K + r I)^-1 (y - X b) and b the
generalised least squares. The ridge is that of the least error when each row is left out in turn, which follows without learning anew:
y_i - f_-i(z_i) = a_i / Q_ii, Q = A - A X (X^T A X)^-1 X^T A, A = (K + r I)^-1 (section 5.4.2).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.lapack import dpotri

from dashboard.explain.games import Worth

RIDGES: Final = (1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0)
_LEAST = 1e-12


_FEW = 3
"""So many ridges are factorised one by one; for more the eigenvectors of K, which serve all, are quicker."""


@dataclass(frozen=True)
class Learned:
    """b [terms] and a [rows]; what is missed of each row, and what would be had it been left out [rows]; the ridge that was best."""

    total: Worth
    shares: Worth
    missed: Worth
    left_out: Worth
    ridge: float

    def at(self, design: Worth, alike: Worth) -> Worth:
        """The function at other rows, from their terms [others, terms] and how alike they are to the learned ones [others, rows]."""
        found: Worth = design @ self.total + alike @ self.shares
        return found

    def near(self) -> Sequence[float]:
        """The best ridge and its neighbours, to learn from more rows of the same."""
        at = RIDGES.index(self.ridge)
        return RIDGES[max(0, at - 1) : at + 2]


def learned(design: Worth, alike: Worth, values: Worth, ridges: Sequence[float] = RIDGES) -> Learned:
    """The function of these rows, X, K and y, with the best of these ridges."""
    both = np.column_stack([values, design])
    found: tuple[float, Learned] | None = None
    for ridge, solved, own in (_one_by_one if len(ridges) <= _FEW else _together)(alike, both, ridges):
        weighed, terms = solved[:, 1:], design.T @ solved
        inverse = np.linalg.pinv(terms[:, 1:], hermitian=True, rcond=_LEAST)
        total = inverse @ terms[:, 0]
        shares = solved[:, 0] - weighed @ total
        kept = own - ((weighed @ inverse) * weighed).sum(axis=1)
        left_out = shares / np.maximum(kept, _LEAST)
        error = float(left_out @ left_out)
        if found is None or error < found[0]:
            found = error, Learned(total, shares, ridge * shares, left_out, ridge)
    assert found is not None
    return found[1]


def _together(alike: Worth, both: Worth, ridges: Sequence[float]) -> Iterator[tuple[float, Worth, Worth]]:
    """Each ridge with A (y, X) and the diagonal of A, from the eigenvectors of K."""
    value, vector = np.linalg.eigh(alike)
    turned, squares = vector.T @ both, vector**2
    for ridge in ridges:
        shrunk = 1 / (np.maximum(value, 0) + ridge)
        yield ridge, vector @ (shrunk[:, None] * turned), squares @ shrunk


def _one_by_one(alike: Worth, both: Worth, ridges: Sequence[float]) -> Iterator[tuple[float, Worth, Worth]]:
    """The same from the triangles of K + r I: of a thousand rows a fifteenth of the time of the eigenvectors, each."""
    for ridge in ridges:
        factor = cho_factor(alike + ridge * np.eye(len(alike)), lower=True, overwrite_a=True, check_finite=False)
        inverse, failed = dpotri(factor[0], lower=True)
        assert not failed, "the triangle of a positive matrix has an inverse"
        yield ridge, cho_solve(factor, both, check_finite=False), np.diag(inverse).copy()
