"""A learned score field on a grid and at noisy test points, stage by stage of a walk: what is asked, and what comes of it.

Everything is drawn in a frame that keeps its size: z = x_t / sqrt(signal² + level²). On a preserving path z is x_t itself; on
an exploding one the plane would otherwise be eighty times as wide at the start as at the end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dashboard.lab.densities import Mixture, relative_error

Array = npt.NDArray[np.float64]

SIDE = 13
TESTED = 190
SMALLEST_REACH = 2.4


@dataclass(frozen=True)
class Stages:
    """Noise step, signal and level of each stage of a walk, all [stages]."""

    t: Array
    signal: Array
    level: Array

    @property
    def scale(self) -> Array:
        """Size of the plane at each stage [stages]."""
        found: Array = np.sqrt(self.signal**2 + self.level**2)
        return found


def grid(reach: float) -> Array:
    """Corners of the grid in the steady frame [SIDE², 2]."""
    line = np.linspace(-reach, reach, SIDE)
    found: Array = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    return found


def grid_request(stages: Stages, reach: float) -> dict[str, Array]:
    """What to ask of the model to know its field on the grid at every stage."""
    x = grid(reach)[None] * stages.scale[:, None, None]
    return {"x": x.reshape(-1, 2).astype(np.float32), "t": np.repeat(stages.t, SIDE * SIDE)}


def noisy_points(stages: Stages, density: Mixture, seed: int = 0) -> Array:
    """Noisy items x_t [stages, TESTED, 2] of the true density."""
    generator = np.random.default_rng(seed)
    clean = density.draw(TESTED, generator)
    noise = generator.standard_normal((len(stages.t), TESTED, 2))
    found: Array = stages.signal[:, None, None] * clean + stages.level[:, None, None] * noise
    return found


def noisy_request(stages: Stages, points: Array) -> dict[str, Array]:
    """What to ask of the model to know its error at every stage."""
    return {"x": points.reshape(-1, 2).astype(np.float32), "t": np.repeat(stages.t, points.shape[1])}


def exact_eps(stages: Stages, points: Array, density: Mixture) -> Array:
    """The exact denoiser's noise at points [stages, n, 2]."""
    return np.stack([density.eps(x, a, s) for x, a, s in zip(points, stages.signal, stages.level, strict=True)])


def errors(stages: Stages, points: Array, learned: npt.NDArray[np.floating], density: Mixture) -> Array:
    """Relative error of the learned score at each stage [stages]; `learned` is the noise it sees [stages · n, 2]."""
    exact, said = exact_eps(stages, points, density), np.asarray(learned, dtype=np.float64).reshape(points.shape)
    return np.array([relative_error(mine, truth) for mine, truth in zip(said, exact, strict=True)])
