"""Sounds and clouds of points as small pictures on a clear ground, for light and dark screens alike; and sounds to play.

A sound is its waveform over its spectrogram: short-time Fourier transform with a Hann window, its magnitude in decibels
below the loudest. A cloud is seen from above at an angle, near points darker than far ones.
"""

from __future__ import annotations

import io
import math
import wave

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

Sounds = npt.NDArray[np.float32]

COLUMNS, ROWS = 4, 2
INK = (108, 118, 236)
WIDTH_PX = 640
_TILE_PX = WIDTH_PX // COLUMNS
_GAP_PX = 8
_WAVE_PX = 44
_SPECTRUM_PX = 108
_WINDOW = 256
_QUIETEST_DB = -60.0
_PAUSE_S = 0.25
_LONGEST_S = 12.0
_TURN, _TILT = math.radians(30), math.radians(25)
_DOT_PX = 5


def sounds(items: Sounds) -> Image.Image:
    """[items, 1, samples] in [-1, 1], at most eight, each as waveform and spectrogram."""
    return _grid([_sound(item[0]) for item in items[: COLUMNS * ROWS]], _WAVE_PX + _SPECTRUM_PX)


def clouds(items: Sounds) -> Image.Image:
    """[items, points, 3], at most eight, each filling its tile."""
    return _grid([_cloud(item) for item in items[: COLUMNS * ROWS]], _TILE_PX)


def playable(items: Sounds, rate_hz: int) -> bytes:
    """The sounds [items, 1, samples] that `sounds` shows, one after the other with a pause between, as WAV of 16 bits."""
    pause = np.zeros(round(_PAUSE_S * rate_hz), dtype=np.float32)
    together = np.concatenate([part for item in items[: COLUMNS * ROWS] for part in (item[0], pause)])
    samples = (np.clip(together[: round(_LONGEST_S * rate_hz)], -1, 1) * 32767).astype("<i2")
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(samples.tobytes())
    return written.getvalue()


def spectrogram_db(samples: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Magnitudes [frequencies, frames] in dB below the loudest, low frequencies first; -60 and less is silence."""
    window = min(_WINDOW, len(samples))
    hop = max(1, window // 4)
    frames = np.lib.stride_tricks.sliding_window_view(samples.astype(np.float64), window)[::hop]
    magnitude = np.abs(np.fft.rfft(frames * np.hanning(window), axis=1)).T
    floor = magnitude.max() * 10 ** (_QUIETEST_DB / 20)
    if floor == 0:
        return np.full(magnitude.shape, _QUIETEST_DB)
    decibels: npt.NDArray[np.float64] = 20 * np.log10(np.maximum(magnitude, floor) / magnitude.max())
    return decibels


def _sound(samples: npt.NDArray[np.float32]) -> Image.Image:
    tile = Image.new("RGBA", (_TILE_PX, _WAVE_PX + _SPECTRUM_PX))
    draw = ImageDraw.Draw(tile)
    for column, part in enumerate(np.array_split(samples, _TILE_PX)):
        if len(part):
            high, low = (_WAVE_PX / 2 * (1 - float(level) * 0.95) for level in (part.max(), part.min()))
            draw.line((column, high, column, max(low, high + 1)), fill=(*INK, 255))
    depth = (1 - spectrogram_db(samples)[::-1] / _QUIETEST_DB) * 255  # high frequencies on top
    shade = Image.fromarray(depth.round().astype(np.uint8)).resize((_TILE_PX, _SPECTRUM_PX), Image.Resampling.BILINEAR)
    colour = Image.new("RGBA", shade.size, (*INK, 255))
    colour.putalpha(shade)
    tile.paste(colour, (0, _WAVE_PX))
    return tile


def _cloud(points: npt.NDArray[np.float32]) -> Image.Image:
    """Turned about the vertical axis z, tilted towards us, drawn twice as large and shrunk, far points first."""
    side = 2 * _TILE_PX
    x, y, z = (points - (points.min(axis=0) + points.max(axis=0)) / 2).T.astype(np.float64)
    across = x * math.cos(_TURN) - y * math.sin(_TURN)
    away = x * math.sin(_TURN) + y * math.cos(_TURN)
    up, away = z * math.cos(_TILT) + away * math.sin(_TILT), away * math.cos(_TILT) - z * math.sin(_TILT)
    scale = (side / 2 - 4 * _DOT_PX) / (max(np.abs(across).max(), np.abs(up).max()) or 1.0)
    nearness = 1 - (away - away.min()) / (np.ptp(away) or 1.0)
    image = Image.new("RGBA", (side, side))
    draw = ImageDraw.Draw(image)
    for k in np.argsort(nearness):
        left, top = side / 2 + across[k] * scale, side / 2 - up[k] * scale
        box = (left - _DOT_PX, top - _DOT_PX, left + _DOT_PX, top + _DOT_PX)
        draw.ellipse(box, fill=(*INK, round(70 + 185 * nearness[k])))
    return image.resize((_TILE_PX, _TILE_PX), Image.Resampling.LANCZOS)


def _grid(tiles: list[Image.Image], height: int) -> Image.Image:
    rows = -(-len(tiles) // COLUMNS)
    whole = Image.new("RGBA", (COLUMNS * (_TILE_PX + _GAP_PX) - _GAP_PX, rows * (height + _GAP_PX) - _GAP_PX))
    for k, tile in enumerate(tiles):
        whole.paste(tile, (k % COLUMNS * (_TILE_PX + _GAP_PX), k // COLUMNS * (height + _GAP_PX)))
    return whole
