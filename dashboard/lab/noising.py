"""Noise schedules and the forward process without torch, so that a page can scrub through them.

Notation: x_t = signal_t x_0 + level_t eps with eps ~ N(0, I), t = 0..T-1, as in `lightning_modules.diffusion.process.schedule`, which
training uses; a test holds both equal. linear: arXiv:2006.11239, section 4; cosine: arXiv:2102.09672, equation 17; sigmoid:
arXiv:2212.11972, algorithm 1; EDM: arXiv:2206.00364, equation 5; flow: arXiv:2210.02747 with time turned round.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from data.text import Problem, Text

Array = npt.NDArray[np.float64]

FEWEST_STEPS, MOST_STEPS = 10, 10_000
_LARGEST_BETA = 0.999


@dataclass(frozen=True, eq=False)
class NoisePath:
    """`signals` and `levels` [T], the factors of x_0 and of eps; noise grows with t."""

    name: str
    signals: Array
    levels: Array

    @property
    def steps(self) -> int:
        """T, the number of noise levels."""
        return len(self.signals)

    @cached_property
    def alphas_cumprod(self) -> Array:
        """Share of the signal in the variance [T]: SNR / (1 + SNR)."""
        found: Array = self.signals**2 / (self.signals**2 + self.levels**2)
        return found

    @cached_property
    def snr(self) -> Array:
        """Signal-to-noise ratio signal² / level² [T]."""
        found: Array = (self.signals / self.levels) ** 2
        return found

    def noisy(self, clean: Array, noise: Array, t: int) -> Array:
        """x_t for x_0 and eps of one shape."""
        mixed: Array = self.signals[t] * clean + self.levels[t] * noise
        return mixed


def _from_betas(betas: Array) -> tuple[Array, Array]:
    left = np.cumprod(1 - np.minimum(betas, _LARGEST_BETA))
    return np.sqrt(left), np.sqrt(1 - left)


def _linear(steps: int) -> tuple[Array, Array]:
    scale = 1000 / steps
    return _from_betas(np.linspace(1e-4 * scale, 0.02 * scale, steps))


def _cosine(steps: int) -> tuple[Array, Array]:
    left = np.cos((np.arange(steps + 1) / steps + 0.008) / 1.008 * np.pi / 2) ** 2
    return _from_betas(1 - left[1:] / left[:-1])


def _sigmoid(steps: int) -> tuple[Array, Array]:
    ends = 1 / (1 + np.exp([3.0, -3.0]))
    left = (ends[1] - 1 / (1 + np.exp(-3.0 * (2 * np.arange(steps + 1) / steps - 1)))) / (ends[1] - ends[0])
    return _from_betas(1 - left[1:] / left[:-1])


def _edm(steps: int) -> tuple[Array, Array]:
    smallest, largest, rho = 0.002, 80.0, 7.0
    ladder = np.linspace(smallest ** (1 / rho), largest ** (1 / rho), steps) ** rho
    return np.ones(steps), ladder


def _flow(steps: int) -> tuple[Array, Array]:
    tau = np.linspace(5e-4, 1 - 5e-4, steps)
    return 1 - tau, tau


_PATHS: dict[str, Callable[[int], tuple[Array, Array]]] = {
    "linear": _linear,
    "cosine": _cosine,
    "sigmoid": _sigmoid,
    "edm": _edm,
    "flow": _flow,
}
PATHS = tuple(_PATHS)
"""Names of the noise paths that can be explored."""


@lru_cache(maxsize=64)
def noise_path(name: str, steps: int) -> NoisePath:
    """The path `name` with `steps` noise levels.

    Raises:
        Problem: There is no such path, or it cannot have so many levels.
    """
    if name not in _PATHS:
        known = ", ".join(PATHS)
        raise Problem(
            Text(en=f"There is no schedule “{name}”; there are: {known}.", hi=f"“{name}” नाम का कोई शेड्यूल नहीं है; ये हैं: {known}।"),
            code="unknown_schedule", field="NAME",
        )  # fmt: skip
    if not FEWEST_STEPS <= steps <= MOST_STEPS:
        raise Problem(
            Text(en=f"A schedule has between {FEWEST_STEPS} and {MOST_STEPS:,} steps.", hi=f"शेड्यूल में {FEWEST_STEPS} से {MOST_STEPS} तक स्टेप हो सकते हैं।"),
            code="bad_steps", field="--steps",
        )  # fmt: skip
    return NoisePath(name, *_PATHS[name](steps))
