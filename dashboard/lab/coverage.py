"""How much of a shape samples reach: the shape is cut into equal spots, and a spot counts when enough samples lie there.

The spots are the points of the clean shape that are farthest from one another, so they cover lines, clouds and several
strokes alike and need no classes. A spot is reached when at least a quarter of the samples it should get lie near it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dashboard.lab.densities import Mixture

Array = npt.NDArray[np.float64]

SPOTS = 24
ENOUGH = 0.25
_REACH = 3.0


@dataclass(frozen=True)
class Shape:
    """`spots` [spots, 2]; `expected` [spots] share of the shape nearest to each; `clean` [n, 2]; `reach` how far a sample may stray."""

    spots: Array
    expected: Array
    clean: Array
    reach: float


def shape_of(density: Mixture, spots: int = SPOTS) -> Shape:
    """The spots of a density; fewer when it has fewer points."""
    clean = density.means
    chosen = [int(np.linalg.norm(clean - clean.mean(axis=0), axis=1).argmax())]
    gap = np.linalg.norm(clean - clean[chosen[0]], axis=1)
    while len(chosen) < min(spots, len(clean)) and gap.max() > 0:
        chosen.append(int(gap.argmax()))
        gap = np.minimum(gap, np.linalg.norm(clean - clean[chosen[-1]], axis=1))
    places = clean[chosen]
    owner = _distances(clean, places).argmin(axis=1)
    expected = np.bincount(owner, minlength=len(places)) / len(clean)
    return Shape(places, expected, clean, _REACH * float(np.sqrt(density.variance)))


def reached(shape: Shape, samples: npt.NDArray[np.floating]) -> npt.NDArray[np.bool_]:
    """Which spots enough of the samples [n, 2] reach [spots]."""
    x = np.asarray(samples, dtype=np.float64)
    x = x[np.isfinite(x).all(axis=1)]
    if len(x) == 0:
        return np.zeros(len(shape.spots), dtype=np.bool_)
    on_shape = x[_distances(x, shape.clean).min(axis=1) <= shape.reach]
    owner = _distances(on_shape, shape.spots).argmin(axis=1) if len(on_shape) else np.zeros(0, dtype=np.int64)
    share = np.bincount(owner, minlength=len(shape.spots)) / len(samples)
    found: npt.NDArray[np.bool_] = share >= ENOUGH * shape.expected
    return found


def _distances(a: Array, b: Array) -> Array:
    squared = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
    found: Array = np.sqrt(np.maximum(squared, 0))
    return found
