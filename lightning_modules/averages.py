"""The moving average of the weights (EMA), kept inside the state dict so that it is resumed and hashed with the rest.

With weights w and average m, after step n: m <- d_n m + (1 - d_n) w, with the warm-up d_n = min(d, (1 + n) / (10 + n)),
so that a short run is not an average with its own random start (at d = 0.9999 that start would still weigh
90 % after 1,000 steps). d_n depends on the step only: nothing to count, nothing to lose on a resume.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import torch
from torch import Tensor, nn


def decay_at(step: int, decay: float) -> float:
    """The decay used after optimiser step `step` (counted from 0)."""
    return min(decay, (1 + step) / (10 + step))


def averaged_copy(network: nn.Module) -> nn.Module:
    """A copy of `network` to hold the average; it is never trained."""
    copied = copy.deepcopy(network)
    return copied.requires_grad_(False)


@dataclass(frozen=True)
class Paired:
    """The tensors of an average beside those of the network it follows; listed once, since walking a network takes long."""

    average: list[Tensor]
    network: list[Tensor]
    average_buffers: list[Tensor]
    network_buffers: list[Tensor]

    @classmethod
    def of(cls, average: nn.Module, network: nn.Module) -> Paired:
        """The pairs of two networks of one architecture."""
        return cls(
            list(average.parameters()), list(network.parameters()), list(average.buffers()), list(network.buffers())
        )

    @torch.no_grad()
    def update(self, decay: float) -> None:
        """One step of the average, in place and for all tensors at once; buffers are copied."""
        torch._foreach_lerp_(self.average, self.network, 1 - decay)
        for kept, current in zip(self.average_buffers, self.network_buffers, strict=True):
            kept.copy_(current)
