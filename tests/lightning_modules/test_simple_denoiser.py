"""The document's SimpleDenoiseModel as written, and both reasons why it fails, on real digits."""

from __future__ import annotations

import functools
from typing import Any

import pytest
import torch

from data.catalog import Dataset
from data.datasets import digits
from lightning_modules.base import Picture
from lightning_modules.diffusion.simple_denoiser import (
    METHOD,
    SimpleDenoiseModel,
    SimpleDenoiser,
    add_noise,
    best_linear_errors,
    sound_part,
)
from lightning_modules.options import TrainingOptions
from tests.lightning_modules.training import train


@functools.cache
def _digits() -> Dataset:
    return digits.load(digits.DigitsConfig())


@functools.cache
def _trained(**config: Any) -> SimpleDenoiser:
    module: SimpleDenoiser = train(METHOD, _digits(), TrainingOptions(steps=400, batch_size=128), config).module
    return module.eval()


def test_the_network_is_the_documents() -> None:
    model = SimpleDenoiseModel(784)
    assert [tuple(p.shape) for p in model.parameters()] == [(512, 784), (512,), (784, 512), (784,)]
    x = torch.randn(3, 784)
    assert torch.equal(model(x, torch.tensor([0.0, 40.0, 90.0])), model(x, torch.tensor([7.0, 7.0, 7.0])))
    told = SimpleDenoiseModel(784, use_time_embedding=True)
    assert not torch.allclose(told(x, torch.full((3,), 5.0)), told(x, torch.full((3,), 45.0)))


def test_alpha_turns_negative_beyond_t_50_and_the_image_comes_back_as_its_negative() -> None:
    torch.manual_seed(0)
    x = torch.from_numpy(_digits().train.x).flatten(1)
    x = x - x.mean()
    along, power = [], []
    for t in (0, 25, 50, 75, 99):
        noisy, noise = add_noise(x, torch.full((len(x), 1), float(t)))
        along.append(float((noisy * x).mean() / x.square().mean()))
        power.append(float(noisy.square().mean() - x.square().mean() * along[-1] ** 2))
        assert torch.allclose(noisy, (1 - 0.02 * t) * x + 0.02 * t * noise, atol=1e-5)
    assert along == pytest.approx([1, 0.5, 0, -0.5, -0.98], abs=0.03)
    assert power[-1] == pytest.approx(1.98**2, rel=0.02)  # and the noise grows beyond all bounds
    best = best_linear_errors(_digits(), 100)
    assert best[99] > best[75] > best[51]  # the noise hides in the image again: a diffusion has 0 at its end


def test_only_the_first_half_is_a_diffusion_and_there_it_is_the_straight_path() -> None:
    levels = sound_part()
    torch.manual_seed(0)
    x = torch.randn(4, 6)
    for level in (0, 20, 48):
        noisy, noise = add_noise(x, torch.full((4, 1), level + 1.0))
        assert torch.allclose(levels.diffuse(x, torch.full((4,), level), noise), noisy, atol=1e-6)


@pytest.mark.parametrize("largest_t", [50, 100])
def test_blind_to_t_it_loses_to_a_straight_line_at_nearly_every_noise_step(largest_t: int) -> None:
    with torch.no_grad():
        found = _trained(largest_t=largest_t).evaluate(_digits())
    assert found["worse_levels"] > 0.9 and found["eps_mse_ratio"] > 1.2


def test_told_t_it_makes_fewer_errors() -> None:
    with torch.no_grad():
        blind, told = (
            _trained(largest_t=100, use_time_embedding=use).evaluate(_digits())["eps_mse"] for use in (False, True)
        )
    assert told < 0.95 * blind


def test_the_error_of_each_noise_step_is_drawn() -> None:
    with torch.no_grad():
        model = _trained(largest_t=100)
        model.evaluate(_digits())
        chart = model.pictures()[-1]
    assert isinstance(chart, Picture)
    assert chart.name == "error_by_level" and len(chart.info["network"]) == 100
    colours = {tuple(colour) for colour in chart.pixels.reshape(-1, 3)}
    assert {(61, 71, 184), (224, 138, 0)} <= colours
