"""Sounds as pictures: the waveform above, the spectrogram below it, many side by side. Numpy only.

The spectrogram is the magnitude of the short-time Fourier transform (Hann window) in decibels below the loudest
moment of the sound, in the colours of viridis (S. van der Walt, N. Smith, CC0).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from data.catalog import FloatArray
from lightning_modules.diffusion.gallery import Pixels

WINDOW = 256
HOP = 64
FLOOR_DB = -60.0
_WAVE_PX = 40
_GAP = 3
_PAPER = 255
_INK = np.array([61, 71, 184], dtype=np.uint8)
_VIRIDIS = np.array(
    [(68, 1, 84), (72, 40, 120), (62, 74, 137), (49, 104, 142), (38, 130, 142), (31, 158, 137), (53, 183, 121),
     (109, 205, 89), (180, 222, 44), (253, 231, 37)], dtype=np.float64,
)  # fmt: skip


def spectrogram_db(wave: npt.NDArray[np.floating], *, window: int = WINDOW, hop: int = HOP) -> npt.NDArray[np.float64]:
    """Decibels below the loudest bin, [window / 2 + 1 frequencies, frames], not below `FLOOR_DB`; wave [samples]."""
    padded = np.pad(np.nan_to_num(wave).astype(np.float64), window // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop]
    magnitude = np.abs(np.fft.rfft(frames * np.hanning(window), axis=1)).T
    loudest = max(float(magnitude.max()), 1e-9)
    found: npt.NDArray[np.float64] = 20 * np.log10(np.maximum(magnitude / loudest, 10 ** (FLOOR_DB / 20)))
    return found


def sound_tile(wave: npt.NDArray[np.floating]) -> Pixels:
    """One sound [samples] as [height, width, 3]: waveform in [-1, 1] above its spectrogram, low frequencies below."""
    level = 1 - spectrogram_db(wave)[::-1] / FLOOR_DB
    place = level * (len(_VIRIDIS) - 1)
    below = np.minimum(place.astype(int), len(_VIRIDIS) - 2)
    share = (place - below)[..., None]
    colours = (_VIRIDIS[below] * (1 - share) + _VIRIDIS[below + 1] * share).round().astype(np.uint8)
    return np.concatenate([_waveform(wave, colours.shape[1]), colours])


def sound_grid(waves: Sequence[npt.NDArray[np.floating]] | FloatArray, columns: int) -> Pixels:
    """Tiles of sounds [items, samples], row by row: [height, width, 3] bytes."""
    tiles = [sound_tile(np.asarray(wave).reshape(-1)) for wave in waves]
    return tiled(tiles, columns, gap=_GAP)


def tiled(tiles: Sequence[Pixels], columns: int, *, gap: int) -> Pixels:
    """Tiles of one size [height, width, 3], row by row on white."""
    height, width, _ = tiles[0].shape
    rows = -(-len(tiles) // columns)
    canvas = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap, 3), _PAPER, dtype=np.uint8)
    for k, tile in enumerate(tiles):
        top, left = (k // columns) * (height + gap), (k % columns) * (width + gap)
        canvas[top : top + height, left : left + width] = tile
    return canvas


def _waveform(wave: npt.NDArray[np.floating], width: int) -> Pixels:
    """The range of the wave in each column as a bar, [_WAVE_PX, width, 3]."""
    parts = np.array_split(np.clip(np.nan_to_num(wave), -1, 1), width)
    high = np.array([part.max() for part in parts])
    low = np.array([part.min() for part in parts])
    middle = (_WAVE_PX - 1) / 2
    rows = np.arange(_WAVE_PX)[:, None]
    inked = (rows >= np.floor(middle - high * middle)) & (rows <= np.ceil(middle - low * middle))
    canvas = np.full((_WAVE_PX, width, 3), _PAPER, dtype=np.uint8)
    canvas[inked] = _INK
    return canvas
