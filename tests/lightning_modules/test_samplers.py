"""Samplers against a known score: Gaussian data and a mixture of Gaussians have exact denoisers, paths and moments.

What is exact and quick stands in `lightning_modules/truths/`, which `test_truths` checks.
"""

from __future__ import annotations

import functools
import itertools
import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from lightning_modules.diffusion.process.closed_form import GaussianDenoiser, MixtureDenoiser
from lightning_modules.diffusion.process.item_noise import ItemNoise
from lightning_modules.diffusion.process.objectives import Prediction
from lightning_modules.diffusion.process.schedule import (
    NoiseSchedule,
    edm_sigmas,
    exploding,
    noise_schedule,
    rectified_flow,
)
from lightning_modules.diffusion.process.stages import Denoise, Stage, Walk, every_level, last, time_grid
from lightning_modules.diffusion.samplers import SAMPLERS

MEAN, VARIANCES = (0.7, -0.4), (0.5, 0.02)
SCHEDULES = {
    "linear": noise_schedule("linear", 1000),
    "cosine": noise_schedule("cosine", 1000),
    "flow": rectified_flow(),
    "edm": exploding(edm_sigmas(1000)),
}
DETERMINISTIC = [name for name in SAMPLERS if name != "ancestral"]


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


def _walk(
    name: str, schedule: NoiseSchedule, denoise: Denoise, x: Tensor, steps: int = 25, eta: float = 0.0
) -> list[Stage]:
    grid = SAMPLERS[name].grid(schedule.steps, steps)
    return list(SAMPLERS[name].walk(Walk(denoise, schedule, x, grid, _Drawn(tuple(x.shape)), eta)))


def _exact(schedule: NoiseSchedule, x: Tensor) -> Tensor:
    """The end of the probability-flow ODE of N(mu, lam): (x / a - mu) / sqrt(lam + sigma²) stays constant."""
    mean, values = torch.tensor(MEAN, dtype=torch.float64), torch.tensor(VARIANCES, dtype=torch.float64)
    signal, level = schedule.factors(schedule.steps - 1)
    return mean + (values / (values + (level / signal) ** 2)).sqrt() * (x / signal - mean)


def test_the_ancestral_step_is_equation_7_of_its_paper() -> None:
    """And has the moments that were computed independently at t = 500: mean 1.3108002436, variance 0.0100513358."""
    schedule = noise_schedule("linear", 1000)
    ab, before, beta = (
        float(v) for v in (schedule.alphas_cumprod[500], schedule.alphas_cumprod[499], schedule.betas[500])
    )
    x, x0 = torch.full((1, 1), 1.3, dtype=torch.float64), torch.full((1, 1), 0.4, dtype=torch.float64)

    def denoise(xt: Tensor, t: float) -> Prediction:
        return Prediction(x0, (xt - ab**0.5 * x0) / (1 - ab) ** 0.5)

    def ones() -> Tensor:
        return torch.ones(1, 1, dtype=torch.float64)

    def moved(noise: float) -> float:
        walk = Walk(denoise, schedule, x, (500.0, 499.0), lambda: noise * ones())
        return float(next(iter(SAMPLERS["ancestral"].walk(walk))).x)

    mean = before**0.5 * beta / (1 - ab) * 0.4 + (1 - beta) ** 0.5 * (1 - before) / (1 - ab) * 1.3
    assert moved(0) == pytest.approx(mean, abs=1e-12)
    assert (moved(1) - moved(0)) ** 2 == pytest.approx(0.0100513358, abs=1e-10)


@pytest.mark.parametrize("name", SCHEDULES)
def test_ddim_without_noise_and_euler_are_one_map(name: str) -> None:
    schedule = SCHEDULES[name]
    denoise, x = _gaussian(schedule), schedule.start_scale * _noise(0, (16, 2))
    one, other = (_walk(sampler, schedule, denoise, x, steps=20)[-1].x for sampler in ("ddim", "euler"))
    assert torch.allclose(one, other, atol=1e-9)


@functools.cache
def _of_the_ring(name: str, steps: int) -> Tensor:
    """Samples of 8 Gaussians of std 0.3 on a ring of radius 2 by their exact score."""
    angles = torch.arange(8, dtype=torch.float64) * (2 * math.pi / 8)
    means = 2 * torch.stack([angles.cos(), angles.sin()], dim=1)
    schedule = exploding(edm_sigmas(steps))
    return _walk(name, schedule, MixtureDenoiser(schedule, means, 0.09), 80 * _noise(3, (256, 2)), steps=steps)[-1].x


@pytest.mark.parametrize(("sampler", "order"), [("euler", 1.0), ("ddim", 1.0), ("heun", 2.05), ("dpmpp_2m", 2.07)])
def test_the_order_of_convergence_on_an_exact_mixture_score(sampler: str, order: float) -> None:
    """From sigma 80 to 0.002 at rho 7: the orders and the errors of the reference table."""
    errors = [float((_of_the_ring(sampler, n) - _of_the_ring("heun", 1000)).norm(dim=1).mean()) for n in (40, 80, 160)]
    assert math.log2(errors[-2] / errors[-1]) == pytest.approx(order, abs=0.08), errors
    assert errors[-1] == pytest.approx({"heun": 4e-4, "dpmpp_2m": 5e-4}.get(sampler, 0.0136), rel=0.3)


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("sampler", DETERMINISTIC)
def test_every_deterministic_sampler_ends_where_the_exact_path_of_gaussian_data_ends(name: str, sampler: str) -> None:
    schedule = SCHEDULES[name]
    x = schedule.start_scale * _noise(0, (64, 2))
    found = _walk(sampler, schedule, _gaussian(schedule), x, steps=250)[-1].x
    assert float((found - _exact(schedule, x)).abs().mean()) < (0.015 if SAMPLERS[sampler].order == 1 else 0.004)


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize(("sampler", "eta"), [*((s, 0.0) for s in SAMPLERS), ("ddim", 0.5), ("ddim", 1.0)])
def test_samples_of_gaussian_data_have_its_mean_and_variance(name: str, sampler: str, eta: float) -> None:
    schedule, count = SCHEDULES[name], 2000
    start = schedule.start_scale * _noise(1, (count, 2))
    steps = 300 if SAMPLERS[sampler].order == 1 else 250
    found = _walk(sampler, schedule, _gaussian(schedule), start, steps=steps, eta=eta)[-1].x
    assert found.mean(0).tolist() == pytest.approx(MEAN, abs=4 * math.sqrt(0.5 / count))
    assert found.var(0).tolist() == pytest.approx(VARIANCES, rel=4 * math.sqrt(2 / count))


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("steps", [1, 2, 7])
@pytest.mark.parametrize("name", SCHEDULES)
def test_the_last_step_lands_on_the_predicted_sample(sampler: str, steps: int, name: str) -> None:
    schedule = SCHEDULES[name] if sampler != "ancestral" else noise_schedule("cosine", 20)
    x = schedule.start_scale * _noise(0, (4, 2))
    stages = _walk(sampler, schedule, _gaussian(schedule), x, steps=steps)
    assert torch.allclose(stages[-1].x, stages[-1].x0, atol=1e-9) and stages[-1].after is None
    assert len(stages) == (steps if sampler != "ancestral" else 20)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_walk_costs_the_evaluations_it_declares_and_tells_where_it_stood(sampler: str) -> None:
    schedule = noise_schedule("cosine", 30)
    exact, calls = _gaussian(schedule), []

    def counted(x: Tensor, t: float) -> Prediction:
        calls.append(t)
        return exact(x, t)

    stages = _walk(sampler, schedule, counted, _noise(0, (4, 2)), steps=9)
    assert len(calls) == SAMPLERS[sampler].evaluations(len(stages))
    for before, after in itertools.pairwise(stages):
        assert before.after == after.t and torch.equal(before.x, after.xt)
    for stage in stages:
        signal, level = schedule.factors(stage.t)
        assert torch.allclose(signal * stage.x0 + level * stage.eps, stage.xt, atol=1e-9)


def test_evaluations_can_be_made_equal() -> None:
    assert SAMPLERS["heun"].evaluations(18) == 35 and SAMPLERS["dpmpp_2m"].evaluations(18) == 18
    assert SAMPLERS["heun"].steps_within(35) == 18 and SAMPLERS["heun"].steps_within(34) == 17
    assert SAMPLERS["ddim"].steps_within(35) == 35 and SAMPLERS["heun"].steps_within(1) == 1


@pytest.mark.parametrize("sampler", DETERMINISTIC)
def test_a_walk_taken_up_half_way_ends_like_the_whole_one(sampler: str) -> None:
    """Exactly for samplers that remember nothing; to second order for the one that does."""
    schedule = SCHEDULES["cosine"]
    denoise, x = _gaussian(schedule), _noise(0, (16, 2))
    whole = _walk(sampler, schedule, denoise, x, steps=40)
    taken = whole[15]
    rest = tuple(stage.t for stage in whole[15:])
    found = last(SAMPLERS[sampler].walk(Walk(denoise, schedule, taken.xt, rest, _Drawn((16, 2)))))
    assert torch.allclose(found, whole[-1].x, atol=2e-3 if sampler == "dpmpp_2m" else 1e-12)


def test_the_grid_begins_at_pure_noise_or_where_it_is_told_and_falls_to_the_first_level() -> None:
    for steps in (2, 3, 10, 999, 1000):
        grid = time_grid(1000, steps)
        assert len(grid) == steps
        assert grid[0] == 999 and grid[-1] == 0 and all(a > b for a, b in itertools.pairwise(grid))
    assert time_grid(1000, 1) == (999.0,)
    for start in (0.0, 0.5, 3.0, 10.5, 400.25):
        for steps in (1, 2, 5, 12, 1000):
            grid = time_grid(1000, steps, start=start)
            assert grid[0] == start and len(grid) <= steps and all(a > b >= 0 for a, b in itertools.pairwise(grid))
    assert every_level(1000, start=2.5) == (2.5, 2.0, 1.0, 0.0) and every_level(3) == (2.0, 1.0, 0.0)


def test_noise_belongs_to_the_item_and_not_to_its_batch() -> None:
    cpu = torch.device("cpu")
    whole, late = ItemNoise(3, 0, 6, (2, 2), cpu), ItemNoise(3, 4, 2, (2, 2), cpu)
    for _ in range(3):
        assert torch.equal(whole()[4:], late())
    assert not torch.equal(ItemNoise(4, 0, 6, (2, 2), cpu)(), ItemNoise(3, 0, 6, (2, 2), cpu)())


def test_a_sampler_is_one_file_and_requests_know_it() -> None:
    from lightning_modules.diffusion.asking.requests import SampleRequest

    choices = SampleRequest.model_json_schema()["properties"]["sampler"]["enum"]
    assert set(choices) == {"ddim", "ancestral", "dpmpp_2m", "euler", "heun"} == set(SAMPLERS)
    with pytest.raises(ValueError, match="no sampler"):
        SampleRequest(sampler="nobody")
    assert replace(SAMPLERS["ddim"], name="other").evaluations(3) == 3
