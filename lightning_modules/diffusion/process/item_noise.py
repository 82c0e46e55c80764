"""Noise that belongs to items and not to batches, so that a sample does not depend on what it was drawn together with."""

from __future__ import annotations

import torch
from torch import Tensor

from lightning_modules.exact import derived_seed


class ItemNoise:
    """Noise of a set of samples: item i of a seed gets the same noise in any batch split.

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
