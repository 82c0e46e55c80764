"""Deletion and insertion: take away what is said to matter, in that order, and see whether the score falls faster than by chance.

V. Petsiuk, A. Das, K. Saenko, arXiv:1806.07421 (RISE). The parts of an item are taken away (deletion) or put back (insertion) from the
one that speaks most for the target to the one that speaks most against it; the area under the insertion curve minus that under the
deletion curve is the score of an order. It is compared with random orders and with the reversed one. An order that knows nothing beats
half of the random ones; the perfect order of an additive game beats all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dashboard.explain.games import Coalitions, Value, Worth

_STEPS = 16
"""Points of a curve; with more parts than that, several go at once."""


@dataclass(frozen=True)
class Removal:
    """The curves of the order [steps + 1], its score, those of random orders, and that of the reversed order."""

    deletion: Worth
    insertion: Worth
    score: float
    random: Worth
    reversed: float

    @property
    def beaten(self) -> float:
        """Part of the random orders whose score is lower; ties count half."""
        return float(((self.random < self.score).sum() + 0.5 * (self.random == self.score).sum()) / len(self.random))


def removal(value: Value, attributions: Worth, generator: np.random.Generator, *, orders: int = 40) -> Removal:
    """Compare the order of `attributions` with others.

    Args:
        value: What the model says when only some parts are there.
        attributions: Of each part [parts].
        generator: Of the random orders.
        orders: How many of those.
    """
    parts = len(attributions)
    own = np.argsort(-attributions, kind="stable")
    drawn = [generator.permutation(parts) for _ in range(orders)]
    every = [own, own[::-1], *drawn]
    sets = np.concatenate([_taken_away(order) for order in every])
    curves = value(np.concatenate([sets, ~sets])).reshape(2, len(every), -1)
    deletion, insertion = curves
    scores = _area(insertion) - _area(deletion)
    return Removal(deletion[0], insertion[0], float(scores[0]), scores[2:], float(scores[1]))


def alone(
    value: Value, looked_at: npt.NDArray[np.int64], parts: int, generator: np.random.Generator, *, situations: int = 24
) -> Worth:
    """What each part of `looked_at` adds on average, in random situations: any number of the others there [looked at].

    Situations come in pairs, one the complement of the other.
    """
    size = generator.random((situations // 2, 1))
    there = generator.random((situations // 2, parts)) < size
    there = np.concatenate([there, ~there])
    sets = np.repeat(there[None], 2 * len(looked_at), axis=0).reshape(len(looked_at), 2, situations, parts)
    for k, part in enumerate(looked_at):
        sets[k, 0, :, part] = True
        sets[k, 1, :, part] = False
    worth = value(sets.reshape(-1, parts)).reshape(len(looked_at), 2, situations)
    added: Worth = (worth[:, 0] - worth[:, 1]).mean(axis=1)
    return added


def _taken_away(order: npt.NDArray[np.int64]) -> Coalitions:
    """What is left at each step of a deletion [steps + 1, parts]; the complement is what is there in an insertion."""
    parts = len(order)
    counts = np.unique(np.linspace(0, parts, min(parts, _STEPS) + 1).round().astype(int))
    place = np.empty(parts, dtype=np.int64)
    place[order] = np.arange(parts)
    left: Coalitions = place[None, :] >= counts[:, None]
    return left


def _area(curves: Worth) -> Worth:
    """Mean height under each curve, by trapezia [orders]."""
    area: Worth = ((curves[:, 1:] + curves[:, :-1]) / 2).mean(axis=1)
    return area
