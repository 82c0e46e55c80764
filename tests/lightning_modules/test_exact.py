"""Same seed, same bits: whatever the workers, and from wherever a run is resumed."""

from __future__ import annotations

import collections
import io
import random
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from data.text import Problem
from lightning_modules import checkpoints
from lightning_modules.diffusion.ddpm import METHOD
from lightning_modules.exact import StepStream, aside, derived_seed, reseed, weights_sha256
from lightning_modules.options import TrainingOptions
from tests.lightning_modules.training import Trained, tiny_images, train

SMALL: dict[str, Any] = {"channels": 8, "dropout": 0.1}


def _options(**changes: Any) -> TrainingOptions:
    return TrainingOptions(**{"steps": 6, "batch_size": 8, "schedule": "cosine", "checkpoint_every": 1, **changes})


@given(items=st.integers(1, 30), size=st.integers(1, 70), seed=st.integers(0, 2**31 - 1))
def test_a_pass_of_the_stream_holds_every_item_once_whatever_the_batch_size(items: int, size: int, seed: int) -> None:
    stream = StepStream(items, size, seed)
    passes = 3
    seen = [index for batch in range(-(-passes * items // size)) for index in stream.indices(batch)]
    for number in range(passes):
        assert sorted(seen[number * items : (number + 1) * items]) == list(range(items))


def test_a_batch_is_the_same_read_in_order_or_by_address() -> None:
    in_order = [batch for batch, _ in zip(StepStream(50, 16, 3), range(20), strict=False)]
    by_address = StepStream(50, 16, 3)
    assert [by_address.indices(k) for k in reversed(range(20))] == in_order[::-1]
    later = StepStream(50, 16, 3, start=7)
    assert next(iter(later)) == in_order[7]


def test_other_seeds_give_other_batches() -> None:
    assert StepStream(50, 16, 0).indices(0) != StepStream(50, 16, 1).indices(0)


def test_reseeding_sets_torch_numpy_and_random_alike() -> None:
    def draws() -> tuple[float, float, float]:
        return torch.rand(()).item(), float(np.random.rand()), random.random()

    reseed(1, 5)
    first = draws()
    draws()
    reseed(1, 5)
    assert draws() == first
    reseed(1, 6)
    assert all(a != b for a, b in zip(draws(), first, strict=True))


def test_seeds_of_neighbouring_steps_and_purposes_do_not_collide() -> None:
    seeds = collections.Counter(derived_seed(s, k, p) for s in range(10) for k in range(200) for p in ("train", "x"))
    assert max(seeds.values()) == 1


def test_a_block_aside_leaves_the_random_state_as_it_was() -> None:
    reseed(0, 0)
    expected = (torch.rand(3).tolist(), np.random.rand(), random.random())
    reseed(0, 0)
    with aside(9, 9, "pictures"):
        torch.rand(10), np.random.rand(), random.random()
    assert (torch.rand(3).tolist(), np.random.rand(), random.random()) == expected


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Trained, Path]:
    folder = tmp_path_factory.mktemp("whole")
    return train(METHOD, tiny_images(), _options(), SMALL, folder=folder), folder


def test_a_run_whose_matrices_muon_moves_resumes_to_the_same_bits_and_differs_from_one_by_adamw(
    whole: tuple[Trained, Path], tmp_path: Path
) -> None:
    config = {**SMALL, "optimizer": "muon"}
    trained = train(METHOD, tiny_images(), _options(), config, folder=tmp_path)
    resumed = train(METHOD, tiny_images(), _options(), config, resume=checkpoints.checkpoint_path(tmp_path, 3))
    assert resumed.sha256 == trained.sha256 != whole[0].sha256


@pytest.mark.parametrize("step", [1, 3, 4, 5])
def test_a_run_resumed_from_any_checkpoint_ends_with_the_same_bits(whole: tuple[Trained, Path], step: int) -> None:
    trained, folder = whole
    resumed = train(METHOD, tiny_images(), _options(), SMALL, resume=checkpoints.checkpoint_path(folder, step))
    assert resumed.sha256 == trained.sha256


def test_loading_processes_do_not_change_a_bit(whole: tuple[Trained, Path]) -> None:
    assert train(METHOD, tiny_images(), _options(num_workers=2), SMALL).sha256 == whole[0].sha256


def test_a_resume_with_accumulated_batches_is_exact(tmp_path: Path) -> None:
    options = _options(steps=4, accumulate=3)
    trained = train(METHOD, tiny_images(), options, SMALL, folder=tmp_path)
    resumed = train(METHOD, tiny_images(), options, SMALL, resume=checkpoints.checkpoint_path(tmp_path, 2))
    assert resumed.sha256 == trained.sha256


def test_another_seed_ends_elsewhere(whole: tuple[Trained, Path]) -> None:
    assert train(METHOD, tiny_images(), _options(seed=1), SMALL).sha256 != whole[0].sha256


def test_the_hash_of_the_weights_can_be_recomputed_from_the_checkpoint(whole: tuple[Trained, Path]) -> None:
    trained, folder = whole
    newest, skipped = checkpoints.load_newest(folder)
    assert newest is not None and not skipped
    assert newest.step == 6 and checkpoints.newest_whole(folder) == newest.path
    assert weights_sha256(newest.content["state_dict"]) == trained.sha256


def test_the_hash_of_the_weights_follows_names_shapes_and_bytes_only() -> None:
    base = {"b": torch.arange(6.0).view(2, 3), "a": torch.ones(1)}
    assert weights_sha256(dict(reversed(base.items()))) == weights_sha256(base)
    strided = {**base, "b": base["b"].t().contiguous().t()}
    assert not strided["b"].is_contiguous()
    assert weights_sha256(strided) == weights_sha256(base)
    for changed in (
        {**base, "b": base["b"].view(3, 2)},
        {**base, "a": torch.zeros(1)},
        {"b": base["b"], "c": base["a"]},
    ):
        assert weights_sha256(changed) != weights_sha256(base)


def test_anybody_can_load_the_checkpoint_with_plain_torch(whole: tuple[Trained, Path]) -> None:
    path = checkpoints.checkpoint_path(whole[1], 6)
    plain = torch.load(path, weights_only=True)
    assert plain["global_step"] == 6


@pytest.mark.parametrize("harm", ["flip", "cut", "empty"])
def test_a_damaged_checkpoint_is_passed_over_and_named(tmp_path: Path, harm: str) -> None:
    for step in (1, 2):
        checkpoints.save(tmp_path, step, {"state_dict": {"w": torch.full((100,), float(step))}})
    newest = checkpoints.checkpoint_path(tmp_path, 2)
    content = bytearray(newest.read_bytes())
    if harm == "flip":
        content[len(content) // 2] ^= 1
    newest.write_bytes(content if harm == "flip" else content[:-70] if harm == "cut" else b"")
    loaded, skipped = checkpoints.load_newest(tmp_path)
    assert loaded is not None and loaded.step == 1
    assert [s.path for s in skipped] == [newest]
    assert checkpoints.newest_whole(tmp_path) == checkpoints.checkpoint_path(tmp_path, 1)
    assert "step-000000002.ckpt" in skipped[0].reason.en and "step-000000002.ckpt" in skipped[0].reason.hi


def test_no_usable_checkpoint_is_told_apart_from_none_at_all(tmp_path: Path) -> None:
    assert checkpoints.load_newest(tmp_path / "absent") == (None, ())
    checkpoints.checkpoint_path(tmp_path, 1).write_bytes(b"not a checkpoint")
    loaded, skipped = checkpoints.load_newest(tmp_path)
    assert loaded is None and len(skipped) == 1
    assert checkpoints.newest_whole(tmp_path) is None and checkpoints.newest_whole(tmp_path / "absent") is None


class _Harmful:
    def __reduce__(self) -> tuple[Any, ...]:
        return print, ("a pickle ran",)


def test_a_checkpoint_with_code_in_it_is_refused_though_its_checksum_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = checkpoints.save(tmp_path, 1, {"state_dict": {}, "extra": _Harmful()})
    with pytest.raises(Problem, match="more than plain weights"):
        checkpoints.load(saved.path)
    assert "a pickle ran" not in capsys.readouterr().out


def test_a_failed_write_leaves_the_earlier_checkpoint_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoints.save(tmp_path, 1, {"state_dict": {"w": torch.ones(3)}})

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("data.durable.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        checkpoints.save(tmp_path, 2, {"state_dict": {"w": torch.ones(3)}})
    assert [p.name for p in tmp_path.iterdir()] == ["step-000000001.ckpt"]


def test_the_seal_is_a_plain_zip_comment(tmp_path: Path) -> None:
    saved = checkpoints.save(tmp_path, 1, {"state_dict": {"w": torch.ones(3)}})
    with zipfile.ZipFile(io.BytesIO(saved.path.read_bytes())) as archive:
        assert archive.comment.startswith(b"sha256:") and archive.testzip() is None
