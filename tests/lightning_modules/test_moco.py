"""MoCo: the loss by hand, the order of the queue, and who may be in it."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from lightning_modules import checkpoints
from lightning_modules.averages import Paired
from lightning_modules.options import TrainingOptions
from lightning_modules.ssl.moco import METHOD, MoCo, MoCoConfig, info_nce
from tests.lightning_modules.training import tiny_images, train

DATA = tiny_images(items=80)


def _moco(queue: int = 10, batch: int = 4) -> MoCo:
    torch.manual_seed(0)
    return MoCo(MoCoConfig(queue=queue, channels=4, projection=6), DATA, TrainingOptions(batch_size=batch, steps=9))


def _keys(first: int, count: int) -> torch.Tensor:
    return torch.arange(first, first + count).float()[:, None].expand(count, 6)


def test_a_collapse_costs_the_logarithm_of_queue_and_key() -> None:
    one = F.normalize(torch.ones(3, 8), dim=1)
    assert float(info_nce(one, one, one[:1].expand(4096, 8), 0.2)) == pytest.approx(8.3180, abs=1e-4)
    assert math.log(65_537) == pytest.approx(11.0904, abs=1e-4)


def test_the_loss_is_what_a_hand_computes() -> None:
    query, key = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.6, 0.8]])
    others = torch.tensor([[0.0, 1.0], [-1.0, 0.0]])
    wanted = -math.log(math.exp(0.6 / 0.5) / (math.exp(0.6 / 0.5) + math.exp(0.0) + math.exp(-1 / 0.5)))
    assert float(info_nce(query, key, others, 0.5)) == pytest.approx(wanted, abs=1e-6)


def test_the_oldest_keys_leave_first_and_the_queue_wraps() -> None:
    model = _moco(queue=10)
    for first in (0, 4, 8):
        model.remember(_keys(first, 4))
    assert model.queue[:, 0].tolist() == [10, 11, 2, 3, 4, 5, 6, 7, 8, 9]
    assert int(model.place) == 2
    model.remember(_keys(100, 25))  # more than it holds: the last ten
    assert sorted(model.queue[:, 0].tolist()) == list(range(115, 125))


def test_a_batch_is_compared_with_the_queue_as_it_was_before_it() -> None:
    model = _moco(queue=8, batch=4)
    before = model.queue.clone()
    seen: list[torch.Tensor] = []
    model.log = lambda *a, **k: None  # type: ignore[method-assign]
    remember = model.remember

    def spy(keys: torch.Tensor) -> None:
        seen.append(keys)
        remember(keys)

    model.remember = spy  # type: ignore[method-assign]
    torch.manual_seed(1)
    x = torch.from_numpy(DATA.train.x[:4])
    loss = model.training_step((x, torch.zeros(4)), 0)
    after = model.queue.clone()
    torch.manual_seed(1)
    query = F.normalize(model.network(model._view(x)), dim=1)
    assert float(loss.detach()) == pytest.approx(float(info_nce(query, seen[0], before, 0.2)), abs=1e-4)
    assert torch.equal(after[:4], seen[0]) and torch.equal(after[4:], before[4:])
    assert torch.allclose(after.norm(dim=1), torch.ones(8), atol=1e-5)


def test_the_queue_holds_no_more_than_half_of_the_images() -> None:
    assert len(_moco(queue=1000).queue) == 30


def test_the_slow_copy_keeps_its_share_of_itself() -> None:
    model = _moco()
    before = [p.clone() for p in model.teacher.parameters()]
    with torch.no_grad():
        for parameter in model.network.parameters():
            parameter.add_(1.0)
    model.move_average(0)
    for old, new in zip(before, model.teacher.parameters(), strict=True):
        assert torch.allclose(new, old + 0.01, atol=1e-6)
    assert isinstance(model._taught, Paired)


def test_queue_and_place_are_in_the_checkpoint(tmp_path: Path) -> None:
    options = TrainingOptions(steps=3, batch_size=4, checkpoint_every=1)
    train(METHOD, DATA, options, {"channels": 4, "queue": 10}, folder=tmp_path)
    saved = checkpoints.load(checkpoints.checkpoint_path(tmp_path, 3))["state_dict"]
    assert int(saved["place"]) == 12 % 10 and saved["queue"].shape == (10, 64)
