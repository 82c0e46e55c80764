"""DINO: the loss written out, the centre, and what tells a collapse."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from lightning_modules.options import TrainingOptions
from lightning_modules.ssl.dino import DINO, DINOConfig, balanced, distillation, information
from lightning_modules.ssl.views import ViewOptions, small_view
from tests.lightning_modules.training import tiny_images

DATA = tiny_images()


def _dino(**config: Any) -> DINO:
    torch.manual_seed(0)
    options = TrainingOptions(steps=10, batch_size=4)
    return DINO(DINOConfig(width=16, layers=1, patch=2, prototypes=12, **config), DATA, options)


def test_the_loss_is_the_cross_entropy_of_every_pair_of_different_views() -> None:
    generator = torch.Generator().manual_seed(0)
    student = torch.randn(4, 3, 5, generator=generator)
    teacher = torch.randn(2, 3, 5, generator=generator).softmax(dim=-1)
    total, pairs = 0.0, 0
    for t in range(2):
        for s in range(4):
            if s != t:
                told = (student[s] / 0.1).log_softmax(dim=-1)
                total += float(-(teacher[t] * told).sum(dim=-1).mean())
                pairs += 1
    assert pairs == 6
    assert float(distillation(student, teacher, 0.1)) == pytest.approx(total / pairs, rel=1e-5)


def test_a_student_that_knows_nothing_pays_the_logarithm_of_the_prototypes() -> None:
    teacher = torch.eye(256)[:3].expand(2, 3, 256)
    assert float(distillation(torch.zeros(2, 3, 256), teacher, 0.1)) == pytest.approx(math.log(256), abs=1e-5)


def test_prototypes_tell_most_when_each_image_has_its_own_and_nothing_at_either_collapse() -> None:
    assert float(information(torch.eye(8))) == pytest.approx(math.log(8), abs=1e-6)
    assert float(information(torch.eye(8)[:1].expand(20, 8))) == pytest.approx(0.0, abs=1e-6)  # one takes all
    assert float(information(torch.full((20, 8), 1 / 8))) == pytest.approx(0.0, abs=1e-6)  # all alike


def test_the_centre_follows_what_the_teacher_says_of_everything() -> None:
    model = _dino(balance="centre", teacher_temperature=0.04)
    views = torch.from_numpy(DATA.train.x[:6])
    said = model.teacher(views)
    first = model.shares(views)
    assert torch.allclose(first, (said / 0.04).softmax(dim=-1), atol=1e-5)  # the centre was nought
    assert torch.allclose(model.centre, 0.1 * said.mean(dim=0), atol=1e-6)
    assert torch.allclose(model.shares(views), ((said - 0.1 * said.mean(dim=0)) / 0.04).softmax(dim=-1), atol=1e-5)
    off = _dino(centring=False)
    off.shares(views)
    assert not off.centre.any()


def test_balanced_shares_are_those_of_the_matrix_scaled_step_by_step_and_stay_finite() -> None:
    """Against Sinkhorn-Knopp as written in arXiv:2006.09882, listing 1: on the exponentials, prototypes by items."""
    scores = 2 * torch.randn(10, 4, generator=torch.Generator().manual_seed(0))
    q = scores.exp().T
    q = q / q.sum()
    for _ in range(3):
        q = q / q.sum(dim=1, keepdim=True) / 4
        q = q / q.sum(dim=0, keepdim=True) / 10
    assert torch.allclose(balanced(scores), (q * 10).T, atol=1e-6)
    settled = balanced(scores, rounds=200)
    assert torch.allclose(settled.sum(dim=0), torch.full((4,), 2.5), atol=1e-4)
    assert torch.allclose(balanced(1000 * scores).sum(dim=1), torch.ones(10), atol=1e-5)
    assert float(information(balanced(scores[:1].expand(10, 4)))) == pytest.approx(0.0, abs=1e-5)  # a collapse is told


def test_the_teacher_is_not_trained_and_the_student_is() -> None:
    model = _dino()
    model.log = lambda *a, **k: None  # type: ignore[method-assign]
    model.training_step((torch.from_numpy(DATA.train.x[:4]), torch.zeros(4)), 0).backward()  # type: ignore[no-untyped-call]
    assert all(p.grad is None for p in model.teacher.parameters())
    assert all(p.grad is not None for p in model.network.parameters())


def test_small_views_are_half_as_large_and_show_a_small_part() -> None:
    ramp = torch.linspace(-1, 1, 64).expand(300, 1, 64, 64).contiguous()
    plain = ViewOptions(crop=0.4, turn=0, bend=0, colour=0, blur=0, erase=0)
    view = small_view(ramp, plain)
    assert view.shape == (300, 1, 32, 32)
    seen = (view[:, 0, 0, -1] - view[:, 0, 0, 0]) / 2
    assert seen.max() < 0.4**0.5 + 0.01
