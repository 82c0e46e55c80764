"""BYOL: the loss, the slow target, and what the three safeguards do."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from lightning_modules.options import TrainingOptions
from lightning_modules.ssl.byol import BYOL, BYOLConfig, Online, regression
from lightning_modules.ssl.teacher import rising
from tests.lightning_modules.training import tiny_images

DATA = tiny_images()


def _byol(**config: Any) -> BYOL:
    torch.manual_seed(0)
    return BYOL(BYOLConfig(channels=4, projection=6, **config), DATA, TrainingOptions(steps=10, batch_size=4))


def test_the_loss_is_nought_along_one_line_two_across_and_four_against() -> None:
    a = torch.tensor([[3.0, 0.0]])
    for other, level in (([5.0, 0.0], 0.0), ([0.0, 2.0], 2.0), ([-1.0, 0.0], 4.0), ([1.0, 1.0], 2 - 2 / 2**0.5)):
        assert float(regression(a, torch.tensor([other]))) == pytest.approx(level, abs=1e-6)


def test_the_loss_is_the_squared_distance_at_length_1() -> None:
    a, b = torch.randn(2, 7, 5, generator=torch.Generator().manual_seed(0))
    distance = (torch.nn.functional.normalize(a, dim=1) - torch.nn.functional.normalize(b, dim=1)).square().sum(dim=1)
    assert float(regression(a, b)) == pytest.approx(float(distance.mean()), abs=1e-6)


def test_the_momentum_rises_to_one_along_a_cosine() -> None:
    assert rising(0, 100, 0.99) == pytest.approx(0.99)
    assert rising(50, 100, 0.99) == pytest.approx(0.995)
    assert rising(100, 100, 0.99) == pytest.approx(1.0)


def test_the_target_moves_by_its_momentum_and_gets_no_gradient() -> None:
    model = _byol()
    x = torch.from_numpy(DATA.train.x[:4])
    model.log = lambda *a, **k: None  # type: ignore[method-assign]
    model.training_step((x, torch.zeros(4)), 0).backward()  # type: ignore[no-untyped-call]
    assert all(p.grad is None for p in model.teacher.parameters())
    assert all(p.grad is not None for p in model.network.parameters())
    before = [p.clone() for p in model.teacher.parameters()]
    with torch.no_grad():
        for p in model.network.parameters():
            p.mul_(2)
    model.move_average(5)  # half-way: 0.995
    for old, own, new in zip(before, model.network.parameters(), model.teacher.parameters(), strict=True):
        assert torch.allclose(new, 0.995 * old + 0.005 * own, atol=1e-6)


def test_each_view_predicts_the_target_of_the_other() -> None:
    model = _byol().eval()
    views = torch.randn(6, 1, 8, 8)
    z, _ = model.network(views)
    targets = model.targets(views, z)
    assert not targets.requires_grad and torch.allclose(targets, z, atol=1e-5)  # the copy has not moved yet
    assert torch.equal(_byol(stop_gradient=False).targets(views, z), z) and z.requires_grad


def test_without_a_predictor_the_projection_is_the_prediction() -> None:
    network = _byol(predictor=False).network
    assert isinstance(network, Online)
    z, predicted = network(torch.randn(6, 1, 8, 8))
    assert torch.equal(z, predicted)


def test_without_batch_norm_there_is_none_and_with_it_the_weights_begin_the_same() -> None:
    torch.manual_seed(0)
    normed = _byol()
    torch.manual_seed(0)
    bare = _byol(batch_norm=False)
    norms = (torch.nn.BatchNorm1d, torch.nn.BatchNorm2d)
    assert any(isinstance(layer, norms) for layer in normed.modules())
    assert not any(isinstance(layer, norms) for layer in bare.modules())
    first, second = (model.network.get_submodule("encoder").get_parameter("enter.weight") for model in (normed, bare))
    assert torch.equal(first, second)
