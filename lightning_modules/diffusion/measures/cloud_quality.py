"""How good clouds of points are, by distances that know no order of the points. Shapes: clouds [items, points, 3].

* Chamfer distance: mean_a min_b |a - b|² + mean_b min_a |a - b|² (arXiv:1612.00603, equation 2, as means).
* Coverage: share of the real clouds that are the nearest one to some sample (arXiv:1707.02392, section 4). Real data
  against real data does not reach 1.
* 1-NNA: how often the nearest neighbour of a cloud, among samples and real ones together, is of its own kind
  (arXiv:1906.12320, section 5.1). 0.5: cannot be told apart; 1: always.
* The judge of classes looks at means over the points of random waves (arXiv:1703.06114 with the features of Rahimi and Recht).
  Besides the classes it knows "none of them", learned from clouds whose coordinates are shuffled: the extent along each axis
  alone tells most shapes from each other, so without it three quarters of such clouds would pass for their shape.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from lightning_modules.quality import Judge

Clouds = npt.NDArray[np.floating]

_ROWS = 8
_WAVES = 512
_WAVELENGTHS = (0.3, 2.0)


def chamfer(a: Clouds, b: Clouds) -> npt.NDArray[np.float64]:
    """Chamfer distance of every cloud of a to every cloud of b: [len(a), len(b)]."""
    first, second = torch.from_numpy(np.asarray(a, np.float32)), torch.from_numpy(np.asarray(b, np.float32))
    found = np.empty((len(a), len(b)))
    for start in range(0, len(a), _ROWS):
        rows = first[start : start + _ROWS]
        for column, cloud in enumerate(second):
            squared = _squared(rows, cloud)  # [rows, points of a, points of b]
            found[start : start + _ROWS, column] = (
                squared.min(dim=2).values.mean(dim=1) + squared.min(dim=1).values.mean(dim=1)
            ).numpy()
    return found


def coverage(samples_to_real: npt.NDArray[np.float64]) -> float:
    """Share of the real clouds [columns] that are nearest to some sample [rows]."""
    return float(len(np.unique(samples_to_real.argmin(axis=1))) / samples_to_real.shape[1])


def nearest_neighbour_accuracy(
    among_samples: npt.NDArray[np.float64],
    samples_to_real: npt.NDArray[np.float64],
    among_real: npt.NDArray[np.float64],
) -> float:
    """1-NNA from three matrices of distances; a cloud is not its own neighbour."""
    whole = np.block([[among_samples, samples_to_real], [samples_to_real.T, among_real]])
    np.fill_diagonal(whole, np.inf)
    drawn = np.arange(len(whole)) < len(among_samples)
    return float(np.mean(drawn[whole.argmin(axis=1)] == drawn))


def features(clouds: Clouds, *, seed: int = 0) -> npt.NDArray[np.float64]:
    """Means over the points of cosines and sines along random directions [items, 2 x waves]: blind to their order."""
    generator = np.random.default_rng(seed)
    direction = generator.normal(size=(3, _WAVES))
    direction /= np.linalg.norm(direction, axis=0)
    shortest, longest = _WAVELENGTHS
    waves = direction * (2 * np.pi / generator.uniform(shortest, longest, _WAVES))
    angles = np.asarray(clouds, dtype=np.float32) @ waves.astype(np.float32)  # [items, points, waves]
    return np.concatenate([np.cos(angles).mean(axis=1), np.sin(angles).mean(axis=1)], axis=1).astype(np.float64)


def shuffled(clouds: Clouds, *, seed: int = 0) -> Clouds:
    """Clouds whose points have every coordinate from another point: the same along each axis, and no shape any more."""
    return np.random.default_rng(seed).permuted(clouds, axis=1)


def judge_of_shapes(clouds: Clouds, labels: npt.NDArray[np.int64], classes: int) -> Judge:
    """A classifier of `features`, fitted on real shapes; its class number `classes` stands for what is no shape."""
    both = np.concatenate([features(clouds), features(shuffled(clouds))])
    return Judge(both, np.concatenate([labels, np.full(len(labels), classes)]), classes + 1)


def _squared(rows: Tensor, cloud: Tensor) -> Tensor:
    """Squared distances [rows, points, points] by |a|² - 2 a·b + |b|², not below 0."""
    inner = rows @ cloud.T
    lengths = rows.square().sum(-1, keepdim=True) + cloud.square().sum(-1)
    return (lengths - 2 * inner).clamp(min=0)
