"""A map as lines of equal height over the untouched picture: nothing of it is covered, and lines need no colour to be told apart."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dashboard.figures.overlay import Map, Pixels, as_png, edge, enlarged

SHARES = (0.2, 0.5, 0.8)
"""What of all that speaks for lies within each line, the innermost first."""

_WIDTHS_PX = (4, 2, 1)
_SMOOTH = 0.015
"""Radius within which the map is evened out, as a share of the longer side: else every grain of a gradient has a line of its own."""
_GRAIN = 1e-6
"""Steps of the smoothed map, as a share of its greatest: without them the rounding of the transform would draw lines across a plateau."""
_LINE, _HALO = (255, 255, 255), (20, 20, 30)


def contours(seen: Pixels, shown: Map) -> bytes:
    """The picture with a line around each of the smallest regions that hold `SHARES` of all that speaks for, as PNG.

    Args:
        seen: What the model saw [height, width, 3].
        shown: The map [height, width]; only what is above zero counts.
    """
    large = enlarged(seen)
    height = smoothed(enlarged(np.maximum(shown, 0)), _SMOOTH * max(large.shape[:2]))
    if not height.any():
        return as_png(large)
    lines = [
        thick(_within(edge(smallest_region(height, share))), px) for share, px in zip(SHARES, _WIDTHS_PX, strict=True)
    ]
    drawn = large.copy()
    drawn[thick(np.logical_or.reduce(lines), 3)] = _HALO
    drawn[np.logical_or.reduce(lines)] = _LINE
    return as_png(drawn)


def smallest_region(height: Map, share: float) -> npt.NDArray[np.bool_]:
    """The fewest places [height, width] that together hold this share of the sum of `height`, which is nowhere below zero."""
    falling = np.sort(height, axis=None)[::-1]
    held = np.cumsum(falling)
    lowest = falling[min(int(np.searchsorted(held, share * held[-1])), len(falling) - 1)]
    inside: npt.NDArray[np.bool_] = (height >= lowest) & (height > 0)
    return inside


def smoothed(height: Map, radius: float) -> Map:
    """A Gaussian blur of standard deviation `radius` pixels, mirrored at the edges; exact, by the Fourier transform."""
    reach = min(int(np.ceil(6 * radius)), min(height.shape) - 1)
    padded = np.pad(height, reach, mode="reflect")
    down, across = np.fft.fftfreq(padded.shape[0])[:, None], np.fft.rfftfreq(padded.shape[1])[None]
    passing = np.exp(-2 * (np.pi * radius) ** 2 * (down**2 + across**2))
    blurred = np.fft.irfft2(np.fft.rfft2(padded) * passing, padded.shape)
    inner = blurred[reach : reach + height.shape[0], reach : reach + height.shape[1]]
    grain = _GRAIN * float(height.max(initial=0.0)) or 1.0
    stepped: Map = np.round(inner / grain) * grain
    return stepped


def thick(line: npt.NDArray[np.bool_], px: int) -> npt.NDArray[np.bool_]:
    """A line widened to about `px` pixels."""
    wide = line.copy()
    for k in range(px - 1):
        padded, to = np.pad(wide, 1), 2 * (k % 2)
        wide |= padded[to : to + line.shape[0], 1:-1] | padded[1:-1, to : to + line.shape[1]]
    return wide


def _within(line: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The line without what runs along the rim of the picture, where a region is only cut off."""
    inner = np.zeros_like(line)
    inner[1:-1, 1:-1] = line[1:-1, 1:-1]
    return inner
