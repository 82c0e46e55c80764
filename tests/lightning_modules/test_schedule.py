"""The forward process against numbers computed independently (in numpy) and against identities.

What is exact and quick stands in `lightning_modules/truths/`, which `test_truths` checks.
"""

from __future__ import annotations

import math

import pytest
import torch

from data.text import Problem
from lightning_modules.diffusion.process.schedule import (
    NoiseSchedule,
    ScheduleName,
    edm_sigmas,
    exploding,
    noise_schedule,
    rectified_flow,
    shifted,
)

LINEAR = {0: 0.9999, 249: 0.524085, 499: 0.078587, 749: 0.003351, 999: 4.036e-5}
COSINE = {0: 0.999959, 249: 0.847012, 499: 0.493844, 749: 0.144272, 999: 2.43e-9}
PRESERVING: tuple[ScheduleName, ...] = ("linear", "cosine", "sigmoid")
EVERY: dict[str, NoiseSchedule] = {
    **{name: noise_schedule(name, 1000) for name in PRESERVING},
    "shifted": shifted(noise_schedule("cosine", 1000), 1 / 3),
    "flow": rectified_flow(),
    "edm": exploding(edm_sigmas(1000)),
}


def test_the_sigmoid_schedule_is_that_of_its_paper() -> None:
    """arXiv:2212.11972, algorithm 1, start -3, end 3, temperature 1: symmetric about one half."""
    found = noise_schedule("sigmoid", 1000).alphas_cumprod
    assert float(found[499]) == pytest.approx(0.5, abs=1e-9)
    ends = [1 / (1 + math.exp(-end)) for end in (-3, 3)]
    for t in (99, 249, 749, 899):
        at = 1 / (1 + math.exp(-(-3 + 6 * (t + 1) / 1000)))
        assert float(found[t]) == pytest.approx((ends[1] - at) / (ends[1] - ends[0]), rel=1e-9), t


@pytest.mark.parametrize("name", EVERY)
def test_signal_to_noise_falls_and_the_betas_are_its_steps(name: str) -> None:
    schedule = EVERY[name]
    assert bool((schedule.snr.diff() < 0).all())
    ratio = schedule.alphas_cumprod[1:] / schedule.alphas_cumprod[:-1]
    assert torch.allclose(ratio, 1 - schedule.betas[1:], rtol=1e-12)


def test_a_shifted_schedule_noises_smaller_data_as_the_schedule_noises_data() -> None:
    """arXiv:2301.11093, section 3.1: log-SNR moved by the same amount at every step; the path stays."""
    schedule = noise_schedule("cosine", 1000)
    finer = shifted(schedule, 0.25)
    assert torch.allclose(finer.snr.log() - schedule.snr.log(), torch.tensor(2 * math.log(4), dtype=torch.float64))
    assert torch.allclose(finer.signals.square() + finer.levels.square(), torch.ones(1000, dtype=torch.float64))
    of_small = finer.snr * 0.25**2  # signal-to-noise ratio of data of a quarter of the spread
    assert torch.allclose(of_small, schedule.snr)
    with pytest.raises(ValueError, match="straight"):
        shifted(rectified_flow(), 0.25)


@pytest.mark.parametrize("name", PRESERVING)
@pytest.mark.parametrize("steps", [10, 50, 200, 1000, 4000])
def test_no_signal_is_left_at_the_end_whatever_the_number_of_steps(name: ScheduleName, steps: int) -> None:
    assert float(noise_schedule(name, steps).alphas_cumprod[-1].sqrt()) <= 0.05


def test_a_schedule_that_leaves_signal_is_refused() -> None:
    with pytest.raises(Problem, match="78%") as caught:
        NoiseSchedule.from_betas(torch.linspace(1e-4, 0.02, 50, dtype=torch.float64))
    assert (caught.value.code, caught.value.field) == ("schedule_leaves_signal", "noise_steps")
    with pytest.raises(Problem):
        exploding(torch.tensor([10.0, 1.0, 0.1]))


def test_noised_data_has_the_mean_variance_and_covariance_of_the_forward_process() -> None:
    schedule = noise_schedule("cosine", 1000)
    generator = torch.Generator().manual_seed(0)
    count, s, t = 200_000, 300, 600
    x0 = 0.5 + 0.3 * torch.randn(count, 1, generator=generator, dtype=torch.float64)
    at_s = schedule.diffuse(
        x0, torch.full((count,), s), torch.randn(x0.shape, generator=generator, dtype=torch.float64)
    )
    left = schedule.alphas_cumprod[t] / schedule.alphas_cumprod[s]
    at_t = left.sqrt() * at_s + (1 - left).sqrt() * torch.randn(x0.shape, generator=generator, dtype=torch.float64)
    ab_s, ab_t = float(schedule.alphas_cumprod[s]), float(schedule.alphas_cumprod[t])
    assert float(at_t.mean()) == pytest.approx(0.5 * math.sqrt(ab_t), abs=0.01)
    assert float(at_t.var()) == pytest.approx(0.09 * ab_t + 1 - ab_t, rel=0.01)
    covariance = float(((at_t - at_t.mean()) * (at_s - at_s.mean())).mean())
    assert covariance == pytest.approx(math.sqrt(ab_s * ab_t) * 0.09 + math.sqrt(ab_t / ab_s) * (1 - ab_s), rel=0.02)


def test_the_ladder_of_edm_has_the_published_steps() -> None:
    found = edm_sigmas(18)
    assert found[:4].tolist() == pytest.approx([80, 57.586, 40.7856, 28.3746], rel=1e-5)
    assert found[-3:].tolist() == pytest.approx([0.0229, 0.0075, 0.002], abs=5e-5)
    ladder = exploding(found)
    assert bool((ladder.signals == 1).all()) and torch.equal(ladder.levels, found.flip(0))


def test_the_straight_path_has_shares_that_add_to_one() -> None:
    flow = rectified_flow()
    assert torch.allclose(flow.signals + flow.levels, torch.ones(1000, dtype=torch.float64))
    assert (float(flow.levels[0]), float(flow.levels[-1])) == pytest.approx((5e-4, 1 - 5e-4))


@pytest.mark.parametrize("name", EVERY)
def test_between_two_levels_log_snr_is_interpolated_and_the_path_is_kept(name: str) -> None:
    schedule = EVERY[name]
    t = torch.tensor([0.0, 0.25, 400.5, 998.75, 999.0], dtype=torch.float64)
    signal, level = (found[:, 0] for found in schedule.signal_and_noise(t, torch.empty(1, 1, dtype=torch.float64)))
    log_snr = schedule.snr.log()
    assert float((signal / level)[2].square().log()) == pytest.approx(float(log_snr[400] + log_snr[401]) / 2)
    assert [float(signal[0]), float(level[-1])] == pytest.approx(
        [float(schedule.signals[0]), float(schedule.levels[-1])]
    )
    kept = {"preserving": signal**2 + level**2, "straight": signal + level, "exploding": signal}[schedule.path]
    assert torch.allclose(kept, torch.ones(5, dtype=torch.float64), rtol=1e-9)
    assert torch.allclose(schedule.t_of(level / signal), t, atol=1e-6)
    assert schedule.factors(400.5) == pytest.approx((float(signal[2]), float(level[2])))


def test_whole_levels_are_those_of_the_table_to_the_last_bit() -> None:
    schedule = noise_schedule("cosine", 1000)
    signal, level = schedule.signal_and_noise(torch.tensor([7, 500]), torch.empty(1, 1, dtype=torch.float64))
    assert torch.equal(signal[:, 0], schedule.signals[[7, 500]]) and torch.equal(level[:, 0], schedule.levels[[7, 500]])
    assert schedule.factors(7.0) == (float(schedule.signals[7]), float(schedule.levels[7]))
