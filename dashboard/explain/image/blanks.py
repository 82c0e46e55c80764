"""What a hidden part of a picture is replaced with. All return an x of the shape of the one given, [colours, height, width]."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, Literal

import torch
from torch import Tensor

from data.text import Text

Blank = Literal["blur", "mean", "black"]
TITLES: Final[Mapping[str, Text]] = {
    "blur": Text(en="The picture, blurred", hi="धुंधली तस्वीर"),
    "mean": Text(en="Its mean colour", hi="औसत रंग"),
    "black": Text(en="Black", hi="काला"),
}


def blank_of(x: Tensor, kind: Blank) -> Tensor:
    """What stands for "nothing to see here" in a picture x."""
    if kind == "black":
        return torch.full_like(x, -1.0)  # both kinds of models take black as -1, or 1/128 above it
    if kind == "mean":
        return x.mean(dim=(1, 2), keepdim=True).expand_as(x).contiguous()
    return _blurred(x)


def _blurred(x: Tensor) -> Tensor:
    """Three box blurs, which are nearly a Gaussian, over about a quarter of the side."""
    radius = max(1, max(x.shape[1:]) // 16)
    radius = min(radius, min(x.shape[1:]) - 1)
    if radius < 1:
        return x.clone()
    down, across = (_boxes(size, radius).to(x.dtype) for size in x.shape[1:])
    return down @ x @ across.T


@lru_cache(maxsize=16)
def _boxes(size: int, radius: int) -> Tensor:
    """Three box blurs of a line with mirrored ends as one matrix [size, size] float64: two products take a tenth of the time of six passes."""
    place = torch.arange(-radius, size + radius)
    mirrored = (size - 1 - (place.abs() - (size - 1)).abs()).abs()
    once = torch.zeros(size, size, dtype=torch.float64)
    for k in range(size):
        once[k].index_add_(
            0,
            mirrored[k : k + 2 * radius + 1],
            torch.full((2 * radius + 1,), 1 / (2 * radius + 1), dtype=torch.float64),
        )
    return once @ once @ once
