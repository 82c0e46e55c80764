"""Samples of every kind are written as what the file name says, or refused in a sentence."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dashboard.cli.sampling import write_samples
from data.text import Problem

SOUNDS = np.zeros((3, 1, 800), dtype=np.float32)
CLOUDS = np.random.default_rng(0).uniform(-1, 1, (5, 40, 3)).astype(np.float32)


def test_sounds_become_one_file_to_listen_to(tmp_path: Path) -> None:
    write_samples(SOUNDS, tmp_path / "x.wav", 8000)
    with wave.open(str(tmp_path / "x.wav")) as file:
        assert file.getframerate() == 8000 and file.getnframes() == 3 * (800 + 960)  # each with a pause of 0.12 s


def test_shapes_become_one_scene_that_stands_on_the_ground(tmp_path: Path) -> None:
    write_samples(CLOUDS, tmp_path / "x.ply", 0)
    lines = (tmp_path / "x.ply").read_text("ascii").splitlines()
    points = np.array([line.split() for line in lines[lines.index("end_header") + 1 :]], dtype=float)
    assert points.shape == (200, 3)
    assert points.reshape(5, 40, 3)[:, :, 2].min(axis=1) == pytest.approx([0] * 5, abs=1e-5)


@pytest.mark.parametrize(("samples", "rate_hz"), [(SOUNDS, 8000), (CLOUDS, 0), (CLOUDS[0, :, :2], 0)])
def test_every_kind_has_a_picture_and_arrays(
    tmp_path: Path, samples: np.typing.NDArray[np.float32], rate_hz: int
) -> None:
    write_samples(samples, tmp_path / "x.png", rate_hz)
    write_samples(samples, tmp_path / "x.npz", rate_hz)
    with Image.open(tmp_path / "x.png") as picture:
        assert min(picture.size) >= 24
    with np.load(tmp_path / "x.npz") as arrays:
        assert np.array_equal(arrays["x"], samples)


@pytest.mark.parametrize(("samples", "rate_hz", "name"), [(SOUNDS, 8000, "x.ply"), (CLOUDS, 0, "x.wav")])
def test_a_sound_is_no_shape_and_a_shape_no_sound(
    tmp_path: Path, samples: np.typing.NDArray[np.float32], rate_hz: int, name: str
) -> None:
    with pytest.raises(Problem) as raised:
        write_samples(samples, tmp_path / name, rate_hz)
    assert raised.value.code == "bad_file" and not (tmp_path / name).exists()
