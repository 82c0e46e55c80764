"""The forward process against numbers computed independently (in numpy) and against identities."""

from __future__ import annotations

import math

import pytest
import torch

from data.text import Problem
from lightning_modules.diffusion.objectives import clipped, interpret, target
from lightning_modules.diffusion.schedule import NoiseSchedule, ScheduleName, noise_schedule

LINEAR = {0: 0.9999, 249: 0.524085, 499: 0.078587, 749: 0.003351, 999: 4.036e-5}
COSINE = {0: 0.999959, 249: 0.847012, 499: 0.493844, 749: 0.144272, 999: 2.43e-9}
BOTH: tuple[ScheduleName, ...] = ("linear", "cosine")


@pytest.mark.parametrize(("name", "expected"), [("linear", LINEAR), ("cosine", COSINE)])
def test_the_schedules_have_the_published_values(name: ScheduleName, expected: dict[int, float]) -> None:
    found = noise_schedule(name, 1000).alphas_bar
    for t, value in expected.items():
        assert float(found[t]) == pytest.approx(value, rel=2e-3 if value < 1e-4 else 2e-4), t


@pytest.mark.parametrize("name", BOTH)
def test_signal_to_noise_falls_and_the_betas_are_its_steps(name: ScheduleName) -> None:
    schedule = noise_schedule(name, 1000)
    assert bool((schedule.snr.diff() < 0).all())
    ratio = schedule.alphas_bar[1:] / schedule.alphas_bar[:-1]
    assert torch.allclose(ratio, 1 - schedule.betas[1:], rtol=1e-12)


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("steps", [10, 50, 200, 1000, 4000])
def test_no_signal_is_left_at_the_end_whatever_the_number_of_steps(name: ScheduleName, steps: int) -> None:
    assert float(noise_schedule(name, steps).alphas_bar[-1].sqrt()) <= 0.05


def test_few_linear_steps_are_rescaled() -> None:
    assert float(noise_schedule("linear", 50).alphas_bar[-1].sqrt()) == pytest.approx(2.8e-3, rel=0.02)
    assert float(noise_schedule("linear", 200).alphas_bar[-1].sqrt()) == pytest.approx(5.5e-3, rel=0.02)


def test_a_schedule_that_leaves_signal_is_refused() -> None:
    with pytest.raises(Problem, match="78%") as caught:
        NoiseSchedule(torch.linspace(1e-4, 0.02, 50, dtype=torch.float64))
    assert (caught.value.code, caught.value.field) == ("schedule_leaves_signal", "noise_steps")


def test_the_posterior_variance_has_the_values_of_the_diffusers_tests() -> None:
    # https://github.com/huggingface/diffusers/blob/v0.30.0/tests/schedulers/test_scheduler_ddpm.py#L62
    variance = noise_schedule("linear", 1000).posterior_variance
    assert float(variance[0]) == 0
    assert float(variance[487]) == pytest.approx(0.00979, abs=1e-5)
    assert float(variance[999]) == pytest.approx(0.02, abs=1e-5)


def test_noised_data_has_the_mean_variance_and_covariance_of_the_forward_process() -> None:
    schedule = noise_schedule("cosine", 1000)
    generator = torch.Generator().manual_seed(0)
    count, s, t = 200_000, 300, 600
    x0 = 0.5 + 0.3 * torch.randn(count, 1, generator=generator, dtype=torch.float64)
    at_s = schedule.diffuse(
        x0, torch.full((count,), s), torch.randn(x0.shape, generator=generator, dtype=torch.float64)
    )
    left = schedule.alphas_bar[t] / schedule.alphas_bar[s]
    at_t = left.sqrt() * at_s + (1 - left).sqrt() * torch.randn(x0.shape, generator=generator, dtype=torch.float64)
    ab_s, ab_t = float(schedule.alphas_bar[s]), float(schedule.alphas_bar[t])
    assert float(at_t.mean()) == pytest.approx(0.5 * math.sqrt(ab_t), abs=0.01)
    assert float(at_t.var()) == pytest.approx(0.09 * ab_t + 1 - ab_t, rel=0.01)
    covariance = float(((at_t - at_t.mean()) * (at_s - at_s.mean())).mean())
    assert covariance == pytest.approx(math.sqrt(ab_s * ab_t) * 0.09 + math.sqrt(ab_t / ab_s) * (1 - ab_s), rel=0.02)


@pytest.mark.parametrize("ab", [0.9, 0.5, 0.01])
def test_every_objective_translates_back_to_data_and_noise(ab: float) -> None:
    generator = torch.Generator().manual_seed(1)
    x0, noise = torch.randn(2, 64, generator=generator, dtype=torch.float64)
    signal, level = torch.tensor(ab, dtype=torch.float64).sqrt(), torch.tensor(1 - ab, dtype=torch.float64).sqrt()
    xt = signal * x0 + level * noise
    for objective in ("eps", "v"):
        said = interpret(objective, target(objective, x0, noise, signal, level), xt, signal, level)
        assert torch.allclose(said.x0, x0, atol=1e-9) and torch.allclose(said.eps, noise, atol=1e-9)


def test_v_at_equal_shares_is_the_difference_over_root_two() -> None:
    half = torch.tensor(0.5).sqrt()
    x0, noise = torch.tensor([1.0, -2.0]), torch.tensor([0.5, 3.0])
    assert torch.allclose(target("v", x0, noise, half, half), (noise - x0) / math.sqrt(2))


@pytest.mark.parametrize("ab", [0.9, 0.5, 0.01])
def test_the_losses_of_one_answer_differ_by_the_signal_to_noise_ratio(ab: float) -> None:
    generator = torch.Generator().manual_seed(2)
    x0, noise, wrong = torch.randn(3, 64, generator=generator, dtype=torch.float64)
    signal, level = torch.tensor(ab, dtype=torch.float64).sqrt(), torch.tensor(1 - ab, dtype=torch.float64).sqrt()
    xt, snr = signal * x0 + level * noise, ab / (1 - ab)
    in_x0 = float((wrong - x0).square().mean())
    implied_eps = (xt - signal * wrong) / level
    implied_v = signal * implied_eps - level * wrong
    assert float((implied_eps - noise).square().mean()) == pytest.approx(snr * in_x0)
    in_v = float((implied_v - target("v", x0, noise, signal, level)).square().mean())
    assert in_v == pytest.approx((snr + 1) * in_x0)


def test_clipping_keeps_the_two_readings_of_x_consistent() -> None:
    signal, level, xt = torch.tensor(0.6), torch.tensor(0.8), torch.tensor([3.0, -0.1])
    said = clipped(interpret("eps", torch.tensor([0.1, 0.2]), xt, signal, level), xt, signal, level)
    assert float(said.x0.abs().max()) <= 1
    assert torch.allclose(signal * said.x0 + level * said.eps, xt)
