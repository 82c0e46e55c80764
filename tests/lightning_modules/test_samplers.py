"""Samplers against a known score: data that is Gaussian has an exact denoiser, an exact path and exact moments."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from torch import Tensor

from lightning_modules.diffusion.ancestral import ancestral
from lightning_modules.diffusion.closed_form import GaussianDenoiser
from lightning_modules.diffusion.ddim import ddim
from lightning_modules.diffusion.objectives import Prediction
from lightning_modules.diffusion.sampling import Denoise, ItemNoise, last, time_grid
from lightning_modules.diffusion.schedule import NoiseSchedule, noise_schedule

MEAN, VARIANCES = (0.7, -0.4), (0.5, 0.02)


def _gaussian(schedule: NoiseSchedule) -> GaussianDenoiser:
    mean, values = torch.tensor(MEAN, dtype=torch.float64), torch.tensor(VARIANCES, dtype=torch.float64)
    return GaussianDenoiser(schedule, mean, values, torch.eye(2, dtype=torch.float64))


def _noise(seed: int, shape: tuple[int, ...]) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


class _Drawn:
    """The same noise in the same order for every sampler."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape
        self.calls = 0

    def __call__(self) -> Tensor:
        self.calls += 1
        return _noise(100 + self.calls, self.shape)


def test_ddim_with_full_noise_on_the_full_grid_is_the_ancestral_sampler() -> None:
    schedule = noise_schedule("linear", 100)
    denoise, start = _gaussian(schedule), _noise(0, (64, 2))
    one = last(ancestral(denoise, schedule, start, _Drawn((64, 2))))
    other = last(ddim(denoise, schedule, start, _Drawn((64, 2)), steps=100, eta=1.0))
    assert torch.allclose(one, other, atol=1e-9)


def test_ddim_without_noise_is_euler_in_sigma() -> None:
    """With y = x / sqrt(ab) and sigma = sqrt((1 - ab) / ab): dy/dsigma = eps (arXiv:2010.02502, equation 14)."""
    schedule = noise_schedule("cosine", 1000)
    denoise, x = _gaussian(schedule), _noise(0, (16, 2))
    grid = time_grid(1000, 40)
    ours = [stage.x for stage in ddim(denoise, schedule, x, _Drawn((16, 2)), steps=40)]
    y = x / schedule.alphas_bar[grid[0]].sqrt()
    for k, (t, following) in enumerate(itertools.pairwise(grid)):
        ab, after = schedule.alphas_bar[t], schedule.alphas_bar[following]
        slope = denoise(y * ab.sqrt(), t).eps
        y = y + (((1 - after) / after).sqrt() - ((1 - ab) / ab).sqrt()) * slope
        assert torch.allclose(y * after.sqrt(), ours[k], atol=1e-9), t


def test_ddim_follows_the_exact_path_of_gaussian_data_to_first_order() -> None:
    """The probability-flow ODE of N(mu, lam) keeps (y - mu) / sqrt(lam + sigma²) constant; halving the step halves the error."""
    schedule = noise_schedule("linear", 4000)
    denoise, x = _gaussian(schedule), _noise(0, (256, 2))
    mean, values = torch.tensor(MEAN, dtype=torch.float64), torch.tensor(VARIANCES, dtype=torch.float64)
    ab = schedule.alphas_bar[-1]
    exact = mean + (values / (values + (1 - ab) / ab)).sqrt() * (x / ab.sqrt() - mean)
    errors = []
    for steps in (50, 100, 200):
        found = last(ddim(denoise, schedule, x, _Drawn((256, 2)), steps=steps))
        errors.append(float((found - exact).abs().mean()))
    assert errors[-1] < 0.02
    orders = [math.log2(a / b) for a, b in itertools.pairwise(errors)]
    assert all(0.7 < order < 1.3 for order in orders), errors


@pytest.mark.parametrize("sampler", ["ancestral", "ddim", "noisy ddim"])
def test_samples_of_gaussian_data_have_its_mean_and_variance(sampler: str) -> None:
    schedule = noise_schedule("cosine", 200)
    denoise, count = _gaussian(schedule), 4000
    start, noise = _noise(1, (count, 2)), _Drawn((count, 2))
    if sampler == "ancestral":
        found = last(ancestral(denoise, schedule, start, noise))
    else:
        found = last(ddim(denoise, schedule, start, noise, steps=200, eta=0.5 if "noisy" in sampler else 0.0))
    assert found.mean(0).tolist() == pytest.approx(MEAN, abs=4 * math.sqrt(0.5 / count))
    assert found.var(0).tolist() == pytest.approx(VARIANCES, rel=0.12)


@pytest.mark.parametrize("steps", [1, 2, 7, 25, 1000])
def test_the_last_step_lands_on_the_predicted_sample(steps: int) -> None:
    schedule = noise_schedule("cosine", 1000)
    stages = list(ddim(_gaussian(schedule), schedule, _noise(0, (4, 2)), _Drawn((4, 2)), steps=steps))
    assert len(stages) == steps and torch.allclose(stages[-1].x, stages[-1].x0, atol=1e-12)


def test_the_grid_begins_at_pure_noise_and_falls_to_the_first_level() -> None:
    for steps in (2, 3, 10, 999, 1000):
        grid = time_grid(1000, steps)
        assert grid[0] == 999 and grid[-1] == 0 and all(a > b for a, b in itertools.pairwise(grid))
    assert time_grid(1000, 1) == [999]


def test_noise_belongs_to_the_item_and_not_to_its_batch() -> None:
    cpu = torch.device("cpu")
    whole, late = ItemNoise(3, 0, 6, (2, 2), cpu), ItemNoise(3, 4, 2, (2, 2), cpu)
    for _ in range(3):
        assert torch.equal(whole()[4:], late())
    assert not torch.equal(ItemNoise(4, 0, 6, (2, 2), cpu)(), ItemNoise(3, 0, 6, (2, 2), cpu)())


def test_every_step_tells_where_it_stood() -> None:
    schedule = noise_schedule("linear", 30)

    def denoise(x: Tensor, t: int) -> Prediction:
        return Prediction(torch.full_like(x, float(t)), torch.zeros_like(x))

    wanted: Denoise = denoise
    stages = list(ancestral(wanted, schedule, torch.zeros(1, 2), lambda: torch.zeros(1, 2)))
    assert [stage.t for stage in stages] == list(range(29, -1, -1))
    assert all(float(stage.x0[0, 0]) == stage.t for stage in stages)
