"""The exact score of point sets whose density is known, so that a learned one can be held against the truth.

Every shipped point set is a clean shape blurred by round Gaussian noise, so its density is a mixture of round Gaussians
around the clean points. Then x_t = a x_0 + s eps has the density sum_k N(a mu_k, (a² v + s²) I) / K, and

    score(x) = sum_k w_k (a mu_k - x) / (a² v + s²),   w = softmax(-|x - a mu_k|² / (2 (a² v + s²))),   eps = -s score.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from data.catalog import DatasetCard

Array = npt.NDArray[np.float64]

MOST_CENTRES = 2000
_BLUR = "noise"
_ROUND = 0.05
"""Blur counts as round when its two spreads differ by less than this share."""


@dataclass(frozen=True)
class Mixture:
    """Equal round Gaussians: `means` [centres, 2], all of variance `variance`."""

    means: Array
    variance: float

    def score(self, x: npt.NDArray[np.floating], signal: float, level: float) -> Array:
        """Gradient of the log density of x_t at x [n, 2]."""
        total = signal**2 * self.variance + level**2
        centres = signal * self.means
        points = np.asarray(x, dtype=np.float64)
        squared = (points**2).sum(axis=1)[:, None] - 2 * points @ centres.T + (centres**2).sum(axis=1)
        power = -squared / (2 * total)
        weight = np.exp(power - power.max(axis=1, keepdims=True))
        weight /= weight.sum(axis=1, keepdims=True)
        found: Array = (weight @ centres - points) / total
        return found

    def eps(self, x: npt.NDArray[np.floating], signal: float, level: float) -> Array:
        """The noise that the exact denoiser sees in x_t [n, 2]."""
        return -level * self.score(x, signal, level)

    def draw(self, count: int, generator: np.random.Generator) -> Array:
        """Points [count, 2] of the clean density."""
        centres = self.means[generator.integers(0, len(self.means), count)]
        drawn: Array = centres + np.sqrt(self.variance) * generator.standard_normal((count, 2))
        return drawn


def known_density(dataset: str, config: Mapping[str, Any]) -> Mixture | None:
    """The density of a shipped point set with this config; None where it is not known.

    Found by comparing the set with itself without blur: both are drawn with the same random numbers.
    """
    card = _card(dataset)
    if card is None or card.kind != "points" or _BLUR not in card.config.model_fields:
        return None
    wanted = card.config.model_validate(dict(config))
    clean = card.load(wanted.model_copy(update={_BLUR: 0.0})).train.x.astype(np.float64)
    blur = card.load(wanted).train.x.astype(np.float64) - clean
    spreads = blur.std(axis=0)
    if clean.shape[1] != 2 or spreads.min() < (1 - _ROUND) * spreads.max():
        return None
    return Mixture(_thinned(np.unique(clean, axis=0)), float((blur**2).mean()))


def _card(dataset: str) -> DatasetCard | None:
    name = f"data.datasets.{dataset}"
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return None  # a plug-in
    card: DatasetCard = module.DATASET
    return card


def _thinned(points: Array) -> Array:
    if len(points) <= MOST_CENTRES:
        return points
    return points[np.random.default_rng(0).permutation(len(points))[:MOST_CENTRES]]


def relative_error(learned: Array, exact: Array) -> float:
    """How far the learned field is from the exact one, root mean square, as a share of the exact one."""
    return float(np.sqrt(((learned - exact) ** 2).mean() / (exact**2).mean()))
