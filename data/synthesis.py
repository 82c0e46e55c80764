"""Short sounds computed from formulas: strings, bells, pipes, voices and drums.

Every function takes a random generator, a number of items and (for tones) their pitch, and returns [items, samples]
float64 that `finished` brings to a peak below 1. What varies from item to item is drawn from the generator.

* String: the modes of a string plucked at a share p of its length, sin(pi k p)/k, with the losses of the loop of Karplus
  and Strong: in each period mode k keeps rho cos(pi k f / rate) (Jaffe, Smith, Computer Music Journal 7(2), 1983).
* Bell: frequency modulation with a dying index (Chowning, JAES 21(7), 1973), carrier to modulator 1:3.
* Voice: a pulse train's harmonics under three formants (Peterson, Barney, JASA 24, 1952, table II, men).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from data.catalog import FloatArray

RATE_HZ = 8000
SAMPLES = 4096

Waves = npt.NDArray[np.float64]
Tone = Callable[[np.random.Generator, int, float], Waves]
Drum = Callable[[np.random.Generator, int], Waves]

_DETUNE_CENTS = 3.0
_LEVELS = 32767
"""Of a 16-bit file: sounds stand on this grid, so that a written file holds them exactly."""
_FORMANTS_HZ = {"aa": (730, 1090, 2440), "ee": (270, 2290, 3010), "oo": (300, 870, 2240)}
_FORMANT_WIDTHS_HZ = (90, 110, 170)
_SECONDS = np.arange(SAMPLES) / RATE_HZ


def string(generator: np.random.Generator, items: int, pitch_hz: float) -> Waves:
    """A plucked string."""
    f = _detuned(generator, items, pitch_hz)
    place, kept = generator.uniform(0.15, 0.35, items), generator.uniform(0.985, 0.995, items)
    k = _harmonics(pitch_hz)
    strength = np.sin(np.pi * np.outer(place, k)) / k
    in_a_period = kept[:, None] * np.cos(np.pi * np.outer(f, k) / RATE_HZ)
    lasting = f[:, None] * np.log(in_a_period)  # 1/s
    return _partials(_phase(f), strength, lasting)


def bell(generator: np.random.Generator, items: int, pitch_hz: float) -> Waves:
    """A struck bar or bell."""
    phase = _phase(_detuned(generator, items, pitch_hz))
    index, life = generator.uniform(1.5, 2.5, (items, 1)), generator.uniform(0.12, 0.2, (items, 1))
    return np.sin(phase + index * _dying(life / 2) * np.sin(3 * phase)) * _dying(life)


def organ(generator: np.random.Generator, items: int, pitch_hz: float) -> Waves:
    """A pipe organ: a few drawbars, held."""
    f = _detuned(generator, items, pitch_hz)
    bars = np.array([1, 0.8, 0.5, 0.4, 0, 0.3, 0, 0.25])
    strength = bars * generator.uniform(0.7, 1.3, (items, len(bars)))
    return _partials(_phase(f), strength, np.zeros_like(strength)) * _rising(0.02) * _fading(0.05)


def flute(generator: np.random.Generator, items: int, pitch_hz: float) -> Waves:
    """A blown pipe: few harmonics, a slow start, vibrato and breath."""
    f = _detuned(generator, items, pitch_hz)
    depth, rate = generator.uniform(0.05, 0.3, (items, 1)), generator.uniform(4.5, 6, (items, 1))
    phase = _phase(f) + depth * np.sin(2 * np.pi * rate * _SECONDS)
    strength = np.array([1, 0.25, 0.1]) * generator.uniform(0.7, 1.3, (items, 3))
    breath = _band(generator.normal(size=(items, SAMPLES)), 0.5 * pitch_hz, 4 * pitch_hz)
    return (_partials(phase, strength, np.zeros_like(strength)) + 0.08 * breath) * _rising(0.08) * _fading(0.05)


def voice(vowel: str) -> Tone:
    """The singer of one vowel: "aa", "ee" or "oo"."""

    def sung(generator: np.random.Generator, items: int, pitch_hz: float) -> Waves:
        f = _detuned(generator, items, pitch_hz)
        k = _harmonics(pitch_hz)
        heard = np.outer(f, k)
        formants = np.array(_FORMANTS_HZ[vowel]) * generator.uniform(0.95, 1.05, (items, 1))
        strength = np.zeros_like(heard)
        for centre, width in zip(formants.T, _FORMANT_WIDTHS_HZ, strict=True):
            strength += 1 / (1 + ((heard - centre[:, None]) / width) ** 2)
        return _partials(_phase(f), (strength + 0.02) / k, np.zeros_like(heard)) * _rising(0.04) * _fading(0.06)

    return sung


def kick(generator: np.random.Generator, items: int) -> Waves:
    """A bass drum: a tone that falls."""
    low, sweep = generator.uniform(45, 60, (items, 1)), generator.uniform(90, 150, (items, 1))
    fall = generator.uniform(0.02, 0.04, (items, 1))
    phase = 2 * np.pi * (low * _SECONDS + sweep * fall * (1 - _dying(fall)))
    return np.sin(phase) * _dying(generator.uniform(0.08, 0.15, (items, 1)))


def snare(generator: np.random.Generator, items: int) -> Waves:
    """A snare drum: a short tone and noise."""
    tone = np.sin(2 * np.pi * generator.uniform(170, 210, (items, 1)) * _SECONDS) * _dying(0.05)
    noise = _band(generator.normal(size=(items, SAMPLES)), 800, 3800)
    return tone + 0.5 * noise * _dying(generator.uniform(0.05, 0.09, (items, 1)))


def hat(generator: np.random.Generator, items: int) -> Waves:
    """A closed cymbal: high noise."""
    noise = _band(generator.normal(size=(items, SAMPLES)), 2500, 3900)
    return noise * _dying(generator.uniform(0.015, 0.04, (items, 1)))


def finished(waves: Waves, generator: np.random.Generator) -> FloatArray:
    """[items, 1, samples] float32 on the 16-bit grid, with peaks from 0.6 to 0.9."""
    peak = generator.uniform(0.6, 0.9, (len(waves), 1))
    scaled = waves / np.abs(waves).max(axis=1, keepdims=True) * peak
    found: FloatArray = (np.round(scaled * _LEVELS) / _LEVELS).astype(np.float32)[:, None]
    return found


def _detuned(generator: np.random.Generator, items: int, pitch_hz: float) -> Waves:
    return pitch_hz * 2 ** (generator.uniform(-_DETUNE_CENTS, _DETUNE_CENTS, items) / 1200)


def _harmonics(pitch_hz: float) -> npt.NDArray[np.int64]:
    """Numbers of the harmonics below the Nyquist frequency, with room for the detuning."""
    return np.arange(1, int(0.48 * RATE_HZ / pitch_hz) + 1)


def _phase(f: Waves) -> Waves:
    return 2 * np.pi * np.outer(f, _SECONDS)


def _partials(phase: Waves, strength: Waves, growth: Waves) -> Waves:
    """sum_k strength_k exp(growth_k t) sin(k phase); phase [items, samples], the others [items, harmonics]."""
    single = (phase % (2 * np.pi)).astype(np.float32)  # four times as fast, and still finer than 16 bits
    turn = np.cos(single) + np.complex64(1j) * np.sin(single)
    power = np.ones_like(turn)
    total = np.zeros_like(single)
    seconds = _SECONDS.astype(np.float32)
    for k in range(strength.shape[1]):
        power = power * turn
        if strength[:, k].any():
            louder = strength[:, k, None].astype(np.float32)
            if growth[:, k].any():
                louder = louder * np.exp(growth[:, k, None].astype(np.float32) * seconds)
            total += louder * power.imag
    return total.astype(np.float64)


def _dying(life_s: Waves | float) -> Waves:
    falling: Waves = np.exp(-_SECONDS / life_s)
    return falling


def _rising(seconds: float) -> Waves:
    rising: Waves = np.minimum(1, _SECONDS / seconds)
    return rising


def _fading(seconds: float) -> Waves:
    falling: Waves = np.minimum(1, (_SECONDS[-1] - _SECONDS) / seconds)
    return falling


def _band(noise: Waves, low_hz: float, high_hz: float) -> Waves:
    """Noise [items, samples] with only the frequencies from `low_hz` to `high_hz`, at unit variance."""
    spectrum = np.fft.rfft(noise)
    hz = np.fft.rfftfreq(SAMPLES, 1 / RATE_HZ)
    spectrum[:, (hz < low_hz) | (hz > high_hz)] = 0
    passed = np.fft.irfft(spectrum, n=SAMPLES)
    even: Waves = passed / passed.std(axis=1, keepdims=True)
    return even
