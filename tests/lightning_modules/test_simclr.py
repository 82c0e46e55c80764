"""NT-Xent against numbers worked out elsewhere, and SimCLR itself."""

from __future__ import annotations

import math

import pytest
import torch

from lightning_modules.ssl.simclr import chance, floor, nt_xent


@pytest.mark.parametrize(("images", "level"), [(64, 4.844187), (128, 5.541264), (256, 6.236370), (512, 6.930495)])
def test_collapsed_projections_cost_the_logarithm_of_all_others(images: int, level: float) -> None:
    assert float(nt_xent(torch.ones(2 * images, 8), 0.5)) == pytest.approx(level, abs=1e-5)
    assert chance(images) == pytest.approx(level, abs=1e-6)


@pytest.mark.parametrize(("temperature", "level"), [(0.1, 0.000091), (0.5, 0.239545), (1.0, 0.551445)])
def test_two_orthogonal_pairs_cost_what_a_hand_computes(temperature: float, level: float) -> None:
    z = torch.tensor([[2.0, 0.0], [0.0, 1.0], [5.0, 0.0], [0.0, 3.0]])  # any length: partners are two apart
    assert float(nt_xent(z, temperature)) == pytest.approx(level, abs=1e-6)
    assert level == pytest.approx(math.log(1 + 2 * math.exp(-1 / temperature)), abs=1e-6)


def test_the_loss_is_that_of_equation_1_written_out() -> None:
    z = torch.nn.functional.normalize(torch.randn(12, 5, generator=torch.Generator().manual_seed(0)), dim=1)
    total = 0.0
    for i in range(12):
        j = (i + 6) % 12
        others = sum(math.exp(float(z[i] @ z[k]) / 0.3) for k in range(12) if k != i)
        total -= math.log(math.exp(float(z[i] @ z[j]) / 0.3) / others)
    assert float(nt_xent(z, 0.3)) == pytest.approx(total / 12, abs=1e-5)


@pytest.mark.parametrize(("temperature", "level"), [(0.5, 4.2411), (0.1, 0.0220)])
def test_no_projections_fall_below_the_simplex_and_a_simplex_reaches_it(temperature: float, level: float) -> None:
    assert floor(256, temperature) == pytest.approx(level, abs=1e-4)
    simplex = torch.eye(6) - 1 / 6
    assert float(nt_xent(torch.cat([simplex, simplex]), temperature)) == pytest.approx(floor(6, temperature), abs=1e-5)
    generator = torch.Generator().manual_seed(0)
    assert all(
        float(nt_xent(torch.randn(12, 9, generator=generator), temperature)) > floor(6, temperature) for _ in range(50)
    )


def test_the_loss_pulls_partners_together_and_pushes_others_apart() -> None:
    z = torch.nn.functional.normalize(torch.randn(16, 4, generator=torch.Generator().manual_seed(0)), dim=1)
    z.requires_grad_()
    nt_xent(z, 0.5).backward()  # type: ignore[no-untyped-call]
    assert z.grad is not None
    moved = torch.nn.functional.normalize((z - 0.1 * z.grad).detach(), dim=1)
    before, after = (z.detach() @ z.detach().T), moved @ moved.T
    partners = torch.arange(16).roll(8)
    rows = torch.arange(16)
    assert after[rows, partners].mean() > before[rows, partners].mean()
