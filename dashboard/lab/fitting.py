"""A picture brought to the shape that a model knows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageOps

from data.catalog import FloatArray


def fitted(picture: Image.Image, shape: Sequence[int], *, negative: bool) -> FloatArray:
    """A picture as an item of `shape` [colours, height, width] in [-1, 1]: its middle, at that size; light and dark exchanged if wanted."""
    colours, height, width = shape
    small = ImageOps.fit(picture.convert("L" if colours == 1 else "RGB"), (width, height), Image.Resampling.LANCZOS)
    pixels = np.asarray(ImageOps.invert(small) if negative else small, dtype=np.float32).reshape(height, width, colours)
    found: FloatArray = np.ascontiguousarray(pixels.transpose(2, 0, 1)) / np.float32(127.5) - np.float32(1)
    return found
