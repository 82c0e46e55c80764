"""Sounds and clouds as files, read back by other people's readers."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import numpy as np
import pytest

from dashboard.settings import Settings
from dashboard.tracking.ingest import collect
from dashboard.tracking.logger import RunLogger
from dashboard.tracking.media import ply_bytes, read_scene, scene_bytes, wav_bytes
from dashboard.tracking.store import Store
from data.datasets import sounds

wavfile = pytest.importorskip("scipy.io.wavfile")


def test_a_wav_file_holds_the_sounds_of_the_data_set_to_the_bit() -> None:
    sound = sounds.made(1, seed=3).x[7, 0]
    rate, levels = wavfile.read(io.BytesIO(wav_bytes(sound, 8000)))
    assert rate == 8000 and levels.dtype == np.int16
    assert np.array_equal((levels / 32767).astype(np.float32), sound)


def test_what_is_too_loud_is_cut_and_what_is_no_number_is_silent() -> None:
    content = wav_bytes(np.array([2.0, -2.0, np.nan, np.inf, 0.5]), 8000)
    with wave.open(io.BytesIO(content)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8000)
        levels = np.frombuffer(file.readframes(5), dtype="<i2")
    assert levels.tolist() == [32767, -32767, 0, 32767, 16384]


def test_a_ply_file_is_a_header_and_a_line_a_point() -> None:
    lines = ply_bytes(np.array([[0.0, 1, -2.5], [1e-7, 3, 4]])).decode("ascii").splitlines()
    assert lines[0] == "ply" and "element vertex 2" in lines and lines[-2] == "0 1 -2.5"
    assert lines.index("end_header") == len(lines) - 3


def test_a_scene_comes_back_in_half_precision_and_finite(tmp_path: Path) -> None:
    points = np.random.default_rng(0).normal(size=(2, 3, 50, 3)).astype(np.float32)
    (tmp_path / "a.npz").write_bytes(scene_bytes(points))
    assert np.abs(read_scene(tmp_path / "a.npz") - points).max() < 2e-3
    points[0, 0, 0] = [np.nan, np.inf, -np.inf]
    (tmp_path / "b.npz").write_bytes(scene_bytes(points))
    assert np.isfinite(read_scene(tmp_path / "b.npz")).all()


def test_sounds_and_scenes_reach_the_store_with_their_kind(settings: Settings, store: Store) -> None:
    log = RunLogger("heard", settings=settings)
    sound = log.log_sound("sounds", np.zeros(80), 8000, 1, caption="quiet", info={"names": ["a"]})
    scene = log.log_scene("scene", np.zeros((1, 2, 4, 3)), 1)
    log.close()
    collect(store, settings)
    (run,) = store.runs()
    found = {media.name: media for media in store.media(run.id)}
    assert (found["sounds"].kind, found["sounds"].path, found["sounds"].info) == ("audio", sound, {"names": ["a"]})
    assert (found["scene"].kind, found["scene"].path) == ("cloud", scene)
