"""Deletion and insertion: how the score falls as a picture is hidden piece by piece, in the order of a map and in others.

arXiv:1806.07421, section 4.2. Pieces are square cells. One run through all pieces from first to last serves both: read forwards it
is the deletion of its order, read backwards the insertion of the reversed order. Controls are the reversed and random orders.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from dashboard.explain.image.blanks import Blank, blank_of
from dashboard.explain.image.maps import Map
from dashboard.explain.image.subject import ImageSubject

CELLS = 14
"""Cells a side, where the picture has as many pixels."""

Order = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Curves:
    """Probabilities of the target with a growing share hidden, [points]; `random` is the mean over random orders."""

    by_map: Map
    reversed: Map
    random: Map

    @property
    def deletion(self) -> tuple[float, float, float]:
        """Areas under the falling curve of the map, of random orders, of the reversed order; a true map has the smallest."""
        return area(self.by_map), area(self.random), area(self.reversed)

    @property
    def insertion(self) -> tuple[float, float, float]:
        """Areas under the rising curve, likewise; a true map has the largest."""
        return area(self.reversed[::-1]), area(self.random[::-1]), area(self.by_map[::-1])


def area(curve: Map) -> float:
    """Area under a curve [points] over the unit interval, trapezoidal."""
    return float(np.trapezoid(curve, dx=1 / (len(curve) - 1)))


def cells_of(size: tuple[int, int]) -> npt.NDArray[np.int64]:
    """The cell each pixel belongs to, [height, width]."""
    rows, columns = (np.arange(one) * min(CELLS, one) // one for one in size)
    found: npt.NDArray[np.int64] = rows[:, None] * min(CELLS, size[1]) + columns[None]
    return found


def order_of(shown: Map, cells: npt.NDArray[np.int64], rng: np.random.Generator) -> Order:
    """Cells from the most to the least important; equal ones in random order."""
    value = np.bincount(cells.ravel(), weights=shown.ravel()) / np.bincount(cells.ravel())
    return np.lexsort((rng.random(len(value)), -value)).astype(np.int64)


def measured(subject: ImageSubject, shown: Map, *, blank: Blank, points: int, randoms: int, seed: int) -> Curves:
    """The curves of a map; `randoms` random orders stand for chance."""
    rng = np.random.default_rng(seed)
    cells = cells_of(subject.size)
    order = order_of(shown, cells, rng)
    orders = [order, order[::-1].copy(), *(rng.permutation(len(order)) for _ in range(randoms))]
    covered = blank_of(subject.x, blank)
    shares = np.linspace(0, 1, points)
    ends = subject.ask(torch.stack([subject.x, covered]))[:, subject.target]
    found = [_inner(subject, one, cells, covered, shares[1:-1]) for one in orders]
    by_map, backwards, *by_chance = (np.concatenate([ends[:1], inner, ends[1:]]) for inner in found)
    return Curves(by_map, backwards, np.mean(by_chance, axis=0))


def _inner(
    subject: ImageSubject, order: Order, cells: npt.NDArray[np.int64], covered: torch.Tensor, shares: Map
) -> Map:
    """Probabilities with each share of the cells hidden."""
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    turn = place[cells]  # when each pixel's cell is hidden
    said = []
    for share in shares:
        hidden = torch.from_numpy(turn < round(share * len(order)))
        said.append(subject.ask(torch.where(hidden, covered, subject.x)[None])[0, subject.target])
    return np.array(said)
