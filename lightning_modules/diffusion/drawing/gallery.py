"""Samples as pictures: grids and strips of images, points in the plane or in space from above, waveforms."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

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


def wave(sound: FloatArray, *, width: int = 320, height: int = 64) -> Pixels:
    """One sound [samples] in [-1, 1] as the band between its lowest and highest value in each column: [height, width, 3]."""
    edges = np.linspace(0, len(sound), width + 1).astype(int)
    pieces = [np.clip(np.nan_to_num(sound[a : max(b, a + 1)]), -1, 1) for a, b in itertools.pairwise(edges)]
    top, bottom = (
        np.array([round((1 - fold(piece)) / 2 * (height - 1)) for piece in pieces]) for fold in (np.max, np.min)
    )
    rows = np.arange(height)[:, None]
    inked = (rows >= top) & (rows <= bottom)
    return np.where(inked[..., None], _DRAWN, _BACKGROUND).astype(np.uint8)


def cloud_view(cloud: FloatArray, reach: float, *, size: int = 128) -> Pixels:
    """One cloud [points, 3], z up, from a little above and aside; nearer points are darker: [size, size, 3] bytes."""
    x, y, z = np.nan_to_num(cloud, nan=9 * reach).T.astype(np.float64)
    aside, above = np.deg2rad(35), np.deg2rad(20)
    right, depth = x * np.cos(aside) - y * np.sin(aside), x * np.sin(aside) + y * np.cos(aside)
    up, near = z * np.cos(above) + depth * np.sin(above), z * np.sin(above) - depth * np.cos(above)
    canvas = np.full((size, size, 3), _BACKGROUND, dtype=np.float32)
    half = (size - 1) / 2
    column = np.round(half + right / (1.4 * reach) * half).astype(int)
    row = np.round(half - up / (1.4 * reach) * half).astype(int)
    shade = np.clip(0.55 + 0.4 * near / reach, 0.25, 1)
    for k in np.argsort(near):
        if 0 <= column[k] < size - 1 and 0 <= row[k] < size - 1:
            ink = _BACKGROUND * (1 - shade[k]) + _DRAWN * shade[k]
            canvas[row[k] : row[k] + 2, column[k] : column[k] + 2] = ink
    return canvas.round().astype(np.uint8)


def line_chart(curves: Sequence[Sequence[float]], *, mark: int | None = None) -> Pixels:
    """Up to two curves of equal length from 0 upwards, a dashed line at index `mark`: [240, 480, 3] bytes."""
    width, height, edge = 480, 240, 8
    canvas = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(canvas)
    top = max(1e-9, float(np.nanmax(np.asarray(curves))))

    def place(k: float, value: float) -> tuple[float, float]:
        right = edge + k / (len(curves[0]) - 1) * (width - 2 * edge)
        return right, height - edge - value / top * (height - 2 * edge)

    pen.line([place(0, 0), place(len(curves[0]) - 1, 0)], fill=(91, 100, 114))
    if mark is not None and mark < len(curves[0]):
        for low in np.linspace(0, 0.95, 20):
            pen.line([place(mark, low * top), place(mark, (low + 0.025) * top)], fill=(91, 100, 114))
    for curve, ink in zip(curves, (tuple(_DRAWN.astype(int)), (224, 138, 0)), strict=False):
        pen.line([place(k, value) for k, value in enumerate(curve)], fill=ink, width=2)
    return np.asarray(canvas)


def tiles(pictures: list[Pixels], columns: int) -> Pixels:
    """Pictures of one size [height, width, 3] side by side, row by row."""
    height, width, _ = pictures[0].shape
    rows = -(-len(pictures) // columns)
    canvas = np.full((rows * (height + _GAP) - _GAP, columns * (width + _GAP) - _GAP, 3), _BACKGROUND, np.uint8)
    for k, picture in enumerate(pictures):
        top, left = (k // columns) * (height + _GAP), (k % columns) * (width + _GAP)
        canvas[top : top + height, left : left + width] = picture
    return canvas


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
