"""What the samplers share: their contract, their noise, and the steps they take.

A sampler walks x_T -> x_0 and yields a `Stage` after every step, so that a strip or a film can be drawn; the last
stage holds the sample. It knows only a `Denoise` function and a schedule, so it works with any trained model.
"""

from __future__ import annotations

import collections
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from lightning_modules.diffusion.objectives import Prediction
from lightning_modules.exact import derived_seed

Denoise = Callable[[Tensor, int], Prediction]
"""(x_t [batch, ...], t) -> what the model says about it."""

Noise = Callable[[], Tensor]
"""Fresh standard normal noise of the batch's shape."""


@dataclass(frozen=True)
class Stage:
    """One step of a sampler: it stood at `t`, saw `x0`, and moved to `x` [batch, ...]."""

    t: int
    x: Tensor
    x0: Tensor


class ItemNoise:
    """Noise that belongs to items, not to batches: item i of a seed gets the same noise in any batch split.

    Args:
        seed: Seed of the whole set of samples.
        first: Number of the first item of this batch.
        count: Items in this batch.
        shape: Shape of one item.
        device: Where the noise is wanted; it is always drawn on the CPU, so it is the same everywhere.
    """

    def __init__(self, seed: int, first: int, count: int, shape: tuple[int, ...], device: torch.device) -> None:
        self.shape = shape
        self.device = device
        self._generators = [
            torch.Generator().manual_seed(derived_seed(seed, first + k, "sample")) for k in range(count)
        ]

    def __call__(self) -> Tensor:
        """The next noise [items, *shape] of this batch."""
        return torch.stack([torch.randn(self.shape, generator=g) for g in self._generators]).to(self.device)


def time_grid(total: int, steps: int) -> list[int]:
    """`steps` noise levels from T-1 down to 0, evenly spaced; it always begins at T-1 (arXiv:2305.08891)."""
    if steps == 1:
        return [total - 1]
    return [round((total - 1) * (steps - 1 - k) / (steps - 1)) for k in range(steps)]


def last(stages: Iterator[Stage]) -> Tensor:
    """The finished sample of a walk."""
    (final,) = collections.deque(stages, maxlen=1)
    return final.x
