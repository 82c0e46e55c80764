"""How good sounds are: pitch, class, and distance from real ones. Numpy; sounds are [items, samples].

* Pitch: the first high peak of the autocorrelation, between samples by zero-padding the power spectrum.
* Log-spectral distance: root mean squared difference of two spectrograms in decibels (Gray, Markel, IEEE TASSP 24(5), 1976),
  here to the nearest real sound, since a sample has no original.
* The judge of classes looks at the same spectrograms.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from data.notes import frequency_hz
from lightning_modules.diffusion.drawing.sound_pictures import spectrogram_db
from lightning_modules.quality import nearest_distances

Sounds = npt.NDArray[np.floating]

CENTS_OFF = 50.0
"""A pitch within half a semitone of the asked note is that note."""
_LOWEST_HZ, _HIGHEST_HZ = 80.0, 1000.0
_FINER = 8
_HIGH_PEAK = 0.85
_WINDOW, _HOP = 512, 256


def features_db(sounds: Sounds) -> npt.NDArray[np.float64]:
    """Spectrograms in decibels, flat [items, frequencies x frames]."""
    return np.stack([spectrogram_db(sound, window=_WINDOW, hop=_HOP).ravel() for sound in sounds])


def pitch_hz(sound: Sounds, rate_hz: int) -> float:
    """The pitch of one sound [samples]; NaN when it is silent or has none between 80 and 1,000 Hz."""
    samples = len(sound)
    power = np.abs(np.fft.rfft(sound - sound.mean(), n=2 * samples)) ** 2
    if not np.isfinite(power).all() or power.sum() <= 1e-12:
        return float("nan")
    likeness = np.fft.irfft(power, n=2 * samples * _FINER)[: samples * _FINER]
    first = int(rate_hz / _HIGHEST_HZ * _FINER)
    lags = np.arange(first, int(rate_hz / _LOWEST_HZ * _FINER))
    found = likeness[lags]
    peaks = np.flatnonzero((found[1:-1] >= found[:-2]) & (found[1:-1] > found[2:])) + 1
    if not len(peaks) or found[peaks].max() <= 0:
        return float("nan")
    high = peaks[found[peaks] >= _HIGH_PEAK * found[peaks].max()]
    return float(rate_hz * _FINER / lags[high[0]])


def pitch_accuracy(sounds: Sounds, asked: Sequence[str], rate_hz: int) -> float | None:
    """Share of the sounds whose class ends in a note that sound at that note; None when no class does."""
    wanted = [frequency_hz(name) for name in asked]
    hits = [
        abs(1200 * np.log2(pitch_hz(sound, rate_hz) / hz)) <= CENTS_OFF
        for sound, hz in zip(sounds, wanted, strict=True)
        if hz is not None
    ]
    return float(np.mean(hits)) if hits else None


def log_spectral_distance(features: npt.NDArray[np.float64], known: npt.NDArray[np.float64]) -> float:
    """Mean distance in decibels to the nearest known sound; both are `features_db`."""
    return float(nearest_distances(features, known).mean() / np.sqrt(features.shape[1]))
