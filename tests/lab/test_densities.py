"""The exact score: against automatic differentiation of the log density, and against the mixture denoiser of the samplers' tests."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dashboard.lab.densities import Mixture, known_density, relative_error
from dashboard.lab.field import Stages, errors, exact_eps, grid, grid_request, noisy_points
from lightning_modules.diffusion.process.closed_form import MixtureDenoiser
from lightning_modules.diffusion.process.schedule import noise_schedule, rectified_flow

MEANS = np.array([[2.0, 0.0], [-1.0, 0.5], [0.0, -2.0]])


@pytest.mark.parametrize(("signal", "level"), [(0.99, 0.14), (0.5, 0.87), (1.0, 30.0), (0.03, 0.97)])
def test_the_exact_score_is_the_gradient_of_the_log_density(signal: float, level: float) -> None:
    x = torch.tensor(np.random.default_rng(0).standard_normal((40, 2)) * 2, requires_grad=True)
    centres, total = signal * torch.tensor(MEANS), signal**2 * 0.04 + level**2
    log_density = torch.logsumexp(-(x[:, None] - centres).square().sum(-1) / (2 * total), dim=1)
    (gradient,) = torch.autograd.grad(log_density.sum(), x)
    found = Mixture(MEANS, 0.04).score(x.detach().numpy(), signal, level)
    np.testing.assert_allclose(found, gradient.numpy(), rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("t", [5, 300, 700])
def test_the_noise_it_sees_is_that_of_the_mixture_denoiser(t: int) -> None:
    for schedule in (noise_schedule("cosine", 1000), rectified_flow()):
        x = np.random.default_rng(1).standard_normal((20, 2))
        signal, level = schedule.factors(t)
        theirs = MixtureDenoiser(schedule, torch.tensor(MEANS), 0.09)(torch.tensor(x), t).eps
        np.testing.assert_allclose(Mixture(MEANS, 0.09).eps(x, signal, level), theirs.numpy(), rtol=1e-6, atol=1e-8)


def test_densities_of_shipped_point_sets_are_found_from_their_blur() -> None:
    gaussians = known_density("eight_gaussians", {"noise": 0.1})
    assert gaussians is not None and gaussians.means.shape == (8, 2)
    np.testing.assert_allclose(np.linalg.norm(gaussians.means, axis=1), 2, rtol=1e-6)
    assert gaussians.variance == pytest.approx(0.01, rel=0.05)
    moons = known_density("two_moons", {"noise": 0.04})
    assert moons is not None and moons.variance == pytest.approx((1.5 * 0.04) ** 2, rel=0.05)
    assert known_density("digits", {}) is None
    assert known_density("somebody_elses", {}) is None


def test_the_exact_field_has_no_error_and_a_silent_one_has_all_of_it() -> None:
    density = Mixture(MEANS, 0.04)
    schedule = noise_schedule("cosine", 100)
    t = np.array([90.0, 50.0, 10.0])
    signal, level = np.array([schedule.factors(one) for one in t]).T
    stages = Stages(t, signal, level)
    points = noisy_points(stages, density)
    exact = exact_eps(stages, points, density)
    np.testing.assert_allclose(errors(stages, points, exact.reshape(-1, 2), density), 0, atol=1e-12)
    np.testing.assert_allclose(errors(stages, points, 0 * exact.reshape(-1, 2), density), 1, rtol=1e-12)
    asked = grid_request(stages, 2.0)
    assert asked["x"].shape == (3 * len(grid(2.0)), 2) and asked["t"].shape == (3 * len(grid(2.0)),)
    assert relative_error(exact[0], exact[0]) == 0
