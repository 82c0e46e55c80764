"""A small residual network (arXiv:1512.03385) that turns an image into a vector, and the heads that stand on it.

Shapes: x [batch, colours, height, width]; features [batch, features].
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lightning_modules.blocks.residual import Layer

_FIRST_SIDE = 14
"""The first layer brings the image to about this size: most of a small image's cost is in its full resolution."""

_WIDTHS = (1, 2, 8)
"""Channels of the stages: many in the last, where the image is smallest and they cost least."""


def _norm(channels: int, normed: bool) -> nn.Module:
    return nn.BatchNorm2d(channels) if normed else nn.Identity()


class Block(nn.Module):
    """Two 3×3 convolutions around a skip, batch-normalised."""

    def __init__(self, inputs: int, outputs: int, stride: int, *, normed: bool = True) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.first_norm = _norm(outputs, normed)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.second_norm = _norm(outputs, normed)
        self.stride = stride
        self.skip: nn.Module = nn.Identity()
        if stride > 1 or inputs != outputs:
            self.skip = nn.Sequential(nn.Conv2d(inputs, outputs, 1, bias=False), _norm(outputs, normed))

    def forward(self, x: Tensor) -> Tensor:
        h = F.relu(self.first_norm(self.first(x)))
        # Every `stride`-th pixel is taken out first: asked to stride itself, the backward pass of a 1×1 convolution of four channels in
        # channels_last writes past its memory (torch 2.13, oneDNN on an AMD EPYC) and ends the process some time later.
        across = self.skip(x[:, :, :: self.stride, :: self.stride])
        out: Tensor = F.relu(self.second_norm(self.second(h)) + across)
        return out


class SmallResNet(nn.Module):
    """x -> features. Three stages; the second and third halve the side. `normed`: with batch norms."""

    def __init__(self, shape: Sequence[int], *, channels: int, blocks: int = 1, normed: bool = True) -> None:
        super().__init__()
        colours, height, width = shape
        stride = max(1, round(min(height, width) / _FIRST_SIDE))
        self.enter = nn.Conv2d(colours, channels, stride + 2, stride=stride, padding=1, bias=False)
        self.enter_norm = _norm(channels, normed)
        layers: list[nn.Module] = []
        inputs = channels
        for stage, factor in enumerate(_WIDTHS):
            outputs = channels * factor
            for block in range(blocks):
                layers.append(Block(inputs, outputs, 2 if stage and not block else 1, normed=normed))
                inputs = outputs
        self.body = nn.Sequential(*layers)
        self.features = inputs

    def maps(self, x: Tensor) -> Tensor:
        """x -> [batch, features, height, width] of the last stage."""
        h: Tensor = self.body(F.relu(self.enter_norm(self.enter(x))))
        return h

    def forward(self, x: Tensor) -> Tensor:
        return self.maps(x).mean(dim=(2, 3))


def projector(inputs: int, hidden: int, outputs: int, *, last_norm: bool = False, normed: bool = True) -> nn.Sequential:
    """Linear, batch norm (unless `normed` is off), ReLU, linear: the head a contrastive loss looks at (arXiv:2002.05709, section 2.1)."""
    layers: list[nn.Module] = [
        nn.Linear(inputs, hidden, bias=False),
        nn.BatchNorm1d(hidden) if normed else nn.Identity(),
        nn.ReLU(),
        nn.Linear(hidden, outputs),
    ]
    if last_norm:
        layers.append(nn.BatchNorm1d(outputs, affine=False))
    return nn.Sequential(*layers)


def in_channels_last(network: Layer) -> Layer:
    """The network with its weights laid out for convolutions on a processor: a fifth less time a step."""
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in torch's stubs
    return network


class Projected(nn.Module):
    """An encoder and its head: x -> projections [batch, outputs]."""

    def __init__(self, encoder: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = head

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.head(self.encoder(x))
        return out
