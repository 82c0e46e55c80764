"""Our losses against those of lightly, to 1e-6.

`pytest -m peers` in the peers' environment (`make bench-peers` makes it); elsewhere they are skipped.
"""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from lightning_modules.ssl.byol import regression
from lightning_modules.ssl.dino import distillation
from lightning_modules.ssl.simclr import nt_xent

lightly = pytest.importorskip("lightly.loss", reason="needs the peers' environment")
pytestmark = pytest.mark.peers


def _views(count: int, items: int = 24, width: int = 16) -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(items, width, generator=generator, dtype=torch.float64) for _ in range(count)]


@pytest.mark.parametrize("temperature", [0.1, 0.5, 1.0])
def test_nt_xent_is_theirs(temperature: float) -> None:
    first, second = _views(2)
    theirs = lightly.NTXentLoss(temperature=temperature)(first, second)
    assert float(nt_xent(torch.cat([first, second]), temperature)) == pytest.approx(float(theirs), abs=1e-6)


def test_the_regression_of_byol_is_theirs_up_to_scale_and_shift() -> None:
    predicted, target = _views(2)
    theirs = lightly.NegativeCosineSimilarity()(predicted, target)
    assert float(regression(predicted, target)) == pytest.approx(2 + 2 * float(theirs), abs=1e-6)


def test_the_distillation_of_dino_is_theirs_the_centre_included() -> None:
    views = [F.normalize(view.float(), dim=1) for view in _views(6, width=32)]
    teacher, student = views[:2], views[2:]
    loss = lightly.DINOLoss(output_dim=32, teacher_temp=0.04, warmup_teacher_temp_epochs=0, student_temp=0.1)
    loss(teacher, student, epoch=1)  # moves the centre
    centre = loss.center.value.flatten() if hasattr(loss.center, "value") else loss.center.flatten()
    assert torch.allclose(centre, 0.1 * torch.cat(teacher).mean(dim=0), atol=1e-6)
    theirs = loss(teacher, student, epoch=1)
    shares = torch.stack([((view - centre) / 0.04).softmax(dim=-1) for view in teacher])
    assert float(distillation(torch.stack(student), shares, 0.1)) == pytest.approx(float(theirs), abs=1e-6)
