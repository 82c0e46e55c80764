"""The contract of samplers: a walk from a noise level down to clean data, told as `Stage`s. Importing it imports no torch.

A sampler is one file in `samplers/` that declares `SAMPLER = Sampler(...)`. Its `walk` knows a `Denoise` function and a
schedule and nothing else, so it works with every trained model, from any x_t at any noise level t.
"""

from __future__ import annotations

import collections
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from data.text import Text
from lightning_modules.diffusion.process.objectives import Prediction

if TYPE_CHECKING:
    from torch import Tensor

    from lightning_modules.diffusion.process.schedule import NoiseSchedule

Denoise = Callable[["Tensor", float], Prediction]
"""(x_t [batch, ...], t) -> what the model says about it; t is any real number in [0, T-1]."""

Noise = Callable[[], "Tensor"]
"""Fresh standard normal noise of the batch's shape."""


@dataclass(frozen=True)
class Stage:
    """One step of a walk: it stood at `xt` at noise level `t`, saw `x0` and `eps`, and moved to `x` (all [batch, ...]).

    `after` is the level of `x`; None when `x` is clean. The last stage of a walk holds the sample.
    """

    t: float
    xt: Tensor
    x0: Tensor
    eps: Tensor
    x: Tensor
    after: float | None


@dataclass(frozen=True)
class Walk:
    """What a sampler is given.

    `x` [batch, ...] stands at the first level of `grid`, which falls to the last; after that the walk ends on clean data.
    `eta` is how much fresh noise is wanted (0..1); samplers without noise pass it over.
    """

    denoise: Denoise
    schedule: NoiseSchedule
    x: Tensor
    grid: tuple[float, ...]
    noise: Noise
    eta: float = 0.0

    def legs(self) -> Iterator[tuple[float, float | None]]:
        """The steps as (level left, level reached); None is clean data."""
        yield from pairwise((*self.grid, None))


@dataclass(frozen=True)
class Sampler:
    """What a sampler declares.

    `calls_a_step` and `calls_saved` tell its cost: network evaluations = calls_a_step · steps - calls_saved.
    `every_level`: it takes each trained level once, however many steps are asked for. `uses_eta`: it draws fresh noise.
    """

    name: str
    title: Text
    help: Text
    source: str
    walk: Callable[[Walk], Iterator[Stage]]
    order: int = 1
    calls_a_step: int = 1
    calls_saved: int = 0
    every_level: bool = False
    uses_eta: bool = False

    def grid(self, total: int, steps: int, *, start: float | None = None) -> tuple[float, ...]:
        """The levels a walk of `steps` steps stands at, of `total` trained ones, from `start` (T-1 unless told)."""
        return every_level(total, start=start) if self.every_level else time_grid(total, steps, start=start)

    def evaluations(self, steps: int) -> int:
        """Network evaluations of a walk of `steps` steps."""
        return self.calls_a_step * steps - self.calls_saved

    def steps_within(self, evaluations: int) -> int:
        """The most steps that cost no more than `evaluations`, at least one."""
        return max(1, (evaluations + self.calls_saved) // self.calls_a_step)


def time_grid(total: int, steps: int, *, start: float | None = None) -> tuple[float, ...]:
    """`steps` noise levels from `start` (T-1 unless told) down to 0, evenly spaced, whole except the start.

    It always begins at the start (arXiv:2305.08891). There are fewer levels when there are not so many below the start.
    """
    top = float(total - 1) if start is None else start
    steps = min(steps, int(top) + 1)
    if steps == 1:
        return (top,)
    return (top, *(float(round(top * (steps - 1 - k) / (steps - 1))) for k in range(1, steps)))


def every_level(total: int, *, start: float | None = None) -> tuple[float, ...]:
    """Each trained level once, from `start` (T-1 unless told) down to 0."""
    top = float(total - 1) if start is None else start
    whole = tuple(float(t) for t in range(int(top), -1, -1))
    return whole if top == int(top) else (top, *whole)


def last(stages: Iterable[Stage]) -> Tensor:
    """The finished sample of a walk."""
    (final,) = collections.deque(stages, maxlen=1)
    return final.x
