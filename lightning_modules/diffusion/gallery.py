"""Samples as pictures: grids and strips of images, and a bird's-eye view of points in the plane."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from data.catalog import FloatArray

Pixels = npt.NDArray[np.uint8]

SMALLEST_SIDE = 32
_GAP = 1
_BACKGROUND = 255
_VIEW = 320
_REAL = np.array([226, 228, 239], dtype=np.float32)
_DRAWN = np.array([61, 71, 184], dtype=np.float32)


def to_bytes(images: FloatArray) -> Pixels:
    """[items, 1 or 3, height, width] in [-1, 1] to [items, height, width, 1 or 3] bytes; NaN becomes black."""
    scaled: Pixels = np.nan_to_num((np.clip(images, -1, 1) + 1) * 127.5).round().astype(np.uint8)
    return scaled.transpose(0, 2, 3, 1)


def image_grid(images: FloatArray, columns: int) -> Pixels:
    """Images side by side, row by row, each enlarged in whole pixels to at least 32 px: [height, width(, 3)] bytes."""
    pixels = to_bytes(images)
    enlarge = max(1, -(-SMALLEST_SIDE // pixels.shape[1]))
    pixels = pixels.repeat(enlarge, axis=1).repeat(enlarge, axis=2)
    items, height, width, colours = pixels.shape
    rows = -(-items // columns)
    canvas = np.full((rows * (height + _GAP) - _GAP, columns * (width + _GAP) - _GAP, colours), _BACKGROUND, np.uint8)
    for k, tile in enumerate(pixels):
        top, left = (k // columns) * (height + _GAP), (k % columns) * (width + _GAP)
        canvas[top : top + height, left : left + width] = tile
    return canvas[..., 0] if colours == 1 else canvas


def point_view(points: FloatArray, real: FloatArray, reach: float) -> Pixels:
    """Points [items, 2] in indigo over real ones in grey, on the square [-reach, reach]²: [320, 320, 3] bytes."""
    canvas = np.full((_VIEW, _VIEW, 3), _BACKGROUND, dtype=np.float32)
    for cloud, ink in ((real, _REAL), (points, _DRAWN)):
        depth = _density(cloud, reach)[..., None]
        canvas = canvas * (1 - depth) + ink * depth
    return canvas.round().astype(np.uint8)


def point_strip(clouds: list[FloatArray], real: FloatArray, reach: float) -> Pixels:
    """Several views side by side, at a third of the size."""
    views = [point_view(cloud, real, reach)[::2, ::2] for cloud in clouds]
    gap = np.full((views[0].shape[0], _GAP, 3), _BACKGROUND, dtype=np.uint8)
    pieces = [piece for view in views for piece in (view, gap)]
    return np.concatenate(pieces[:-1], axis=1)


def _density(cloud: FloatArray, reach: float) -> FloatArray:
    """How inked each pixel is, 0..1, each point drawn as a dot of 3×3 pixels."""
    places = np.nan_to_num((cloud + reach) / (2 * reach) * (_VIEW - 1), nan=-9).round().astype(np.int64)
    ink = np.zeros((_VIEW, _VIEW), dtype=np.float32)
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            column, row = places[:, 0] + dx, _VIEW - 1 - places[:, 1] + dy
            inside = (column >= 0) & (column < _VIEW) & (row >= 0) & (row < _VIEW)
            np.add.at(ink, (row[inside], column[inside]), 0.45)
    return np.minimum(ink, 1)
