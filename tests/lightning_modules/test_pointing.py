"""The pointing game: hits on known objects, what chance and a blind rule get, and which pictures are no part of it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from data.arrays import make_dataset
from data.catalog import Dataset, Split
from data.text import Problem
from lightning_modules.options import TrainingOptions
from lightning_modules.ssl import pointing
from lightning_modules.ssl.dino import DINO, DINOConfig
from lightning_modules.ssl.pointing import FEWEST, Cut, has_object
from lightning_modules.ssl.simclr import SimCLR, SimCLRConfig

CUT = Cut(4, 4, 2)
PLACES = np.array([5, 6, 9, 10, 5, 6, 0, 3, 12, 15, 1, 2])
"""The patch that holds the object of each picture; the middle ones are 5, 6, 9 and 10."""


def _pictures() -> np.ndarray:
    x = np.full((len(PLACES), 3, 8, 8), 1.0, np.float32)
    for one, place in zip(x, PLACES, strict=True):
        row, column = divmod(int(place), 4)
        one[:2, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2] = -1
    return x


def _data() -> Dataset:
    x = _pictures()
    return make_dataset("image", Split(x), Split(x + np.float32(-0.01)))


def _dino(data: Dataset) -> DINO:
    torch.manual_seed(0)
    return DINO(DINOConfig(width=16, layers=2, heads=2, patch=2), data, TrainingOptions(ema_decay=0)).eval()


def test_hits_are_counted_against_any_place_and_the_middle() -> None:
    right = np.eye(16)[PLACES]
    wrong = np.eye(16)[(PLACES + 1) % 16]
    found = pointing.pointing(_pictures(), np.stack([right, wrong], axis=1), CUT)
    assert found is not None and found.attention.tolist() == [1.0, 0.0] and found.pictures == 12
    assert found.chance == pytest.approx(1 / 16)
    assert found.middle == pytest.approx(
        6 / 12 / 4
    )  # half of the objects lie in the middle, each in one of four patches


@pytest.mark.parametrize(("rows", "columns", "middle"), [(3, 3, [4]), (2, 3, [1, 4]), (4, 4, [5, 6, 9, 10])])
def test_the_middle_is_one_patch_or_several(rows: int, columns: int, middle: list[int]) -> None:
    assert Cut(rows, columns, 1).middle() == middle


def test_pictures_without_an_object_before_one_shade_are_no_part_of_it() -> None:
    plain = np.zeros((3, 8, 8))
    noise = np.random.default_rng(0).uniform(-1, 1, (3, 8, 8))
    filled = np.ones((3, 8, 8))
    filled[:, 0, 0] = -1
    assert not has_object(plain) and not has_object(noise) and all(has_object(one) for one in _pictures())
    mixed = np.concatenate([_pictures(), noise[None], plain[None]])
    found = pointing.pointing(mixed, np.ones((14, 16)), CUT)
    assert found is not None and found.pictures == 12
    assert pointing.pointing(_pictures()[:9], np.ones((9, 16)), CUT) is None


def test_what_a_transformer_is_asked_agrees_with_its_attention_picture_by_picture() -> None:
    data = _data()
    model = _dino(data)
    with torch.no_grad():
        said = model.answer("pointing", {}, {})
        looked = model.answer("attention", {"count": 12}, {}).arrays["attention"][:, :, :, 0, 1:]
        hits = looked.argmax(axis=-1) == PLACES[:, None, None]
        of_mean = looked.mean(axis=2).argmax(axis=-1) == PLACES[:, None]
        assert np.allclose(said.arrays["hits"], np.concatenate([of_mean.mean(0)[:, None], hits.mean(0)], axis=1))
        assert said.values["pictures"] == 12 and model.evaluate(data)["pointing"] == said.arrays["hits"][-1, 0]
        lines = {line.label.en: line.value for line in model.reference_lines(data) if line.metric == "pointing"}
        assert lines == {"any place": said.values["chance"], "always the middle": said.values["middle"]}


def test_noise_has_no_objects_and_a_convolutional_network_no_attention() -> None:
    noise = np.random.default_rng(0).uniform(-1, 1, (24, 3, 8, 8)).astype(np.float32)
    data = make_dataset("image", Split(noise[:12]), Split(noise[12:]))
    model = _dino(data)
    with torch.no_grad():
        assert model.answer("pointing", {}, {}).values == {
            "pictures": 0,
            "found": 0,
            "needed": FEWEST,
        } and "pointing" not in model.evaluate(data)
    blind = SimCLR(SimCLRConfig(channels=4), _data(), TrainingOptions(ema_decay=0)).eval()
    with torch.no_grad(), pytest.raises(Problem, match="no attention"):
        blind.answer("pointing", {}, {})
