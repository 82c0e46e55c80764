"""What a hidden part of a picture is replaced with. All return an x of the shape of the one given, [colours, height, width]."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import torch
import torch.nn.functional as F
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
    out, width = x[None], 2 * radius + 1
    for _ in range(3):  # down, then across: the same box at a fraction of the cost
        out = F.avg_pool2d(F.pad(out, (0, 0, radius, radius), mode="reflect"), (width, 1), stride=1)
        out = F.avg_pool2d(F.pad(out, (radius, radius, 0, 0), mode="reflect"), (1, width), stride=1)
    return out[0]
