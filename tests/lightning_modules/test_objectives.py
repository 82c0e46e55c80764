"""Objectives and weightings against their definitions: round trips, the sizes of their losses, published constants.

What is exact and quick stands in `lightning_modules/truths/`, which `test_truths` checks.
"""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from lightning_modules.diffusion.process.objectives import EDM, OBJECTIVES, Objective, clipped
from lightning_modules.diffusion.process.weighting import loss_weight

ALL: dict[str, Objective] = {**OBJECTIVES, "edm": EDM(0.5)}
PRESERVING = ("eps", "x0", "v", "edm")


def _drawn(count: int) -> Tensor:
    return torch.randn(count, 64, generator=torch.Generator().manual_seed(count), dtype=torch.float64)


def _factors(name: str, ab: float) -> tuple[Tensor, Tensor]:
    """Signal and level of that SNR, on the straight path for flow."""
    signal, level = math.sqrt(ab), math.sqrt(1 - ab)
    scale = signal + level if name == "flow" else 1.0
    return torch.tensor(signal / scale, dtype=torch.float64), torch.tensor(level / scale, dtype=torch.float64)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("ab", [0.9, 0.5, 0.01])
def test_the_loss_of_one_guess_is_its_error_in_x0_times_the_gain(name: str, ab: float) -> None:
    x0, noise, guess = _drawn(3)
    signal, level = _factors(name, ab)
    xt, snr = signal * x0 + level * noise, ab / (1 - ab)
    implied_eps = (xt - signal * guess) / level
    objective, in_x0 = ALL[name], float((guess - x0).square().mean())
    said = objective.target(guess, implied_eps, signal, level)  # what a network with this guess outputs
    loss = float((said - objective.target(x0, noise, signal, level)).square().mean())
    assert loss == pytest.approx(float(objective.gain(signal, level)) * in_x0)
    known = {"eps": snr, "x0": 1.0, "v": snr + 1, "flow": 1 / float(level) ** 2, "edm": 1 / float(EDM(0.5).c_out(level / signal)) ** 2}  # fmt: skip
    assert loss == pytest.approx(known[name] * in_x0)


@pytest.mark.parametrize("ab", [0.9, 0.5, 0.01])
def test_the_min_snr_weights_are_those_of_the_paper(ab: float) -> None:
    signal, level = _factors("eps", ab)
    snr = ab / (1 - ab)
    published = {"eps": min(snr, 5) / snr, "v": min(snr, 5) / (snr + 1), "x0": min(snr, 5)}
    for name, weight in published.items():
        assert float(loss_weight("min_snr", ALL[name], signal, level)) == pytest.approx(weight)  # type: ignore[arg-type]


def test_simple_weights_are_none_at_all() -> None:
    assert loss_weight("simple", ALL["v"], *_factors("v", 0.3)) is None


def test_the_preconditioning_has_the_published_constants() -> None:
    half = torch.tensor(0.5, dtype=torch.float64)
    edm = EDM(0.5)
    found = [float(c(half)) for c in (edm.c_skip, edm.c_out, edm.c_in, edm.c_noise)]
    assert found == pytest.approx([0.5, 0.353553, 1.414214, math.log(0.5) / 4], rel=1e-5)


@pytest.mark.parametrize("sigma", [0.002, 0.3, 1.0, 80.0])
def test_edm_weights_its_output_equally_everywhere_and_keeps_it_at_unit_scale(sigma: float) -> None:
    edm, one, at = EDM(0.5), torch.tensor(1.0, dtype=torch.float64), torch.tensor(sigma, dtype=torch.float64)
    weight = loss_weight("edm", edm, one, at, sigma_data=0.5)
    assert weight is not None and float(weight) == pytest.approx(1)
    lam = (sigma**2 + 0.25) / (sigma * 0.5) ** 2
    assert lam * float(edm.c_out(at)) ** 2 == pytest.approx(1)
    generator = torch.Generator().manual_seed(0)
    x0 = 0.5 * torch.randn(200_000, generator=generator, dtype=torch.float64)
    noise = torch.randn(200_000, generator=generator, dtype=torch.float64)
    assert float(edm.target(x0, noise, one, at).var()) == pytest.approx(1, rel=0.02)
    assert float(edm.entering(x0 + sigma * noise, one, at).var()) == pytest.approx(1, rel=0.02)


def test_clipping_keeps_the_two_readings_of_x_consistent() -> None:
    signal, level, xt = torch.tensor(0.6), torch.tensor(0.8), torch.tensor([3.0, -0.1])
    said = clipped(ALL["eps"].interpret(torch.tensor([0.1, 0.2]), xt, signal, level), xt, signal, level)
    assert float(said.x0.abs().max()) <= 1
    assert torch.allclose(signal * said.x0 + level * said.eps, xt)
