"""The local linear model of LIME over parts of an item that are seen or hidden, with the noise of the draw taken out as far as it can be told.

Neighbours are drawn as the paper has it (arXiv:1602.04938, section 3.3: the number of parts is drawn evenly, then which), weighted by
exp(-(1 - cos(z, 1))² / width²). `lime` draws every part with chance 1/2 instead: of 50 pieces 15 to 35 are then hidden, never few, and the kernel
has next to nothing to choose from. Here sizes are drawn by the kernel itself, so every row weighs the same; sizes are spread evenly over that
law, and each part is hidden equally often.

What is wanted is b in the best linear fit E (f(z) - b_0 - b · z)² under that law. It is found in two steps (model-assisted estimation: Särndal and
others, Model Assisted Survey Sampling, 1992). First f is learned from the rows as a sum of parts and a smooth rest (`kriging`)
with k(z, z') = exp(c (z · z' / d - 1)) on signs, which knows all interactions, the higher the less; the best linear
fit of that follows exactly, since k depends on two sizes and an overlap, which is hypergeometric. Then the linear fit of what both miss (each
row left out in turn) is added: so nothing that was learned wrongly stays in the answer, and half widths come from what is missed alone. Of a
sum of parts nothing is missed.

Notation: d parts, z a row of 0 and 1, 1 where a part is seen; s its size; q(s) the law of sizes.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy.stats import hypergeom

from dashboard.explain.games import NORMAL_95, Coalitions, Worth
from dashboard.explain.games.kriging import RIDGES, Learned, learned

MOST_LEARNED = 1024
"""Rows that the smooth function is learned from: twice as many would take eight times as long. Later rows only correct it."""
_FIRST_LEARNED = 128
_REACH = 2.0
"""c: interactions of one, two and three parts then have weights 2, 2 and 4/3."""
_SMALL = 5
"""Fewer parts than that need all sizes for their weights to be told apart."""


class Neighbourhood:
    """The law that neighbours are drawn from."""

    def __init__(self, parts: int, width: float) -> None:
        self.parts = parts
        self.sizes = np.arange(0, parts + 1) if parts < _SMALL else np.arange(1, parts)
        chance = np.exp(-((1 - np.sqrt(self.sizes / parts)) ** 2) / width**2)
        self.law = np.full(2, 0.5) if parts == 1 else chance / chance.sum()

    def rows(self, count: int, rng: np.random.Generator) -> Coalitions:
        """Rows [count, parts], in random order."""
        spread = (np.arange(count) + rng.random(count)) / count
        place = np.searchsorted(np.cumsum(self.law), spread * (1 - 1e-12))
        hidden = self.parts - rng.permutation(self.sizes[np.minimum(place, len(self.sizes) - 1)])
        found = np.ones((count, self.parts), dtype=bool)
        deck = rng.permutation(self.parts)
        for row, number in zip(found, hidden, strict=True):
            if number > len(deck):  # what is left of the deck, then of a new one what is not yet hidden
                fresh = rng.permutation(self.parts)
                left = np.zeros(self.parts, dtype=bool)
                left[deck] = True
                deck = np.concatenate([deck, fresh[~left[fresh]], fresh[left[fresh]]])
            row[deck[:number]] = False
            deck = deck[number:]
        return found

    def moments(self) -> tuple[float, float]:
        """E z_i, and E z_i z_j of two different parts."""
        d, s = self.parts, self.sizes.astype(float)
        return float(self.law @ s) / d, float(self.law @ (s * (s - 1))) / max(d * (d - 1), 1)

    def slopes(self, with_parts: Worth, mean: float) -> Worth:
        """The slopes of the best linear fit of a function, from E f z_i [parts] and E f."""
        one, two = self.moments()
        own, common = one - two, two - one**2  # covariances of z are own · I + common · 11^T
        together = with_parts - mean * one
        found: Worth = (together - together.sum() * common / (own + self.parts * common)) / own
        return found

    @cached_property
    def tables(self) -> tuple[Worth, Worth, Worth]:
        """For a row of each size m = 0..d: E k z_i of a part i that is in it, of one that is not, and E k, over the law of z."""
        d = self.parts
        m, size, overlap = np.ogrid[0 : d + 1, 0 : len(self.sizes), 0 : d + 1]
        size = self.sizes[size]
        law = (
            hypergeom.pmf(overlap, d, m, size)
            * _likeness(1 - 2 * (size + m - 2 * overlap) / d)
            * self.law[None, :, None]
        )
        sizes = np.arange(d + 1)
        inside = (law * overlap).sum(axis=(1, 2)) / np.maximum(sizes, 1)
        outside = (law * (size - overlap)).sum(axis=(1, 2)) / np.maximum(d - sizes, 1)
        return inside, outside, law.sum(axis=(1, 2))


class SmoothFit:
    """Fed with rows and scores; tells weights, half widths and how well they fit."""

    def __init__(self, near: Neighbourhood) -> None:
        self._near = near
        self._rows = np.empty((0, near.parts), dtype=bool)
        self._scores = np.empty(0)
        self._learned = 0
        self._known: Learned | None = None
        self._missed = np.empty(0)

    def add(self, rows: Coalitions, scores: Worth) -> None:
        """Rows [rows, parts] with their scores [rows]."""
        self._rows = np.concatenate([self._rows, rows])
        self._scores = np.concatenate([self._scores, scores])
        count = min(len(self._rows), MOST_LEARNED)
        if (
            count >= max(_FIRST_LEARNED, 4 * self._learned)
            or (count == MOST_LEARNED > self._learned)
            or not self._learned
        ):
            self._learn(count)
        elif self._learned:
            new = slice(len(self._missed), None)
            self._missed = np.concatenate([self._missed, self._scores[new] - self._predicted(self._rows[new])])

    def finish(self) -> None:
        """Learn from all rows there are, before the last look."""
        if self._learned < (count := min(len(self._rows), MOST_LEARNED)):
            self._learn(count)

    def solve(self) -> tuple[Worth, Worth, float]:
        """Weights and half widths [parts], and the share of the variance of the scores that the linear model explains."""
        design = _design(self._rows)
        inverse = np.linalg.pinv(design.T @ design, hermitian=True, rcond=1e-10)
        correction = inverse @ (design.T @ self._missed)
        weights = self._smooth() + correction[1:]
        residual = self._missed - design @ correction
        free = max(len(design) - design.shape[1], 1)
        pull = residual[:, None] * design
        errors = np.sqrt(np.maximum(np.diag(inverse @ (pull.T @ pull) @ inverse), 0) * len(design) / free)
        away = self._scores - design[:, 1:] @ weights
        total = float(self._scores.var())
        return weights, NORMAL_95 * errors[1:], 1 - float(away.var()) / total if total > 0 else 1.0

    def _learn(self, count: int) -> None:
        """Learn from the first rows anew."""
        rows, ridges = self._rows[:count], RIDGES if self._known is None else self._known.near()
        self._learned, self._known = count, learned(_design(rows), _alike(rows, rows), self._scores[:count], ridges)
        rest = self._scores[count:] - self._predicted(self._rows[count:])
        self._missed = np.concatenate([self._known.left_out, rest])

    def _predicted(self, rows: Coalitions) -> Worth:
        assert self._known is not None
        return self._known.at(_design(rows), _alike(rows, self._rows[: self._learned]))

    def _smooth(self) -> Worth:
        """The best linear fit of what was learned, exactly."""
        assert self._known is not None
        near, rows, shares = self._near, self._rows[: self._learned], self._known.shares
        seen = rows.sum(axis=1)
        inside, outside, mean = near.tables
        total = shares @ mean[seen]
        with_parts = rows.T @ (shares * inside[seen]) + (~rows).T @ (shares * outside[seen])
        return self._known.total[1:] + near.slopes(with_parts, float(total))


def _alike(rows: Coalitions, others: Coalitions) -> Worth:
    signs, other_signs = 2.0 * rows - 1, 2.0 * others - 1
    return _likeness(signs @ other_signs.T / rows.shape[1])


def _likeness(u: Worth) -> Worth:
    """k of rows whose signs agree so far, u = z · z' / d."""
    found: Worth = np.exp(_REACH * (u - 1))
    return found


def _design(rows: Coalitions) -> Worth:
    return np.column_stack([np.ones(len(rows)), rows.astype(np.float64)])
