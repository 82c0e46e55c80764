"""Pictures of sounds and clouds show what is there, where it is."""

from __future__ import annotations

import numpy as np

from lightning_modules.diffusion.drawing.cloud_pictures import (
    FRONT,
    SIDE,
    cloud_grid,
    cloud_strip,
    cloud_view,
    projected,
)
from lightning_modules.diffusion.drawing.sound_pictures import FLOOR_DB, sound_grid, sound_tile, spectrogram_db


def test_a_tone_is_one_line_of_the_spectrogram_at_its_frequency() -> None:
    wave = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(4096) / 8000)
    found = spectrogram_db(wave, window=256)
    assert (found[:, 8:-8].argmax(axis=0) == 32).all()  # 1,000 Hz of 8,000 Hz in 256 bins
    assert found.max() == 0 and found.min() == FLOOR_DB
    assert (found[[10, 100], 8:-8] == FLOOR_DB).all()


def test_half_as_loud_is_six_decibels_down() -> None:
    wave = np.sin(2 * np.pi * 1000 * np.arange(4096) / 8000)
    wave[2048:] *= 0.5
    line = spectrogram_db(wave)[32]
    assert abs(line[16] - line[48] - 20 * np.log10(2)) < 0.1


def test_a_silent_or_broken_sound_still_makes_a_tile() -> None:
    silent, broken = sound_tile(np.zeros(4096)), sound_tile(np.full(4096, np.nan))
    assert silent.dtype == np.uint8 and silent.shape == broken.shape
    assert sound_grid(np.zeros((5, 1, 4096), dtype=np.float32), 3).shape[0] > 2 * silent.shape[0]


def test_a_rotation_keeps_lengths_and_up_stays_up() -> None:
    points = np.random.default_rng(0).normal(size=(50, 3))
    for view in (FRONT, SIDE):
        assert np.allclose(np.linalg.norm(projected(points, *view), axis=1), np.linalg.norm(points, axis=1))
    up = projected(np.array([[0.0, 0.0, 1.0]]), *FRONT)[0]
    assert up[0] == 0 and up[1] > 0.9
    assert np.allclose(projected(np.array([[1.0, -1.0, 2.0]]), 0, 0), [[1, 2, 1]])


def test_the_nearer_of_two_points_is_drawn_over_the_farther() -> None:
    line_of_sight = np.array([[0.0, -1, 0], [0, 1, 0]], dtype=np.float32)
    from_front = cloud_view(line_of_sight, side_px=64, view=(0, 0))
    from_back = cloud_view(line_of_sight[::-1], side_px=64, view=(0, 0))
    assert np.array_equal(from_front, from_back)
    assert from_front.min() < 100  # dark ink: the near one


def test_points_beyond_the_frame_or_not_finite_are_left_out() -> None:
    assert (cloud_view(np.array([[9.0, 0, 0], [np.nan, 0, 0]], dtype=np.float32)) == 255).all()


def test_grids_and_strips_have_a_place_for_every_cloud() -> None:
    clouds = np.random.default_rng(0).normal(size=(5, 32, 3)).astype(np.float32)
    assert cloud_grid(clouds, 3, side_px=32).shape == (2 * 64 + 2, 3 * 32 + 2 * 2, 3)
    assert cloud_strip([clouds[:2]] * 4, side_px=32).shape == (2 * 32 + 1, 4 * 32 + 3, 3)
