"""The weighted linear fit of LIME over parts of an item that are seen or hidden (arXiv:1602.04938, section 3.4).

Rows z of zeros and ones, each with its complement 1 - z, weighted exp(-(1 - cos(z, 1))² / width²) as `lime` has it. The normal equations are
summed as rows come, so a look costs a solve [pieces + 1]². Half widths are 1.96 standard errors that hold for pairs.
"""

from __future__ import annotations

import numpy as np

from dashboard.explain.games import Coalitions, Worth

NORMAL_95 = 1.959964
"""Standard errors to each side of an interval that holds 95 % of a normal distribution."""


class PairedFit:
    """The weighted ridge regression of scores on rows, fed pair by pair."""

    def __init__(self, pieces: int, width: float, ridge: float) -> None:
        self._width, self._ridge = width, ridge
        self._penalty = np.diag([0.0, *[1.0] * pieces])
        self._normal = np.zeros((pieces + 1, pieces + 1))
        self._right = np.zeros(pieces + 1)
        self._rows: list[Worth] = []
        self._scores: list[Worth] = []

    def add(self, seen: Coalitions, scores: Worth, far_scores: Worth) -> None:
        """Rows [pairs, pieces] with their scores [pairs], and the scores of their complements."""
        rows = np.concatenate([seen, ~seen]).astype(np.float64)
        design = np.column_stack([np.ones(len(rows)), rows])
        both = np.concatenate([scores, far_scores])
        weighted = design * self._weight(rows)[:, None]
        self._normal += weighted.T @ design
        self._right += weighted.T @ both
        self._rows.append(rows)
        self._scores.append(both)

    def solve(self) -> tuple[Worth, Worth, float]:
        """Weights and half widths [pieces], and the share of the weighted variance of the scores that the fit explains."""
        inverse = np.linalg.pinv(self._normal + self._ridge * self._penalty, hermitian=True, rcond=1e-12)
        found = inverse @ self._right
        middle = np.zeros_like(self._normal)
        missed = total = 0.0
        mean = self._right[0] / self._normal[0, 0]
        for rows, scores in zip(self._rows, self._scores, strict=True):
            design, weight = np.column_stack([np.ones(len(rows)), rows]), self._weight(rows)
            residual = scores - design @ found
            pull = (weight * residual)[:, None] * design
            of_pairs = pull[: len(pull) // 2] + pull[len(pull) // 2 :]
            middle += of_pairs.T @ of_pairs
            missed += float(weight @ residual**2)
            total += float(weight @ (scores - mean) ** 2)
        errors = np.sqrt(np.maximum(np.diag(inverse @ middle @ inverse), 0))
        return found[1:], NORMAL_95 * errors[1:], 1 - missed / total if total > 0 else 1.0

    def _weight(self, rows: Worth) -> Worth:
        """By the cosine between a row and the whole item: sqrt of the share of pieces seen."""
        distance = 1 - np.sqrt(rows.mean(axis=1))
        weight: Worth = np.exp(-(distance**2) / self._width**2)
        return weight
