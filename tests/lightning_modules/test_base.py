"""Learning-rate schedules and the moving average of the weights, against their closed forms."""

from __future__ import annotations

import copy
import math

import pytest
import torch
from torch import nn

from lightning_modules.averages import Paired, averaged_copy, decay_at
from lightning_modules.base import rate_at
from lightning_modules.diffusion.ddpm import METHOD
from lightning_modules.options import TrainingOptions
from tests.lightning_modules.training import tiny_images, train


def test_the_rate_rises_linearly_and_then_follows_its_schedule() -> None:
    options = TrainingOptions(steps=100, warmup_steps=10, schedule="cosine")
    assert [rate_at(k, options) for k in (0, 4, 9)] == pytest.approx([0.1, 0.5, 1.0])
    assert rate_at(10, options) == 1
    assert rate_at(55, options) == pytest.approx(0.5)
    assert rate_at(100, options) == pytest.approx(0)
    linear = options.model_copy(update={"schedule": "linear"})
    assert rate_at(55, linear) == pytest.approx(0.5) and rate_at(200, linear) == 0
    constant = options.model_copy(update={"schedule": "constant"})
    assert {rate_at(k, constant) for k in (10, 50, 1000)} == {1.0}


def test_a_warm_up_longer_than_the_run_only_rises() -> None:
    options = TrainingOptions(steps=10, warmup_steps=20, schedule="cosine")
    rates = [rate_at(k, options) for k in range(10)]
    assert rates == sorted(rates) and rates[-1] == pytest.approx(0.5)


def test_the_average_of_constant_weights_has_its_closed_form() -> None:
    network = nn.Linear(3, 2)
    average = averaged_copy(network)
    start = average.weight.clone()  # type: ignore[operator]
    with torch.no_grad():
        network.weight.add_(1.0)
    for _ in range(50):
        Paired.of(average, network).update(0.9)
    expected = start + (1 - 0.9**50)
    assert torch.allclose(average.weight, expected, atol=1e-6)  # type: ignore[arg-type]


@pytest.mark.parametrize(("decay", "half_life"), [(0.9999, 6931), (0.999, 693), (0.995, 138), (0.99, 69)])
def test_the_decay_has_the_half_life_of_the_table(decay: float, half_life: int) -> None:
    assert math.log(0.5) / math.log(decay) == pytest.approx(half_life, abs=1)
    assert decay_at(10**6, decay) == decay


def test_a_short_run_is_not_an_average_with_its_random_start() -> None:
    left = math.prod(decay_at(step, 0.9999) for step in range(1000))
    assert left < 1e-12 < 0.9 < 0.9999**1000


def test_buffers_are_copied_not_averaged() -> None:
    network = nn.BatchNorm1d(2)
    average = averaged_copy(network)
    network(torch.randn(8, 2))
    Paired.of(average, network).update(0.5)
    assert torch.equal(average.running_mean, network.running_mean)  # type: ignore[arg-type]


def test_the_average_is_in_the_state_dict_and_moves_after_every_step() -> None:
    dataset = tiny_images()
    options = TrainingOptions(steps=3, batch_size=8, ema_decay=0.5)
    state = copy.deepcopy(train(METHOD, dataset, options, {"channels": 8}).module.state_dict())
    averaged = [name for name in state if name.startswith("average.")]
    assert len(averaged) == len([name for name in state if name.startswith("network.")])
    name = "enter.weight"
    assert not torch.equal(state[f"average.{name}"], state[f"network.{name}"])


def test_without_averaging_samples_come_from_the_trained_weights() -> None:
    module = train(METHOD, tiny_images(), TrainingOptions(steps=1, batch_size=8, ema_decay=0), {"channels": 8}).module
    assert module.best_network is module.network and not any("average" in k for k in module.state_dict())
