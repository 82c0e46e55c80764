"""A picture larger than the one a model was trained on: denoised as a whole, through overlapping tiles.

At every step each tile is denoised by itself and the predicted x_0 are averaged where tiles overlap, more weight on the
middle of a tile (MultiDiffusion, arXiv:2302.08113, equation 5, with weights). So there are no seams, and any sampler walks
over the whole picture as over a small one.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from lightning_modules.diffusion.asking.requests import SampleRequest
from lightning_modules.diffusion.parts.image_to_image import ImageToImage
from lightning_modules.diffusion.process.condition import Condition
from lightning_modules.diffusion.process.item_noise import ItemNoise
from lightning_modules.diffusion.process.objectives import Prediction
from lightning_modules.diffusion.process.stages import Walk, last
from lightning_modules.diffusion.samplers import SAMPLERS

MOST_TILES = 200
_OVERLAP = 0.25
_TOGETHER = 32
Tile = tuple[slice, slice]


def tiles(height: int, width: int, tile: tuple[int, int]) -> list[Tile]:
    """Tiles of one size that cover a picture at least as large, each overlapping the next by a quarter or more."""
    rows, columns = (_starts(whole, one) for whole, one in zip((height, width), tile, strict=True))
    return [(slice(top, top + tile[0]), slice(left, left + tile[1])) for top in rows for left in columns]


def padded(x: Tensor, height: int, width: int) -> Tensor:
    """[n, colours, ...] made at least so large by repeating its right and lower edge."""
    more = (0, max(0, width - x.shape[-1]), 0, max(0, height - x.shape[-2]))
    return F.pad(x, more, mode="replicate") if any(more) else x


def drawn(model: ImageToImage, request: SampleRequest, condition: Condition) -> Tensor:
    """Results [count, *colours, height, width] for a condition of one picture at least as large as the model's own."""
    base = condition.more["base"]
    colours, height, width = base.shape[1:]
    places = tiles(height, width, (model.data_shape[1], model.data_shape[2]))
    weights = _weights(model.data_shape[1], model.data_shape[2], base.device)
    total = torch.zeros(height, width, device=base.device)
    for place in places:
        total[place] += weights
    pieces = {name: _cut(condition.more[name], places) for name in ("told", "base")}

    def denoise(x: Tensor, t: float) -> Prediction:
        signal, level = model.noising.factors(t)
        blended = torch.zeros_like(x)
        for start in range(0, len(places), _TOGETHER):
            some = places[start : start + _TOGETHER]
            told = Condition(None, {name: piece[start : start + _TOGETHER] for name, piece in pieces.items()})
            steps = torch.full((len(some),), t, dtype=torch.float64, device=x.device)
            x0 = model.says(_cut(x, some), steps, told).x0
            for place, one in zip(some, x0, strict=True):
                blended[..., place[0], place[1]] += weights * one
        x0 = model.impose((blended / total).clamp(-1, 1), condition)
        return Prediction(x0, (x - signal * x0) / level)

    sampler = SAMPLERS[request.sampler]
    grid = sampler.grid(model.noising.steps, request.steps)
    found = []
    for number in range(request.count):
        noise = ItemNoise(request.seed, number, 1, (colours, height, width), base.device)
        walk = Walk(denoise, model.noising, model.noising.start_scale * noise(), grid, noise, request.eta)
        found.append(model.impose(last(sampler.walk(walk)), condition))
    return torch.cat(found)


def _starts(whole: int, tile: int) -> list[int]:
    if whole <= tile:
        return [0]
    count = -(-(whole - tile) // max(1, round(tile * (1 - _OVERLAP)))) + 1
    return [round(k * (whole - tile) / (count - 1)) for k in range(count)]


def _cut(x: Tensor, places: list[Tile]) -> Tensor:
    """[1, colours, ...] -> [tiles, colours, tile height, tile width]."""
    return torch.cat([x[..., place[0], place[1]] for place in places])


def _weights(height: int, width: int, device: torch.device) -> Tensor:
    """Weight of each pixel of a tile: 1 in the middle, falling towards the edges, never 0."""
    down, across = (
        1 - ((torch.arange(n, device=device) + 0.5) / n * 2 - 1).abs() * (1 - 1 / n) for n in (height, width)
    )
    return down[:, None] * across[None, :]
