"""Weight files that mean harm, or are of another model: refused in one plain sentence that names what differs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from data import weight_files
from data.text import Problem
from lightning_modules.diffusion.ddpm import DDPM, DDPMConfig
from lightning_modules.options import TrainingOptions
from lightning_modules.weight_files import packed, take, weights_of
from tests.hostile import files
from tests.lightning_modules.training import tiny_images


def _model(seed: int = 0, **config: object) -> DDPM:
    torch.manual_seed(seed)
    return DDPM(DDPMConfig(channels=8, **config), tiny_images(), TrainingOptions())


def _assert_plain(problem: Problem) -> None:
    english, hindi = problem.text.en, problem.text.hi
    assert (problem.code, problem.field) == ("bad_weights", "start_from")
    assert "mine.safetensors" in english and "mine.safetensors" in hindi
    assert english.endswith(".") and hindi.endswith("।") and "\n" not in english and len(english) < 260


@pytest.mark.parametrize("kind", files.REFUSED_WEIGHTS)
def test_a_hostile_weight_file_is_refused_before_it_is_kept(kind: str, tmp_path: Path) -> None:
    make, says = files.REFUSED_WEIGHTS[kind]
    with pytest.raises(Problem) as caught:
        weight_files.keep(make(), "mine.safetensors", tmp_path / "weights")
    _assert_plain(caught.value)
    assert re.search(says, caught.value.text.en), caught.value.text.en
    assert not (tmp_path / "weights").exists()


def _refusal(content: bytes, tmp_path: Path, **config: object) -> str:
    kept = weight_files.keep(content, "mine.safetensors", tmp_path)
    model = _model(1, **config)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with pytest.raises(Problem) as caught:
        take(model, kept.path, kept.name)
    _assert_plain(caught.value)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items()), "half of it was taken"
    return caught.value.text.en


def test_weights_of_another_width_are_refused_by_the_first_tensor_that_differs(tmp_path: Path) -> None:
    wide = packed(weights_of(DDPM(DDPMConfig(channels=16), tiny_images(), TrainingOptions())), {})
    said = _refusal(wide, tmp_path)
    assert re.search(r"“network\.\S+” is 64 × 16 there and 32 × 8 in this model", said), said


def test_weights_of_a_network_with_less_or_more_in_it_are_refused_by_name(tmp_path: Path) -> None:
    less = packed(weights_of(_model()), {})
    assert re.search(r"it lacks “network\.\S+attention\S+” and \d+ more", _refusal(less, tmp_path, attention="8"))
    more = packed({**weights_of(_model()), "network.sidecar": torch.zeros(2)}, {})
    assert "this model has no “network.sidecar”." in _refusal(more, tmp_path)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused_by_name(value: float, tmp_path: Path) -> None:
    weights = weights_of(_model())
    weights["network.leave.weight"] = torch.full_like(weights["network.leave.weight"], value)
    assert "“network.leave.weight” that are no finite numbers" in _refusal(packed(weights, {}), tmp_path)


def test_a_file_that_fits_is_taken_into_the_network_and_its_average(tmp_path: Path) -> None:
    source, target = _model(0), _model(1)
    with torch.no_grad():
        for value in source.average.parameters():  # type: ignore[union-attr]
            value.add_(0.25)
    kept = weight_files.keep(packed(weights_of(source), {}), "mine.safetensors", tmp_path)
    assert weight_files.keep(kept.path.read_bytes(), "mine.safetensors", tmp_path).id == kept.id
    take(target, kept.path, kept.name)
    for name, value in source.average.state_dict().items():  # type: ignore[union-attr]
        assert torch.equal(target.network.state_dict()[name], value)
        assert torch.equal(target.average.state_dict()[name], value)  # type: ignore[union-attr]


def test_only_an_id_finds_a_kept_file(tmp_path: Path) -> None:
    kept = weight_files.keep(save({"w": torch.zeros(1)}), "mine.safetensors", tmp_path / "weights")
    (tmp_path / "secret.safetensors").write_bytes(kept.path.read_bytes())
    assert weight_files.find(kept.reference, tmp_path / "weights") == kept
    assert weight_files.find("file:../secret", tmp_path / "weights") is None
    assert weight_files.find(kept.id, tmp_path / "weights") is None
