"""Sounds as pictures: the waveform above, the spectrogram below it, many side by side. Numpy only.

The spectrogram is the magnitude of the short-time Fourier transform (Hann window) in decibels below the loudest
moment of the sound, in the colours of viridis (S. van der Walt, N. Smith, CC0).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from data.catalog import FloatArray
from lightning_modules.diffusion.drawing.gallery import Pixels
from lightning_modules.diffusion.drawing.views import View

WINDOW = 256
HOP = 64
FLOOR_DB = -60.0
_WAVE_PX = 40
_PAUSE_S = 0.12
_SHOWN = 10
_MOST_DRAWN = 40
_STRIP_ROWS = 3
_GAP = 3
_PAPER = 255
_INK = np.array([61, 71, 184], dtype=np.uint8)
_VIRIDIS = np.array(
    [(68, 1, 84), (72, 40, 120), (62, 74, 137), (49, 104, 142), (38, 130, 142), (31, 158, 137), (53, 183, 121),
     (109, 205, 89), (180, 222, 44), (253, 231, 37)], dtype=np.float64,
)  # fmt: skip


def one_after_another(sounds: npt.NDArray[np.floating], rate_hz: int) -> npt.NDArray[np.float32]:
    """Sounds [items, samples] as one, with a short pause after each."""
    quiet = np.zeros((len(sounds), round(_PAUSE_S * rate_hz)), dtype=np.float32)
    return np.concatenate([sounds.astype(np.float32), quiet], axis=1).reshape(-1)


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


class SoundView(View):
    """Some sounds of different classes, evenly from first to last class."""

    def __init__(self, classes: Sequence[str]) -> None:
        self.classes = tuple(classes)
        self.count = len(classes) if _SHOWN <= len(classes) <= _MOST_DRAWN else _SHOWN

    def chosen(self, items: Sequence[object] | FloatArray) -> list[int]:
        """Numbers of the items that are shown."""
        return [int(k) for k in np.linspace(0, len(items) - 1, min(_SHOWN, len(items))).round()]

    def names(self, items: Sequence[object] | FloatArray) -> list[str]:
        """The classes of those, when the model is told classes: samples come class by class."""
        return [self.classes[k % len(self.classes)] for k in self.chosen(items)] if self.classes else []

    def grid(self, items: FloatArray) -> Pixels:
        """Waveforms above spectrograms, two rows."""
        shown = self.chosen(items)
        return sound_grid(items[shown], -(-len(shown) // 2))

    def strip(self, frames: Sequence[FloatArray]) -> Pixels:
        """A row for each of the first sounds shown."""
        rows = self.chosen(frames[-1])[:: max(1, _SHOWN // _STRIP_ROWS)][:_STRIP_ROWS]
        return sound_grid([frame[k] for k in rows for frame in frames], len(frames))
