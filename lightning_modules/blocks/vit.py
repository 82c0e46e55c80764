"""A small vision transformer (arXiv:2010.11929): an image as a row of patches that attend to each other.

Shapes: x [batch, colours, height, width]; patches [batch, patches, values], row by row; tokens [batch, 1 + patches, width], the first of
which ("class token") belongs to no patch. Blocks are pre-norm; positions are fixed sines and cosines of row and column
(arXiv:2111.06377, appendix A.1), so an image of another size can be read too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Pool = Literal["class", "mean"]


def patchify(x: Tensor, patch: int) -> Tensor:
    """Images -> patches [batch, patches, colours * patch * patch]; the last row and column are repeated where sides do not divide."""
    batch, colours, height, width = x.shape
    x = F.pad(x, (0, -width % patch, 0, -height % patch), mode="replicate")
    rows, columns = x.shape[2] // patch, x.shape[3] // patch
    cut = x.reshape(batch, colours, rows, patch, columns, patch).permute(0, 2, 4, 1, 3, 5)
    return cut.reshape(batch, rows * columns, colours * patch * patch)


def unpatchify(patches: Tensor, shape: Sequence[int], patch: int) -> Tensor:
    """The images of `shape` that these patches were cut from."""
    colours, height, width = shape
    rows, columns = grid_of(height, width, patch)
    laid = patches.reshape(len(patches), rows, columns, colours, patch, patch).permute(0, 3, 1, 4, 2, 5)
    return laid.reshape(len(patches), colours, rows * patch, columns * patch)[:, :, :height, :width]


def grid_of(height: int, width: int, patch: int) -> tuple[int, int]:
    """Rows and columns of patches."""
    return -(-height // patch), -(-width // patch)


def positions(rows: int, columns: int, width: int, *, of: tuple[int, int] | None = None) -> Tensor:
    """Sines and cosines of the place of each patch [rows * columns, width].

    With `of`, the grid is a coarser or finer one on a frame that has `of` rows and columns of patches.
    """
    quarter = width // 4
    frequencies = torch.exp(-math.log(10_000) * torch.arange(quarter) / quarter)
    whole = of or (rows, columns)

    def waves(count: int, along: int) -> Tensor:
        angles = ((torch.arange(count) + 0.5) * along / count - 0.5)[:, None] * frequencies
        return torch.cat([angles.sin(), angles.cos()], dim=1)

    down, across = waves(rows, whole[0]), waves(columns, whole[1])
    found = torch.zeros(rows, columns, width)
    found[..., : 2 * quarter] = down[:, None]
    found[..., 2 * quarter : 4 * quarter] = across[None]
    return found.reshape(rows * columns, width)


class SelfAttention(nn.Module):
    """Every token attends to every token: [batch, tokens, width] -> the same."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.queries_keys_values = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.maps: list[Tensor] | None = None

    def forward(self, tokens: Tensor) -> Tensor:
        batch, count, width = tokens.shape
        joint = self.queries_keys_values(tokens).view(batch, count, 3, self.heads, width // self.heads)
        q, k, v = joint.permute(2, 0, 3, 1, 4).unbind(0)  # each [batch, heads, tokens, head width]
        mixed = F.scaled_dot_product_attention(q, k, v)
        if self.maps is not None:
            self.maps.append((q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5).softmax(dim=-1).detach())
        out: Tensor = self.out(mixed.transpose(1, 2).reshape(batch, count, width))
        return out


class TransformerLayer(nn.Module):
    """Attention, then a perceptron of four times the width, each after a LayerNorm and added to its input."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(width)
        self.attention = SelfAttention(width, heads)
        self.perceptron_norm = nn.LayerNorm(width)
        self.perceptron = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, tokens: Tensor) -> Tensor:
        tokens = tokens + self.attention(self.attention_norm(tokens))
        out: Tensor = tokens + self.perceptron(self.perceptron_norm(tokens))
        return out


class VisionTransformer(nn.Module):
    """x -> features [batch, width]: the class token, or the mean of the patches' tokens.

    `even`: each feature is brought to mean 0 and variance 1 over the batch (arXiv:2111.06377, appendix A.1, does so before a probe). What
    all images have in common is most of a class token at first, and would drown what tells them apart.
    """

    def __init__(
        self,
        shape: Sequence[int],
        *,
        patch: int,
        width: int,
        layers: int,
        heads: int,
        pool: Pool = "class",
        even: bool = False,
    ) -> None:
        super().__init__()
        self.even: nn.Module = nn.BatchNorm1d(width, affine=False) if even else nn.Identity()
        colours, height, across = shape
        self.patch, self.pool, self.features = patch, pool, width
        self.grid = grid_of(height, across, patch)
        self.enter = nn.Linear(colours * patch * patch, width)
        self.first = nn.Parameter(0.02 * torch.randn(width))
        self.layers = nn.Sequential(*(TransformerLayer(width, heads) for _ in range(layers)))
        self.norm = nn.LayerNorm(width)
        self.register_buffer("places", positions(*self.grid, width), persistent=False)

    def embedded(self, x: Tensor) -> Tensor:
        """Patches with their places, before the first layer: [batch, patches, width]."""
        grid = grid_of(x.shape[2], x.shape[3], self.patch)
        assert isinstance(self.places, Tensor)
        places = self.places
        if grid != self.grid:
            places = positions(*grid, self.features, of=self.grid).to(places.device)
        tokens: Tensor = self.enter(patchify(x, self.patch)) + places
        return tokens

    def tokens(self, embedded: Tensor) -> Tensor:
        """Embedded patches, all or some of them [batch, some, width] -> tokens [batch, 1 + some, width]."""
        first = self.first.expand(len(embedded), 1, -1).to(embedded.dtype)
        found: Tensor = self.norm(self.layers(torch.cat([first, embedded], dim=1)))
        return found

    def forward(self, x: Tensor) -> Tensor:
        tokens = self.tokens(self.embedded(x))
        pooled: Tensor = self.even(tokens[:, 0] if self.pool == "class" else tokens[:, 1:].mean(dim=1))
        return pooled


@contextmanager
def attention_maps(network: nn.Module) -> Iterator[list[Tensor]]:
    """What the tokens look at inside the block: [batch, heads, tokens, tokens] for each layer and call; rows sum to 1.

    The fused kernel does not give its weights away, so they are worked out beside it: the output stays the same, to the bit.
    """
    found: list[Tensor] = []
    layers = [layer for layer in network.modules() if isinstance(layer, SelfAttention)]
    for layer in layers:
        layer.maps = found
    try:
        yield found
    finally:
        for layer in layers:
            layer.maps = None
