"""The synthesised sounds have the pitch, length and character their formulas say."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from data import synthesis
from data.datasets import sounds
from data.notes import frequency_hz


def measured_hz(wave: npt.NDArray[np.floating]) -> float:
    """The first harmonic: the highest peak of a finely sampled spectrum between 200 and 500 Hz."""
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave)), n=16 * len(wave)))
    hz = np.fft.rfftfreq(16 * len(wave), 1 / synthesis.RATE_HZ)
    near = (hz > 200) & (hz < 500)
    return float(hz[near][spectrum[near].argmax()])


def test_notes_are_named_as_in_equal_temperament() -> None:
    assert frequency_hz("flute A4") == 440.0
    assert frequency_hz("C4") == pytest.approx(261.6256, abs=1e-4)
    assert frequency_hz("string F#3") == pytest.approx(184.9972, abs=1e-4)
    assert frequency_hz("Bb5") == pytest.approx(932.3275, abs=1e-4)
    assert frequency_hz("kick drum") is None and frequency_hz("voiceA4") is None


@pytest.mark.parametrize("name", sorted(sounds.TONES))
def test_every_tone_sounds_at_its_pitch(name: str) -> None:
    tone, _ = sounds.TONES[name]
    for wave in synthesis.finished(tone(np.random.default_rng(0), 3, 392.0), np.random.default_rng(1)):
        assert abs(1200 * np.log2(measured_hz(wave[0]) / 392.0)) < 15  # three cents of detuning, and the window


def test_a_string_loses_its_high_harmonics_first_and_the_organ_loses_none() -> None:
    def share_above_1_khz(wave: npt.NDArray[np.floating]) -> float:
        power = np.abs(np.fft.rfft(wave)) ** 2
        return float(power[len(wave) // 8 :].sum() / power.sum())

    string = synthesis.string(np.random.default_rng(0), 1, 261.6)[0]
    assert share_above_1_khz(string[2048:]) < 0.5 * share_above_1_khz(string[:2048])
    organ = synthesis.organ(np.random.default_rng(0), 1, 261.6)[0]
    assert share_above_1_khz(organ[2048:3584]) == pytest.approx(share_above_1_khz(organ[512:2048]), rel=0.1)


def test_the_modes_of_the_string_fade_as_in_the_loop_of_karplus_and_strong() -> None:
    """A loop of N samples that averages two neighbours keeps cos(pi k / N') of mode k in each period N' = N + 1/2."""
    loop, periods, mode = 40, 30, 3
    period = loop + 0.5
    line = list(np.sin(2 * np.pi * mode * np.arange(loop + 1) / period))
    for n in range(loop + 1, int(periods * period) + loop):
        line.append(0.5 * (line[n - loop] + line[n - loop - 1]))
    first, last = np.abs(line[:loop]).max(), np.abs(line[-loop:]).max()
    assert last / first == pytest.approx(np.cos(np.pi * mode / period) ** periods, rel=0.05)


def test_a_hi_hat_is_high_and_a_kick_is_low() -> None:
    hz = np.fft.rfftfreq(synthesis.SAMPLES, 1 / synthesis.RATE_HZ)
    for drum, low, high in ((synthesis.hat, 2400, 4000), (synthesis.kick, 20, 250)):
        power = np.abs(np.fft.rfft(drum(np.random.default_rng(0), 1)[0])) ** 2
        assert power[(hz > low) & (hz < high)].sum() > 0.9 * power.sum()


def test_the_set_is_balanced_on_the_16_bit_grid_and_anew_for_the_test() -> None:
    found = sounds.load(sounds.SoundsConfig(items=4))
    assert found.rate_hz == 8000 and found.shape == (1, 4096) and len(found.classes) == 38
    assert found.train.y is not None and np.bincount(found.train.y).tolist() == [4] * 38
    levels = found.train.x * 32767
    assert np.abs(levels - levels.round()).max() < 5e-3
    assert not (found.test.x[:, 0, 500] == found.train.x[: len(found.test.x), 0, 500]).all()
    assert set(sounds.DATASET.class_titles) == set(found.classes)
