"""The measures of sounds and clouds give the values geometry and music say."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from data.datasets import shapes, sounds
from lightning_modules.diffusion.measures.cloud_quality import (
    chamfer,
    coverage,
    features,
    judge_of_shapes,
    nearest_neighbour_accuracy,
    shuffled,
)
from lightning_modules.diffusion.measures.sound_quality import (
    features_db,
    log_spectral_distance,
    pitch_accuracy,
    pitch_hz,
)
from lightning_modules.quality import Judge

Numbers = npt.NDArray[np.float64]


def test_the_chamfer_distance_of_a_shifted_grid_is_twice_the_squared_shift() -> None:
    grid = np.stack(np.meshgrid(*[np.arange(3.0)] * 3), axis=-1).reshape(1, 27, 3)
    assert chamfer(grid, grid)[0, 0] == pytest.approx(0, abs=1e-5)
    assert chamfer(grid, grid + np.array([0.1, 0, 0]))[0, 0] == pytest.approx(0.02, abs=1e-5)
    one, two = np.array([[[0.0, 0, 0]]]), np.array([[[1.0, 0, 0], [0, 2, 0]]])
    assert chamfer(one, two)[0, 0] == pytest.approx(1 + (1 + 4) / 2)  # the nearest of two, and the mean of both


def test_the_chamfer_distance_is_symmetric_and_blind_to_order() -> None:
    generator = np.random.default_rng(0)
    a, b = generator.normal(size=(10, 20, 3)), generator.normal(size=(9, 30, 3))
    assert np.allclose(chamfer(a, b), chamfer(b, a).T, atol=1e-5)
    assert np.allclose(chamfer(a[:, ::-1], b), chamfer(a, b), atol=1e-5)


def test_coverage_counts_the_real_clouds_that_are_found() -> None:
    line = np.arange(4.0)
    assert coverage(np.abs(line[:, None] - line)) == 1
    assert coverage(np.abs(np.zeros(4)[:, None] - line)) == 0.25


def test_two_halves_of_one_set_cannot_be_told_apart_and_two_sets_can() -> None:
    generator = np.random.default_rng(0)

    def accuracy(a: Numbers, b: Numbers) -> float:
        def between(p: Numbers, q: Numbers) -> Numbers:
            apart: Numbers = np.abs(p[:, None] - q)
            return apart

        return nearest_neighbour_accuracy(between(a, a), between(a, b), between(b, b))

    a, b = generator.normal(size=1500), generator.normal(size=1500)
    assert accuracy(a, b) == pytest.approx(0.5, abs=0.04)
    assert accuracy(a, b + 100) == 1
    assert accuracy(np.array([0.0, 2, 4]), np.array([0.1, 2.1, 4.1])) == 0  # every sample a copy


def test_the_judge_of_shapes_knows_the_shapes_whatever_the_order_of_their_points() -> None:
    found = shapes.load(shapes.ShapesConfig(items=30, points=128))
    assert found.train.y is not None and found.test.y is not None
    judge = judge_of_shapes(found.train.x, found.train.y, len(found.classes))
    dice = np.random.default_rng(3)

    def right(clouds: npt.NDArray[np.floating]) -> float:
        return float((judge.labels(features(clouds)) == found.test.y).mean())

    assert right(found.test.x[:, ::-1]) > 0.97
    assert right(found.test.x + 0.05 * dice.normal(size=found.test.x.shape)) > 0.95, "blurred, but still the shape"
    assert right(shuffled(found.test.x, seed=5)) < 0.1
    blobs = found.test.x.mean(1, keepdims=True) + found.test.x.std(1, keepdims=True) * dice.normal(
        size=found.test.x.shape
    )
    assert right(blobs) < 0.1, "of the same place and size, but no shape; it never saw such"
    halves = found.test.x.copy()
    halves[:, ::2] = found.test.x[dice.permutation(len(halves)), ::2]
    assert right(halves) < 0.5, "half of one shape and half of another; it never saw such either"


@pytest.mark.parametrize("hz", [98.0, 261.6, 440.0, 880.0])
def test_the_pitch_of_harmonics_is_their_common_step_even_without_the_first(hz: float) -> None:
    seconds = np.arange(4096) / 8000
    whole = sum(np.sin(2 * np.pi * k * hz * seconds + k) / k for k in range(1, 4))
    assert pitch_hz(np.asarray(whole), 8000) == pytest.approx(hz, rel=0.01)
    without_first = sum(np.sin(2 * np.pi * k * hz * seconds) for k in range(2, 4))
    assert pitch_hz(np.asarray(without_first), 8000) == pytest.approx(hz, rel=0.01)


def test_silence_has_no_pitch_and_counts_as_missed() -> None:
    assert np.isnan(pitch_hz(np.zeros(4096), 8000))
    tone = np.sin(2 * np.pi * 440 * np.arange(4096) / 8000)
    assert pitch_accuracy(np.stack([tone, tone, 0 * tone, tone]), ["a A4", "a G4", "a A4", "drum"], 8000) == 1 / 3
    assert pitch_accuracy(tone[None], ["drum"], 8000) is None


def test_real_sounds_are_heard_rightly() -> None:
    found = sounds.load(sounds.SoundsConfig(items=12))
    assert found.train.y is not None and found.test.y is not None
    heard = found.test.x[:, 0]
    asked = [found.classes[k] for k in found.test.y]
    assert (pitch_accuracy(heard, asked, found.rate_hz) or 0) > 0.98
    known, new = features_db(found.train.x[:, 0]), features_db(heard)
    judge = Judge(known, found.train.y, len(found.classes))
    assert (judge.labels(new) == found.test.y).mean() > 0.95
    noise = features_db(np.random.default_rng(0).normal(size=(10, 4096)))
    assert log_spectral_distance(new, known) < 0.5 * log_spectral_distance(noise, known)


def test_a_sound_ten_times_quieter_everywhere_looks_alike_and_a_filtered_one_does_not() -> None:
    wave = np.random.default_rng(0).normal(size=(1, 4096))
    assert log_spectral_distance(features_db(0.1 * wave), features_db(wave)) == pytest.approx(0, abs=1e-6)
    smooth = np.apply_along_axis(lambda w: np.convolve(w, np.ones(8) / 8, "same"), 1, wave)
    assert log_spectral_distance(features_db(smooth), features_db(wave)) > 5
