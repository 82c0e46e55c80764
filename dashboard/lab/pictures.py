"""Pictures for the lab: noisy ones made visible, what of a picture survives the noise, and items of any kind drawn.

Notation: a picture [channels, height, width] in [-1, 1].
"""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
from PIL import Image

from data.catalog import Kind
from lightning_modules.diffusion.drawing import gallery
from lightning_modules.diffusion.drawing.gallery import Pixels

Array = npt.NDArray[np.float64]

_SPREADS_SHOWN = 2.0
_STRONGEST = 1e-6


def visible(x: npt.NDArray[np.floating], signal: float, level: float) -> npt.NDArray[np.float32]:
    """x_t in [-1, 1]: divided by signal + 2 · level, so that clean pixels stay as they are and noise of two deviations just fits."""
    shown: npt.NDArray[np.float32] = np.clip(x / (signal + _SPREADS_SHOWN * level), -1, 1).astype(np.float32)
    return shown


def bands(picture: npt.NDArray[np.floating]) -> tuple[Array, Array]:
    """How strong a picture is at each fineness: frequencies [bands] in cycles per pixel, and power there [bands].

    Noise of variance 1 has power 1 at every frequency, so a band is drowned where signal² · power < level².
    """
    _, height, width = picture.shape
    power = (np.abs(np.fft.fft2(picture - picture.mean(axis=(1, 2), keepdims=True))) ** 2).mean(axis=0) / (
        height * width
    )
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None, :])
    count = max(2, min(height, width) // 2)
    edges = np.linspace(0, 0.5, count + 1)
    band = np.digitize(frequency.ravel(), edges) - 1
    inside = (band < count) & (frequency.ravel() > 0)
    total = np.bincount(band[inside], weights=power.ravel()[inside], minlength=count)
    number = np.bincount(band[inside], minlength=count)
    held = number > 0
    centres = (edges[:-1] + edges[1:]) / 2
    return centres[held], total[held] / number[held]


def finest_surviving(picture: npt.NDArray[np.floating], signal: float, level: float) -> float | None:
    """Size in pixels (half a wave) of the finest detail that still stands out of the noise; None when nothing does."""
    frequencies, power = bands(picture)
    above = (signal**2 * power > level**2) & (power > _STRONGEST)
    return float(0.5 / frequencies[above].max()) if above.any() else None


def pixels_of(items: npt.NDArray[np.floating], kind: Kind, *, columns: int, reach: float = 0.0) -> Pixels:
    """Items [n, *shape] of any kind of data as one picture, `columns` abreast; points share one plane."""
    x = np.nan_to_num(np.asarray(items, dtype=np.float32))
    if kind == "points":
        return gallery.point_view(x, x[:0], reach or float(np.abs(x).max()) * 1.05 + 1e-6)
    if kind == "audio":
        return gallery.tiles([gallery.wave(item[0], width=160) for item in x], columns)
    if kind == "cloud":
        return gallery.tiles([gallery.cloud_view(item, reach or 1.5) for item in x], columns)
    if x.shape[1] not in (1, 3):  # latents: their first three channels, at a common brightness
        x = x[:, :3] if x.shape[1] > 3 else x[:, :1]
        x = x / (np.abs(x).max() or 1.0)
    return gallery.image_grid(x, columns)


def png(pixels: Pixels, *, width: int) -> bytes:
    """Pixels as a PNG, enlarged in whole pixels to at least about `width`, so that browsers do not blur them."""
    factor = max(1, round(width / pixels.shape[1]))
    image = Image.fromarray(pixels)
    if factor > 1:
        image = image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)
    written = io.BytesIO()
    image.save(written, "PNG", compress_level=1)
    return written.getvalue()
