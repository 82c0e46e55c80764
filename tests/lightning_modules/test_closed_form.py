"""Denoisers known in closed form: the floors of the reference table, and exactness where it is known.

What is exact and quick stands in `lightning_modules/truths/`, which `test_truths` checks.
"""

from __future__ import annotations

import itertools

import pytest
import torch

from data.datasets import digits, mnist
from lightning_modules.diffusion.process import closed_form
from lightning_modules.diffusion.process.closed_form import GaussianDenoiser, memorised_x0, memoriser_eps_error
from lightning_modules.diffusion.process.schedule import ScheduleName, noise_schedule


def _digits() -> tuple[torch.Tensor, torch.Tensor]:
    found = digits.load(digits.DigitsConfig())
    return torch.from_numpy(found.train.x), torch.from_numpy(found.test.x)


@pytest.mark.parametrize(("name", "floor"), [("cosine", 0.1366), ("linear", 0.0727)])
def test_the_best_linear_denoiser_of_mnist_is_that_of_the_table(name: ScheduleName, floor: float) -> None:
    train = torch.from_numpy(mnist.load(mnist.MnistConfig()).train.x)
    fitted = GaussianDenoiser.fitted(noise_schedule(name, 1000), train)
    assert float(fitted.eps_error().mean()) == pytest.approx(floor, rel=0.015)


@pytest.mark.parametrize(("name", "on_train"), [("cosine", 0.0299), ("linear", 0.0203)])
def test_the_memoriser_of_the_digits_is_that_of_the_table(name: ScheduleName, on_train: float) -> None:
    train, test = _digits()
    schedule = noise_schedule(name, 1000)
    assert memoriser_eps_error(schedule, train, train[:200], levels=50) == pytest.approx(on_train, rel=0.15)
    assert memoriser_eps_error(schedule, train, test[:50], levels=50) > 0.5  # by heart is no use on new data


def test_few_items_of_many_features_are_decomposed_the_short_way_with_the_same_errors() -> None:
    """Repeating every item changes the covariance by n/(n-1) alone, and leaves more items than features."""
    schedule = noise_schedule("cosine", 1000)
    items = torch.randn(30, 40, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    short, long = (GaussianDenoiser.fitted(schedule, x) for x in (items, items.repeat(400, 1)))
    assert short.vectors.shape == (40, 29) and long.vectors.shape == (40, 40)
    scaled = GaussianDenoiser(schedule, long.mean, long.values * (11_999 / 12_000) * (30 / 29), long.vectors)
    assert torch.allclose(short.eps_error(), scaled.eps_error(), rtol=1e-6, atol=1e-9)
    x = torch.randn(5, 40, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    assert torch.allclose(short(x, 300).x0, scaled(x, 300).x0, atol=1e-6)


def test_no_linear_denoiser_beats_the_fitted_one() -> None:
    """Least squares from x_t to x_0 on many noised items reaches the closed form, and not less."""
    schedule = noise_schedule("cosine", 1000)
    generator = torch.Generator().manual_seed(0)
    data = torch.randn(40_000, 3, generator=generator, dtype=torch.float64) * torch.tensor([1.0, 0.3, 0.1]) + 0.5
    fitted, t = GaussianDenoiser.fitted(schedule, data), 500
    noise = torch.randn(data.shape, generator=generator, dtype=torch.float64)
    xt = schedule.diffuse(data, torch.full((len(data),), t), noise)
    inputs = torch.cat([xt, torch.ones(len(xt), 1, dtype=torch.float64)], dim=1)
    learned = inputs @ torch.linalg.lstsq(inputs, noise).solution
    best, ours = (float((guess - noise).square().mean()) for guess in (learned, fitted(xt, t).eps))
    assert ours == pytest.approx(best, rel=1e-3)
    assert ours == pytest.approx(float(fitted.eps_error()[t]), rel=0.02)


def test_a_covariance_of_more_features_than_fit_is_taken_along_the_items_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    schedule = noise_schedule("cosine", 1000)
    generator = torch.Generator().manual_seed(0)
    items = torch.randn(30, 200, generator=generator, dtype=torch.float64)
    monkeypatch.setattr(closed_form, "MOST_FEATURES", 100)
    thin = GaussianDenoiser.fitted(schedule, items)
    dense = items - items.mean(0)
    covariance = dense.T @ dense / 29
    t, x = 500, torch.randn(2, 200, generator=generator, dtype=torch.float64)
    signal, level = schedule.factors(t)
    system = signal**2 * covariance + level**2 * torch.eye(200, dtype=torch.float64)
    centred = x - signal * items.mean(0)
    exact = items.mean(0) + signal * (covariance @ torch.linalg.solve(system, centred.T)).T
    assert torch.allclose(thin(x, t).x0, exact, atol=1e-8)


def test_the_memoriser_recovers_a_training_item_from_little_noise() -> None:
    train, _ = _digits()
    flat = train.reshape(len(train), -1)
    assert torch.allclose(memorised_x0(flat, 0.999**0.5 * flat[:20], 0.999**0.5, 0.001**0.5), flat[:20], atol=1e-4)


def test_the_best_linear_denoiser_of_clouds_is_that_of_all_orders_of_their_points() -> None:
    """Against the covariance over every order of four points, written out."""
    schedule = noise_schedule("cosine", 1000)
    generator = torch.Generator().manual_seed(0)
    clouds = torch.randn(12, 4, 2, generator=generator, dtype=torch.float64) * torch.tensor([1.0, 0.3]) + torch.randn(
        12, 1, 2, generator=generator, dtype=torch.float64
    )
    orders = torch.tensor(list(itertools.permutations(range(4))))
    every = clouds[:, orders].reshape(-1, 8)
    ours = GaussianDenoiser.exchangeable(schedule, clouds)
    covariance = torch.cov(every.T) * (len(every) - 1) / len(every) * (12 / 11)  # of 12 clouds, not of 288
    rebuilt = ours.vectors @ torch.diag(ours.values) @ ours.vectors.T
    assert torch.allclose(ours.vectors.T @ ours.vectors, torch.eye(8, dtype=torch.float64), atol=1e-10)
    assert torch.allclose(ours.mean, every.mean(0), atol=1e-10)
    centre = torch.full((4, 1), 0.5, dtype=torch.float64)
    alike = torch.einsum("pk,ad->pakd", centre, torch.eye(2, dtype=torch.float64)).reshape(8, 2)
    assert torch.allclose(alike.T @ rebuilt @ alike, alike.T @ covariance @ alike, atol=1e-9)
    inside = torch.eye(8, dtype=torch.float64) - alike @ alike.T
    assert torch.allclose(inside @ rebuilt @ inside, inside @ covariance @ inside * (11 / 12), atol=1e-9)
