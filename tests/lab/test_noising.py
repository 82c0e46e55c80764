"""The schedules that the pages explore are those that training uses."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.lab.noising import PATHS, noise_path
from dashboard.lab.pictures import bands, finest_surviving, visible
from data.text import Problem
from lightning_modules.diffusion.process.schedule import (
    NoiseSchedule,
    edm_sigmas,
    exploding,
    noise_schedule,
    rectified_flow,
)


def trained(name: str, steps: int) -> NoiseSchedule:
    if name == "edm":
        return exploding(edm_sigmas(steps))
    return rectified_flow(steps) if name == "flow" else noise_schedule(name, steps)  # type: ignore[arg-type]


@pytest.mark.parametrize("steps", [10, 50, 1000])
@pytest.mark.parametrize("name", PATHS)
def test_each_path_is_the_one_that_training_uses(name: str, steps: int) -> None:
    mine, theirs = noise_path(name, steps), trained(name, steps)
    np.testing.assert_allclose(mine.signals, theirs.signals.numpy(), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(mine.levels, theirs.levels.numpy(), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(mine.alphas_cumprod, theirs.alphas_cumprod.numpy(), rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(mine.snr, theirs.snr.numpy(), rtol=1e-7)


def test_what_cannot_be_a_schedule_is_refused_in_words() -> None:
    for name, steps, code in (
        ("square", 100, "unknown_schedule"),
        ("linear", 3, "bad_steps"),
        ("linear", 10**6, "bad_steps"),
    ):
        with pytest.raises(Problem) as raised:
            noise_path(name, steps)
        assert raised.value.code == code


def test_white_noise_is_equally_strong_at_every_fineness() -> None:
    _, power = bands(np.random.default_rng(0).standard_normal((3, 128, 128)))
    np.testing.assert_allclose(power[6:], 1, atol=0.3)  # the coarsest bands hold few frequencies


def test_a_wave_stands_out_at_its_own_size_until_the_noise_is_as_strong() -> None:
    wave = np.sin(2 * np.pi * np.arange(64) / 8)[None, None, :].repeat(64, axis=1)
    assert finest_surviving(wave, 1.0, 0.1) == pytest.approx(4, rel=0.1)  # half of the 8 pixels of a wave
    assert finest_surviving(wave, 0.01, 1.0) is None
    assert finest_surviving(np.zeros((1, 8, 8)), 1.0, 0.01) is None


def test_clean_pixels_are_shown_as_they_are_and_noise_within_bounds() -> None:
    x = np.linspace(-1, 1, 16).reshape(1, 4, 4)
    np.testing.assert_allclose(visible(x, 1.0, 0.0), x, atol=1e-6)
    assert np.abs(visible(1e3 * x, 1.0, 80.0)).max() <= 1
