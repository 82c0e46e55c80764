"""The two methods show and tell what belongs to their kind of data."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from data.datasets import shapes, sounds
from data.text import Problem
from lightning_modules.base import Picture, Scene, Sound
from lightning_modules.diffusion.audio import AudioConfig, AudioDiffusion
from lightning_modules.diffusion.point_cloud import PointCloudConfig, PointCloudDiffusion
from lightning_modules.options import TrainingOptions

FEW = {"width": 8, "layers": 1, "preview_steps": 2, "quality_samples": 0}


@pytest.fixture(scope="module")
def audio() -> AudioDiffusion:
    torch.manual_seed(0)
    return AudioDiffusion(AudioConfig(**FEW), sounds.load(sounds.SoundsConfig(items=4)), TrainingOptions()).eval()


@pytest.fixture(scope="module")
def cloud() -> PointCloudDiffusion:
    torch.manual_seed(0)
    data = shapes.load(shapes.ShapesConfig(items=4, points=32))
    return PointCloudDiffusion(PointCloudConfig(**FEW, through=4), data, TrainingOptions()).eval()


@torch.no_grad()
def test_sounds_are_shown_heard_and_named(audio: AudioDiffusion) -> None:
    shown = {one.name: one for one in audio.pictures()}
    heard = shown["sounds"]
    assert isinstance(heard, Sound) and heard.rate_hz == 8000
    assert len(heard.samples) == 10 * (4096 + 960) and np.abs(heard.samples).max() <= 1
    assert heard.info["names"][0] == "string C4" and heard.info["names"][-1] == "hi-hat"
    assert isinstance(shown["samples"], Picture) and isinstance(shown["emerging"], Sound)


@torch.no_grad()
def test_samples_carry_the_rate_they_are_played_at(audio: AudioDiffusion) -> None:
    answer = audio.answer("sample", {"count": 2, "steps": 2, "label": 37}, {})
    assert answer.arrays["x"].shape == (2, 1, 4096) and answer.values["rate_hz"] == 8000


def test_a_number_of_bins_that_does_not_fit_is_refused_at_its_field() -> None:
    data = sounds.load(sounds.SoundsConfig(items=4))
    with pytest.raises(Problem) as raised:
        AudioDiffusion(AudioConfig(**FEW, bins=100), data, TrainingOptions())
    assert raised.value.field == "bins"


@torch.no_grad()
def test_an_untrained_audio_model_already_filters_by_the_average_spectrum(audio: AudioDiffusion) -> None:
    """Its error is that of the best filter by bin: E[eps error] = mean over bins of a² p / (a² p + s²)."""
    data = torch.from_numpy(sounds.load(sounds.SoundsConfig(items=4)).train.x)
    t = torch.full((len(data),), 600)
    noise = torch.randn(data.shape, generator=torch.Generator().manual_seed(0))
    said = audio.says(
        audio.noising.diffuse(data, t, noise), t, audio.told(data, torch.zeros(len(data), dtype=torch.long))
    )
    signal, level = audio.noising.signal_and_noise(t[:1], data[:1])
    power = audio.network.log_power.exp()  # type: ignore[operator]
    expected = (signal**2 * power / (signal**2 * power + level**2)).mean()
    assert float((said.eps - noise).square().mean()) == pytest.approx(float(expected), rel=0.05)


@torch.no_grad()
def test_shapes_are_shown_as_a_scene_that_ends_on_the_samples(cloud: PointCloudDiffusion) -> None:
    shown = {one.name: one for one in cloud.pictures()}
    scene = shown["scene"]
    assert isinstance(scene, Scene) and scene.points.shape == (2, 8, 32, 3)
    assert scene.info["names"][0] == "cube" and scene.info["names"][-1] == "स"
    drawn = cloud.draw(cloud.preview(16))
    assert np.allclose(scene.points[-1, 0], drawn[0], atol=1e-5) and np.allclose(
        scene.points[-1, -1], drawn[15], atol=1e-5
    )
