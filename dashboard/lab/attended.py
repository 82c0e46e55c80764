"""What a vision transformer looks at, laid over the picture: from one place, in all heads, and through the layers.

Attention is [layers, heads, 1 + patches, 1 + patches], rows summing to 1; token 0 is the class token, the patches follow row by row. A
picture is [colours, height, width] in [-1, 1]; patches at its right and lower edge may reach beyond it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lightning_modules.ssl.pointing import Cut

Array = npt.NDArray[np.float64]
Pixels = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]

_PALE = 0.65
"""How much of the picture's own contrast stays below the colour."""
_STRONG = 0.8
_GAP = 3


def overlay(x: npt.NDArray[np.floating], weights: Array, cut: Cut, ink: Colour, *, mark: int | None = None) -> Pixels:
    """The picture in pale grey under the weights [rows, columns] in `ink`, the weakest none, the strongest full: [height, width, 3] bytes.

    `mark` is the number of a patch to be framed: the one that looks.
    """
    _, height, width = x.shape
    scale = max(1, 336 // max(height, width))
    grey = 0.5 + 0.5 * _PALE * np.clip(x.mean(axis=0), -1, 1)
    above = weights - weights.min()
    strength = (above / max(float(above.max()), 1e-12)).repeat(cut.patch, 0).repeat(cut.patch, 1)[:height, :width]
    depth = (_STRONG * strength)[..., None]
    mixed = 255 * grey[..., None] * (1 - depth) + np.array(ink) * depth
    canvas: Pixels = mixed.round().astype(np.uint8).repeat(scale, 0).repeat(scale, 1)
    if mark is not None:
        side, (row, column) = cut.patch * scale, divmod(mark, cut.columns)
        _frame(canvas, row * side, column * side, side, ink)
    return canvas


def _frame(canvas: Pixels, top: int, left: int, side: int, ink: Colour) -> None:
    """A frame around the square at (top, left)."""
    bottom, right = min(top + side, canvas.shape[0]), min(left + side, canvas.shape[1])
    for rows, columns in (
        (slice(top, top + _GAP), slice(left, right)), (slice(bottom - _GAP, bottom), slice(left, right)),
        (slice(top, bottom), slice(left, left + _GAP)), (slice(top, bottom), slice(right - _GAP, right)),
    ):  # fmt: skip
        canvas[rows, columns] = ink


def all_heads(x: npt.NDArray[np.floating], attention: npt.NDArray[np.floating], cut: Cut, ink: Colour) -> Pixels:
    """What the class token looks at, a row a layer, a column a head."""
    layers, heads = attention.shape[:2]
    tiles = [
        [overlay(x, cut.laid(attention[i, j, 0, 1:]), cut, ink)[::2, ::2] for j in range(heads)] for i in range(layers)
    ]
    height, width, _ = tiles[0][0].shape
    canvas = np.full((layers * (height + _GAP) - _GAP, heads * (width + _GAP) - _GAP, 3), 255, np.uint8)
    for i, row in enumerate(tiles):
        for j, tile in enumerate(row):
            top, left = i * (height + _GAP), j * (width + _GAP)
            canvas[top : top + height, left : left + width] = tile
    return canvas
