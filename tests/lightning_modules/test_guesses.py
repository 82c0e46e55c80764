"""What is worked out before a network is asked: the Gaussian guess of a hole, and of a large picture from a small one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from pytorch_lightning import LightningModule

from data.catalog import Dataset
from lightning_modules.diffusion.cascade import Cascade, CascadeConfig
from lightning_modules.diffusion.inpainting import Inpainting, InpaintingConfig
from lightning_modules.diffusion.parts.enlarging import Guesser, enlarged
from lightning_modules.diffusion.parts.gaussian_filling import GaussianFilling
from lightning_modules.diffusion.process.levels import levels_about
from lightning_modules.diffusion.process.schedule import noise_schedule
from lightning_modules.exact import reseed
from lightning_modules.options import TrainingOptions
from tests.lightning_modules.test_prompts import named


def test_a_hole_is_guessed_as_the_gaussian_of_the_same_covariance_does() -> None:
    reseed(0, 0)
    items = torch.randn(60, 1, 4, 5) @ torch.randn(5, 5) + 1
    filling = GaussianFilling.fitted(items, components=6)
    mask = torch.zeros(2, 1, 4, 5)
    mask[0, 0, 1:3, 1:4] = 1
    mask[1] = 1
    filled = filling(items[:2], mask)
    guess = filled.picture
    assert torch.equal(guess[mask == 0], items[:2][mask == 0])
    assert torch.allclose(guess[1].flatten(), filling.mean, atol=1e-5)
    w, own = filling.directions.double().numpy(), filling.noise.double().numpy()
    covariance = w @ w.T + np.diag(own)
    hole = mask[0].flatten().numpy() > 0
    seen = items[0].flatten().double().numpy() - filling.mean.numpy()
    across = covariance[np.ix_(hole, ~hole)] @ np.linalg.inv(covariance[np.ix_(~hole, ~hole)])
    assert np.allclose(guess[0].flatten().numpy()[hole] - filling.mean.numpy()[hole], across @ seen[~hole], atol=1e-3)
    left = np.trace(covariance[np.ix_(hole, hole)] - across @ covariance[np.ix_(~hole, hole)]) / hole.sum()
    assert filled.variance.flatten().tolist() == pytest.approx([left, np.trace(covariance) / 20], rel=1e-3)


def test_what_the_directions_reach_goes_on_beyond_the_edge_of_the_hole() -> None:
    reseed(0, 0)
    items = torch.randn(60, 1, 4, 5) @ torch.randn(5, 5)
    filling = GaussianFilling.fitted(items, components=3)
    mask = torch.zeros(1, 1, 4, 5)
    mask[..., 2:] = 1
    reached = filling(items[:1], mask).reached
    assert torch.equal(reached[mask != 0], filling(items[:1], mask).picture[mask != 0])
    directions = filling.directions.double()
    within = torch.linalg.lstsq(directions, (reached.flatten() - filling.mean).double()).solution
    assert torch.allclose(directions @ within, (reached.flatten() - filling.mean).double(), atol=1e-5)


def test_the_directions_and_the_rest_have_the_variance_of_the_data() -> None:
    reseed(0, 0)
    items = torch.randn(50, 1, 3, 4)
    filling = GaussianFilling.fitted(items, components=5)
    total = float(filling.directions.square().sum() + filling.noise.sum())
    assert total == pytest.approx(float(items.flatten(1).var(dim=0, unbiased=False).sum()), rel=1e-4)


def test_a_calibrated_guess_expects_to_miss_what_it_misses() -> None:
    reseed(0, 0)
    smooth = (
        torch.randn(80, 1, 12, 12).cumsum(2).cumsum(3) / 12
    )  # neighbours belong together: no two places are independent
    mask = torch.zeros(80, 1, 12, 12)
    mask[..., 3:9, 3:9] = 1
    filling = GaussianFilling.fitted(smooth, components=4)
    missed = float((smooth - filling(smooth, mask).picture)[mask != 0].square().mean())
    assert float(filling(smooth, mask).variance.mean()) != pytest.approx(missed, rel=0.1)
    filling.calibrate(smooth, mask)
    assert float(filling(smooth, mask).variance.mean()) == pytest.approx(missed, rel=1e-4)


def test_a_clean_small_picture_is_taken_as_it_is_and_pure_noise_for_nothing() -> None:
    reseed(0, 0)
    large = torch.rand(40, 3, 8, 8) * 2 - 1
    guesser, small = Guesser.fitted(large, 2), F.avg_pool2d(large[:2], 2)
    one, nothing = torch.ones(2, 1, 1, 1), torch.zeros(2, 1, 1, 1)
    clean = guesser(small, one, nothing, (8, 8))
    assert torch.allclose(clean.picture, enlarged(small, (8, 8)), atol=1e-6)
    assert clean.spread.flatten().tolist() == pytest.approx([float(guesser.lost_variance) ** 0.5] * 2)
    blind = guesser(torch.randn(2, 3, 4, 4), nothing, one, (8, 8))
    assert torch.allclose(blind.picture, guesser.mean.expand_as(blind.picture))
    assert float(blind.spread[0]) == pytest.approx(float(guesser.lost_variance + guesser.small_variance) ** 0.5)


def test_no_other_share_of_a_noisy_small_picture_is_nearer_to_the_true_one() -> None:
    reseed(0, 0)
    guesser = Guesser(0.3, 0.5, 0.1)
    small = 0.3 + 0.5**0.5 * torch.randn(20_000, 1, 1, 1)
    signal, level = torch.full_like(small, 0.8), torch.full_like(small, 0.6)
    noisy = signal * small + level * torch.randn_like(small)
    guess = guesser(noisy, signal, level, (1, 1)).picture
    error = float((guess - small).square().mean())
    assert error == pytest.approx(0.5 * 0.36 / (0.64 * 0.5 + 0.36), rel=0.05)
    assert all(float((0.3 + share * (guess - 0.3) - small).square().mean()) > error for share in (0.8, 1.2))


def test_half_of_the_levels_lie_about_the_spread() -> None:
    noising = noise_schedule("cosine", 1000)
    t = levels_about(noising, 0.2, (torch.arange(1000) + 0.5) / 1000)
    signal, level = noising.signal_and_noise(t[:500], torch.empty(1))
    assert float((level / signal).median()) == pytest.approx(0.2 * np.exp(-0.5), rel=0.05)
    assert float(t[500:].mean()) == pytest.approx(499.5, abs=2)


OPTIONS = TrainingOptions(steps=4, batch_size=4)
MADE: dict[str, Callable[[Dataset], LightningModule]] = {
    "filling": lambda data: Inpainting(InpaintingConfig(channels=8), data, OPTIONS),
    "guesser": lambda data: Cascade(CascadeConfig(channels=8), data, OPTIONS),
}


@pytest.mark.parametrize("part", MADE)
def test_the_guess_goes_along_with_the_weights_to_a_model_made_of_other_data(part: str) -> None:
    data = named()
    darker = replace(data, train=replace(data.train, x=data.train.x * 0.5 - 0.5))
    learned, other = (MADE[part](one) for one in (data, darker))
    mean = f"{part}.mean"
    assert not torch.equal(other.state_dict()[mean], learned.state_dict()[mean])
    other.load_state_dict(learned.state_dict())
    guesses = [key for key in learned.state_dict() if key.startswith(f"{part}.")]
    assert len(guesses) >= 3
    assert all(torch.equal(other.state_dict()[key], learned.state_dict()[key]) for key in guesses)
