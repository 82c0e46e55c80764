"""Shapley values by sampling: Kernel SHAP with paired coalitions, drawn by leverage and without replacement, with intervals.

S. Lundberg, S. Lee, arXiv:1705.07874: the shares are the least-squares fit of v(S) - v(none) by the sum of the shares of S, each
size weighted w(s) = (d - 1) / (C(d, s) s (d - s)), under the condition that all shares add up to v(all) - v(none).
I. Covert, S. Lee, arXiv:2012.01536: S and its complement together (paired), and intervals from the spread of the fit.
C. Musco, R. Witter, arXiv:2410.01917: the leverage of a coalition is 1 / C(d, |S|), so every size is drawn equally often.

Within a size the first pairs are drawn apart: each next one is that which shares the fewest members with those drawn (a spread design, as in M. Johnson,
L. Moore, D. Ylvisaker: Minimax and maximin distance designs, 1990), ties by chance. No player is told from another by that rule, so every pair of a size is as likely as
any other to be among those drawn.

With a pair the fit needs the difference g = v(S) - v(not S) alone, explained by zeta = +1 for members and -1 for the others:
minimise sum of W (g - zeta . phi)^2. Within each size pairs are drawn without replacement, so that a size that is exhausted brings
no error any more, and when all are the answer is exact. Half widths are 1.96 (more for few pairs, by Student's t) standard errors of
the sandwich A^+ (sum of W^2 r^2 zeta zeta^T (1 - fraction drawn)) A^+, with A = sum of W zeta zeta^T and r the residuals.

The fit is not made to g itself. What can be learned of g from the pairs is taken out first (model-assisted estimation; here `kriging`): a sum of
shares freely, and a smooth rest with K(z, z') = sinh(c z · z' / d), which is odd as g is and knows all interactions of odd order. Shapley values of K
are exact, since it depends on a size and an overlap alone. Only what the learned function misses is sampled: of a size drawn to a
fraction F, F of what is missed is known, and the rest is told from what would be missed had each pair been left out. So nothing that was
learned wrongly stays in the shares, when all pairs are drawn the answer is exact, and half widths come from what is missed alone.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import hypergeom
from scipy.stats import t as student

from dashboard.explain.games import Coalitions, Value, Worth, kriging
from data.catalog import option
from data.text import Text

MOST_LEARNED = 512
"""Pairs that are learned from; later ones only correct what was."""
_LEARNS_FROM = 2
"""Pairs a player, from which on there is something to learn beyond the shares themselves."""
_REACH = 2.0
"""c: interactions of one and three players then have weights 2 and 4/3."""
_LISTED = 4096
"""A size of no more pairs than this is written out and shuffled; of larger ones pairs are drawn until they are new."""
_APART = 8.0
"""A pair is as near to the drawn ones as the sum of exp(this · z · z' / d) over them: the nearest count nearly alone."""
_FIRST_APART = 256
"""Pairs of a size that are drawn apart; later ones in random order, since the picking takes time and gains little."""
_CANDIDATES = 64
"""Of a size that is not written out, the next pair is the best of so many."""


def stops_at(default: float) -> Any:
    """The option when an estimate is sure enough: half of an interval, as a part of the largest share."""
    return option(
        default, gt=0, le=1,
        title=Text(en="Precision", hi="सटीकता"),
        help=Text(en="Stop when no interval is wider than this part of the largest share, to each side.",
                  hi="जब कोई अंतराल, हर तरफ़, सबसे बड़े हिस्से के इतने भाग से चौड़ा न रहे, तब रुकें।"),
        source="arXiv:2012.01536, section 4",
    )  # fmt: skip


@dataclass(frozen=True)
class Shares:
    """The estimate so far: shares and half widths of their 95 % intervals [players]; `exact` when nothing is left to draw."""

    phi: Worth
    half_width: Worth
    coalitions: int
    exact: bool


class LeverageShap:
    """Estimates the shares of a game, better with every `grow`.

    Args:
        value: The game.
        players: d, at least 1.
        generator: Where randomness comes from.
    """

    def __init__(self, value: Value, players: int, generator: np.random.Generator) -> None:
        self._value = value
        self.players = players
        ends = value(np.array([[False] * players, [True] * players]))
        self.empty, self.full = float(ends[0]), float(ends[1])
        self._sizes = [_Size(players, size, generator) for size in range(1, players // 2 + 1)]
        self._zeta = np.empty((0, players))
        self._gain = np.empty(0)
        self._of_size = np.empty(0, dtype=np.int64)

    @property
    def pairs(self) -> int:
        """Pairs asked so far."""
        return len(self._gain)

    @property
    def all_pairs(self) -> int:
        """Pairs there are."""
        return sum(size.count for size in self._sizes)

    def grow(self, pairs: int) -> None:
        """Ask until `pairs` pairs were asked, or all."""
        wanted = _spread([size.count for size in self._sizes], [size.leverage for size in self._sizes], pairs)
        drawn = [size.draw(count) for size, count in zip(self._sizes, wanted, strict=True)]
        new = np.concatenate(drawn) if drawn else np.empty((0, self.players), dtype=bool)
        if not len(new):
            return
        worth = self._value(np.concatenate([new, ~new]))
        self._zeta = np.concatenate([self._zeta, np.where(new, 1.0, -1.0)])
        self._gain = np.concatenate([self._gain, worth[: len(new)] - worth[len(new) :]])
        self._of_size = np.concatenate([self._of_size, np.repeat(np.arange(len(drawn)), [len(one) for one in drawn])])

    def shares(self) -> Shares:
        """The estimate from what was asked so far."""
        d, total = self.players, self.full - self.empty
        flat = np.full(d, total / d)
        if not self.pairs:
            half = np.zeros(d) if d == 1 else np.full(d, np.inf)
            return Shares(flat, half, 2, d == 1)
        drawn = np.array([len(size) for size in self._sizes])
        count = np.array([float(size.count) for size in self._sizes])
        weight = np.array([size.weight for size in self._sizes]) / np.maximum(drawn, 1)
        left = 1 - drawn / count
        w, fpc = weight[self._of_size], left[self._of_size]
        learned = self._learn()
        missed, total = (1 - fpc) * learned.missed + fpc * learned.left_out, total - learned.full
        flat = np.full(d, total / d)
        centred = self._zeta - self._zeta.mean(axis=1, keepdims=True)  # moves that leave the sum of the shares alone
        inverse = np.linalg.pinv(centred.T @ (w[:, None] * centred), hermitian=True, rcond=1e-10)
        phi = flat + inverse @ (centred.T @ (w * (missed - self._zeta @ flat)))
        residual = learned.left_out - self._zeta @ phi
        score = (w * residual * np.sqrt(fpc))[:, None] * centred
        spread = np.sqrt(np.maximum(np.einsum("ij,jk,ki->i", inverse, score.T @ score, inverse), 0.0))
        factor = self._factor(fpc, learned=learned.left_out is not learned.missed)
        half = np.full(d, math.inf) if math.isinf(factor) else spread * factor  # 0 · inf would be no number
        return Shares(learned.shares + phi, half, 2 + 2 * self.pairs, not fpc.any())

    def _learn(self) -> _Known:
        """What can be told of g from the pairs: its shares, its worth of all, and what it misses of each pair."""
        d, count = self.players, min(self.pairs, MOST_LEARNED)
        if count < _LEARNS_FROM * d or d < 2:
            return _Known(np.zeros(d), 0.0, self._gain, self._gain)
        everyone = np.ones((1, d))
        rows = np.concatenate([everyone, self._zeta[:count]])
        values = np.concatenate([[self.full - self.empty], self._gain[:count]])
        known = kriging.learned(rows, _alike(rows, rows), values)
        rest = self._gain[count:] - known.at(self._zeta[count:], _alike(self._zeta[count:], rows))
        inside, outside = _shares_of_likeness(d)
        seen, there = (rows > 0).sum(axis=1), rows > 0
        shares = known.total + there.T @ (known.shares * inside[seen]) + (~there).T @ (known.shares * outside[seen])
        full = float(known.at(everyone, _alike(everyone, rows))[0])
        return _Known(
            shares, full, np.concatenate([known.missed[1:], rest]), np.concatenate([known.left_out[1:], rest])
        )

    def _factor(self, fpc: npt.NDArray[np.float64], *, learned: bool) -> float:
        """From standard errors to half widths; few pairs know their own spread badly."""
        if not fpc.any():
            return 0.0
        free = self.pairs - (self.players - 1)
        if free < 1:
            return math.inf
        widened = (
            1.0 if learned else math.sqrt(self.pairs / free)
        )  # what is missed of a pair that was left out knows of that already
        return float(student.ppf(0.975, free)) * widened


@dataclass(frozen=True)
class _Known:
    """Of a learned function: its shares [players], its worth of all, and what it misses of each pair, and would had it been left out [pairs]."""

    shares: Worth
    full: float
    missed: Worth
    left_out: Worth


def _alike(rows: Worth, others: Worth) -> Worth:
    """K of rows of signs, scaled to 1 for a row with itself."""
    found: Worth = np.sinh(_REACH * (rows @ others.T) / rows.shape[1]) / math.sinh(_REACH)
    return found


@lru_cache(maxsize=64)
def _shares_of_likeness(players: int) -> tuple[Worth, Worth]:
    """Shapley values of the game S -> K(signs of S, z) / 2 of a row z with m members, m = 0..d: of each member, and of each other player.

    A player that joins a coalition of s others, o of them members of z, moves z · z' by 2 towards z or away from it.
    """
    d = players
    m, s, o = np.ogrid[0 : d + 1, 0:d, 0 : d + 1]
    found = []
    for member in (True, False):
        apart = s + (m - 1 if member else m) - 2 * o + (1 if member else 0)  # signs that differ before the player joins
        before = np.sinh(_REACH * (1 - 2 * apart / d))
        after = np.sinh(_REACH * (1 - 2 * (apart + (-1 if member else 1)) / d))
        chance = hypergeom.pmf(o, d - 1, np.clip(m - 1 if member else m, 0, d - 1), s)
        found.append((chance * (after - before)).sum(axis=(1, 2)) / d / 2 / math.sinh(_REACH))
    return found[0], found[1]


@dataclass
class _Size:
    """The pairs whose smaller side has `size` members, in random order."""

    players: int
    size: int
    generator: np.random.Generator
    _drawn: int = 0
    _seen: set[bytes] = field(default_factory=set)
    _order: Coalitions | None = None
    _apart: list[Worth] = field(default_factory=list)

    def __post_init__(self) -> None:
        half = 2 * self.size == self.players
        self.count = math.comb(self.players, self.size) // (2 if half else 1)
        self.leverage = 1 if half else 2
        self.weight = (self.players - 1) / (self.size * (self.players - self.size)) / (2 if half else 1)

    def __len__(self) -> int:
        return self._drawn

    def draw(self, until: int) -> Coalitions:
        """New pairs, each as one of its sides, until `until` were drawn in all [new, players]."""
        new = until - self._drawn
        if new <= 0:
            return np.empty((0, self.players), dtype=bool)
        found = self._listed(new) if self.count <= _LISTED else self._fresh(new)
        self._drawn = until
        return found

    def _listed(self, new: int) -> Coalitions:
        if self._order is None:
            members = np.array(list(itertools.combinations(range(self.players), self.size))[: self.count])
            listed = np.zeros((self.count, self.players), dtype=bool)
            listed[np.arange(self.count)[:, None], members] = True
            self._order = self.generator.permutation(listed)
            self._signs, self._near = np.where(self._order, 1.0, -1.0), np.zeros(self.count)
        whole = self._drawn + new == self.count
        for place in range(self._drawn, self._drawn + (0 if whole else new)):
            if place >= _FIRST_APART:
                break
            self._swap(place, place + int(self._near[place:].argmin()))
            self._near += self._nearness(self._signs, self._signs[place : place + 1])
        return self._order[self._drawn : self._drawn + new]

    def _swap(self, place: int, best: int) -> None:
        """Bring the pair that stands at `best` to its place in the order."""
        assert self._order is not None
        for array in (self._order, self._signs, self._near):
            array[[place, best]] = array[[best, place]]

    def _nearness(self, signs: Worth, drawn: Worth) -> Worth:
        """How near pairs are to the drawn ones [pairs]; of two equal sides either may stand for the pair."""
        alike = _APART * (signs @ drawn.T) / self.players
        near: Worth = (np.exp(alike) + np.exp(-alike) if 2 * self.size == self.players else np.exp(alike)).sum(axis=1)
        return near

    def _fresh(self, new: int) -> Coalitions:
        found: list[Coalitions] = []
        while len(found) < new:
            apart = len(self._apart) < _FIRST_APART
            keys = self.generator.random((_CANDIDATES if apart else 2 * new, self.players))
            sides = keys.argsort(axis=1).argsort(axis=1) < self.size
            if 2 * self.size == self.players:
                sides ^= ~sides[:, :1]  # of two equal sides the one with the first player
            fresh = {name: side for side in sides if (name := np.packbits(side).tobytes()) not in self._seen}
            names, sides = list(fresh), np.array([*fresh.values()])
            if apart and names:
                signs = np.where(sides, 1.0, -1.0)
                best = int(self._nearness(signs, np.array(self._apart)).argmin()) if self._apart else 0
                names, sides = names[best : best + 1], sides[best : best + 1]
                self._apart.append(signs[best])
            names = names[: new - len(found)]
            self._seen.update(names)
            found.extend(sides[: len(names)])
        return np.array(found)


def _spread(counts: list[int], leverage: list[int], pairs: int) -> list[int]:
    """How many pairs of each size: in proportion to leverage, none more than there are; what a size cannot take others do."""
    wanted = [0] * len(counts)
    left = min(pairs, sum(counts))
    while left:
        open_ = [k for k in range(len(counts)) if wanted[k] < counts[k]]
        unit = left / sum(leverage[k] for k in open_)
        before = left
        for k in open_:
            more = min(counts[k] - wanted[k], int(unit * leverage[k]), left)
            wanted[k] += more
            left -= more
        if left == before:  # fewer than one each: the outermost sizes first, whose weight is greatest
            for k in open_[:left]:
                wanted[k] += 1
                left -= 1
    return wanted
