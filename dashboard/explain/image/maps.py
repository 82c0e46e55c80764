"""Arithmetic of maps over a picture, in numpy alone. A map is [height, width] float64: what each pixel adds, or how much it matters."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Map = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def enlarged(coarse: Map, size: tuple[int, int]) -> Map:
    """A coarse map at the size of the picture, bilinear; the value of a cell stands at its middle."""
    height, width = coarse.shape
    rows = (np.arange(size[0]) + 0.5) * height / size[0] - 0.5
    columns = (np.arange(size[1]) + 0.5) * width / size[1] - 0.5
    grid = np.meshgrid(rows, columns, indexing="ij")
    found: Map = ndimage.map_coordinates(coarse, grid, order=1, mode="nearest")
    return found


def softened(shown: Map, share: float = 1 / 28) -> Map:
    """The map under a Gaussian whose standard deviation is this share of the longer side: single pixels are no region."""
    found: Map = ndimage.gaussian_filter(shown, sigma=share * max(shown.shape), mode="nearest")
    return found


def region(shown: Map, share: float = 0.15) -> Mask:
    """Where the softened map is largest and above zero: at most this share of the picture."""
    soft = softened(shown)
    if soft.max() <= 0 or soft.max() - soft.min() <= 1e-12 * abs(soft.max()):
        return np.zeros(shown.shape, dtype=bool)
    count = max(1, round(share * soft.size))
    edge = np.partition(soft, -count, axis=None)[-count]
    found: Mask = (soft >= edge) & (soft > 0)
    return found


def rank_correlation(first: Map, second: Map) -> float:
    """Spearman's rho of two maps of one shape; 0 where one of them is constant and orders nothing."""
    a, b = (_ranks(one) for one in (first, second))
    spread = float(a.std() * b.std())
    return 0.0 if spread == 0 else float(((a - a.mean()) * (b - b.mean())).mean() / spread)


def _ranks(one: Map) -> Map:
    """Ranks of the pixels; equal ones share the middle of theirs."""
    _, where, counts = np.unique(one, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    middle = ends - (counts - 1) / 2
    ranks: Map = middle[where.ravel()]
    return ranks


def overlap(first: Mask, second: Mask) -> float:
    """Of two regions, what both have of what either has; 0 where both are empty."""
    either = int((first | second).sum())
    return float((first & second).sum() / either) if either else 0.0
