"""GANs: losses at logits worked out by hand, penalties in closed form, shapes, exact resuming, samples on request."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from data.arrays import make_dataset
from data.catalog import Dataset, MethodCard, Split
from data.text import Problem
from lightning_modules import checkpoints
from lightning_modules.adversarial import losses
from lightning_modules.adversarial.gan import GAN, METHOD, GANConfig
from lightning_modules.base import rate_at
from lightning_modules.blocks.adversaries import ImageCritic, ImageGenerator, sizes
from lightning_modules.exact import reseed
from lightning_modules.generators import DrawRequest
from lightning_modules.options import TrainingOptions
from tests.lightning_modules.training import tiny_images, train

PLAIN, STABLE = METHOD
POINTS = {"width": 8, "latent": 2, "quality_samples": 40}


def _points(items: int = 60) -> Dataset:
    x = np.random.default_rng(0).normal(size=(items, 2)).astype(np.float32)
    cut = items * 2 // 3
    return make_dataset("points", Split(x[:cut]), Split(x[cut:]))


def _options(**changes: Any) -> TrainingOptions:
    return TrainingOptions(**{"steps": 5, "batch_size": 8, "checkpoint_every": 1, "schedule": "cosine", **changes})


def _logits(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def test_the_non_saturating_losses_at_logits_worked_out_by_hand() -> None:
    real, fake = _logits(0.0, math.log(3)), _logits(0.0, -math.log(3))  # s = 1/2, 3/4 and 1/2, 1/4
    of_critic = (math.log(2) + math.log(4 / 3)) / 2 + (math.log(2) + math.log(4 / 3)) / 2
    assert float(losses.critic_loss("non_saturating", real, fake)) == pytest.approx(of_critic)
    of_generator = (math.log(2) + math.log(4)) / 2
    assert float(losses.generator_loss("non_saturating", real, fake)) == pytest.approx(of_generator)


def test_the_relativistic_losses_see_only_the_difference_of_a_pair() -> None:
    real, fake = _logits(1.0, 5.0), _logits(1.0 - math.log(3), 5.0)  # s(real - fake) = 3/4, 1/2
    assert float(losses.critic_loss("relativistic", real, fake)) == pytest.approx((math.log(4 / 3) + math.log(2)) / 2)
    assert float(losses.generator_loss("relativistic", real, fake)) == pytest.approx((math.log(4) + math.log(2)) / 2)
    moved = losses.critic_loss("relativistic", real + 100, fake + 100)
    assert float(moved) == pytest.approx(float(losses.critic_loss("relativistic", real, fake)))


@pytest.mark.parametrize("loss", ["non_saturating", "relativistic"])
def test_a_generator_that_is_seen_through_still_learns(loss: losses.Loss) -> None:
    """The saturating loss log(1 - s(fake)) has the slope s(fake) = e^-20 here; these have nearly 1."""
    fake = torch.tensor([-20.0], requires_grad=True)
    losses.generator_loss(loss, torch.zeros(1), fake).backward()  # type: ignore[no-untyped-call]
    assert fake.grad is not None and float(fake.grad) == pytest.approx(-1, abs=1e-6)


def test_the_penalty_of_a_linear_critic_is_the_square_of_its_weights_and_can_be_differentiated() -> None:
    critic = nn.Linear(3, 1).double()
    x = torch.randn(7, 3, dtype=torch.float64, requires_grad=True)
    penalty = losses.gradient_penalty(critic(x).squeeze(1), x)
    assert penalty.item() == pytest.approx(float(critic.weight.square().sum()))
    penalty.backward()  # type: ignore[no-untyped-call]
    assert critic.weight.grad is not None and torch.allclose(critic.weight.grad, 2 * critic.weight)


def test_the_penalty_of_a_quadratic_critic_is_the_mean_of_its_slopes() -> None:
    x = torch.randn(50, 1, 2, 2, dtype=torch.float64, requires_grad=True)
    penalty = losses.gradient_penalty(0.5 * x.flatten(1).square().sum(dim=1), x)
    assert penalty.item() == pytest.approx(float(x.flatten(1).square().sum(dim=1).mean()))


def test_the_maps_double_until_they_reach_the_side() -> None:
    assert [sizes(side) for side in (3, 4, 8, 28, 32)] == [[3], [4], [4, 8], [4, 7, 14, 28], [4, 8, 16, 32]]


@pytest.mark.parametrize("shape", [(1, 8, 8), (1, 28, 28), (3, 32, 32), (3, 31, 31), (1, 12, 20), (1, 4, 9)])
@pytest.mark.parametrize("normalised", [True, False])
def test_generator_and_critic_fit_images_of_any_side(shape: tuple[int, ...], normalised: bool) -> None:
    generator = ImageGenerator(shape, latent=5, channels=8, classes=3)
    critic = ImageCritic(shape, channels=8, classes=3, normalised=normalised)
    y = torch.tensor([0, 2])
    made = generator(torch.randn(2, 5), y)
    assert made.shape == (2, *shape) and float(made.abs().max()) <= 1
    assert critic(made, y).shape == (2,)


def test_the_first_maps_vary_by_z_alone_and_the_class_still_changes_the_picture() -> None:
    """With the class beside z it drowned z (decision 0065)."""
    reseed(0, 0)
    generator = ImageGenerator((1, 8, 8), latent=5, channels=8, classes=2)
    z, seen = torch.randn(64, 5), []
    generator.norms[0].norm.register_forward_hook(lambda *call: seen.append(call[-1]))  # type: ignore[union-attr]
    zeros, ones = torch.zeros(64, dtype=torch.long), torch.ones(64, dtype=torch.long)
    pictures = [generator(z, y) for y in (zeros, ones)]
    assert torch.equal(seen[0], seen[1]) and not torch.allclose(pictures[0], pictures[1])
    assert torch.allclose(seen[0].var(dim=(0, 2, 3), unbiased=False), torch.ones(16), atol=0.01)
    assert float(seen[0].mean(dim=0).abs().mean()) < 0.2  # no place has a level of its own


def test_a_critic_without_normalisation_judges_each_image_alone() -> None:
    critic = ImageCritic((1, 8, 8), channels=8, normalised=False)
    x = torch.randn(4, 1, 8, 8)
    assert torch.allclose(critic(x)[:1], critic(x[:1]), atol=1e-6)


@pytest.mark.parametrize("card", METHOD, ids=lambda card: card.name)
@pytest.mark.parametrize("step", [1, 3, 4])
def test_a_run_resumed_from_any_step_ends_with_the_same_bits(card: MethodCard, step: int, tmp_path: Path) -> None:
    whole = train(card, _points(), _options(), POINTS, folder=tmp_path)
    assert [checkpoints.step_of(path) for path in checkpoints.checkpoints_in(tmp_path)] == [5, 4, 3, 2, 1]
    resumed = train(card, _points(), _options(), POINTS, resume=checkpoints.checkpoint_path(tmp_path, step))
    assert resumed.sha256 == whole.sha256
    state = whole.module.state_dict()
    assert {name.split(".")[0] for name in state} == {"network", "average", "critic"}


def test_steps_count_batches_though_two_optimisers_step(tmp_path: Path) -> None:
    trained = train(PLAIN, _points(), _options(), POINTS, folder=tmp_path)
    assert trained.trainer.global_step == 10
    steps = {int(state["step"]) for one in trained.trainer.optimizers for state in one.state.values()}
    assert steps == {5}


def test_the_rate_follows_its_schedule_by_the_number_of_the_batch(tmp_path: Path) -> None:
    options = _options(learning_rate=0.01)
    train(PLAIN, _points(), options, POINTS, folder=tmp_path)
    for step in (1, 5):
        content = checkpoints.load(checkpoints.checkpoint_path(tmp_path, step))
        rates = [one["param_groups"][0]["lr"] for one in content["optimizer_states"]]
        assert rates == pytest.approx([0.01 * rate_at(step - 1, options)] * 2)


def _farthest(before: nn.Module, after: nn.Module) -> float:
    pairs = zip(before.parameters(), after.parameters(), strict=True)
    return max(float((a - b).abs().max()) for a, b in pairs)


def test_gradients_are_clipped_for_both_networks() -> None:
    """A gradient clipped to 1e-12 is lost beside Adam's epsilon of 1e-8: the weights hardly move; unclipped they do."""
    moved = []
    for clip in (1e-12, 0.0):
        options = _options(steps=1, gradient_clip=clip, ema_decay=0, learning_rate=0.1, schedule="constant")
        reseed(0, 0, "start")
        before = GAN(GANConfig(width=8, latent=2, quality_samples=40), _points(), options)
        after = train(PLAIN, _points(), options, POINTS).module
        moved.append([_farthest(before.network, after.network), _farthest(before.critic, after.critic)])
    assert max(moved[0]) < 1e-4 and min(moved[1]) > 0.05


def test_accumulating_gradients_is_refused_at_its_field() -> None:
    with pytest.raises(Problem) as caught:
        GAN(GANConfig(), _points(), TrainingOptions(accumulate=2))
    assert caught.value.field == "accumulate"


@pytest.fixture(scope="module")
def model() -> GAN:
    reseed(0, 0)
    return GAN(GANConfig(channels=8, latent=4, quality_samples=12), tiny_images(), TrainingOptions()).eval()


@torch.no_grad()
def test_samples_belong_to_items_and_not_to_batches(model: GAN) -> None:
    whole = model.draw(DrawRequest(count=7, seed=3))
    assert np.allclose(model.draw(DrawRequest(count=7, seed=3), batch=2), whole, atol=1e-5)
    assert np.allclose(model.draw(DrawRequest(count=2, seed=3)), whole[:2], atol=1e-5)
    assert not np.allclose(model.draw(DrawRequest(count=7, seed=4)), whole)


@torch.no_grad()
def test_a_class_can_be_asked_for_and_changes_the_sample(model: GAN) -> None:
    drawn = [model.answer("sample", {"count": 2, "label": label}, {}).arrays["x"] for label in (0, 1)]
    assert drawn[0].shape == (2, 1, 8, 8) and not np.allclose(drawn[0], drawn[1])


@pytest.mark.parametrize(
    ("values", "field"),
    [({"count": 0}, "count"), ({"label": 3}, "label"), ({"seed": "x"}, "seed"), ({"steps": 10}, "steps")],
)
def test_a_request_that_cannot_be_met_is_told_at_its_field(model: GAN, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Problem) as caught:
        model.answer("sample", values, {})
    assert caught.value.field == field
