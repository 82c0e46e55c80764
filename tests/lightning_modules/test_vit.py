"""The vision transformer: patches, places, and attention that can be looked at without changing anything."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from data.text import Problem
from lightning_modules.blocks.vit import (
    SelfAttention,
    VisionTransformer,
    attention_maps,
    patchify,
    positions,
    unpatchify,
)
from lightning_modules.options import TrainingOptions
from lightning_modules.ssl.dino import DINO, DINOConfig
from lightning_modules.ssl.simclr import SimCLR, SimCLRConfig
from tests.lightning_modules.training import tiny_images

DATA = tiny_images()


def _vit(shape: tuple[int, int, int] = (1, 8, 8), patch: int = 2) -> VisionTransformer:
    torch.manual_seed(0)
    return VisionTransformer(shape, patch=patch, width=16, layers=3, heads=4).eval()


@pytest.mark.parametrize(("shape", "patch"), [((1, 28, 28), 4), ((3, 32, 32), 8), ((1, 56, 46), 8), ((2, 7, 5), 3)])
def test_patches_put_back_are_the_image(shape: tuple[int, int, int], patch: int) -> None:
    x = torch.randn(3, *shape)
    assert torch.equal(unpatchify(patchify(x, patch), shape, patch), x)


def test_patches_stand_row_by_row() -> None:
    x = torch.arange(16.0).view(1, 1, 4, 4)
    assert patchify(x, 2)[0].tolist() == [[0, 1, 4, 5], [2, 3, 6, 7], [8, 9, 12, 13], [10, 11, 14, 15]]


def test_every_place_is_told_apart_and_a_finer_grid_lies_between() -> None:
    places = positions(7, 7, 32)
    assert torch.cdist(places, places).fill_diagonal_(9).min() > 0.3
    assert torch.allclose(positions(7, 7, 32, of=(7, 7)), places)
    middle = positions(3, 3, 32, of=(9, 9))[4]
    assert torch.allclose(middle, positions(9, 9, 32)[40], atol=1e-5)  # the middle of either grid


def test_attention_can_be_looked_at_without_changing_the_output_and_its_rows_sum_to_one() -> None:
    network, x = _vit(), torch.randn(5, 1, 8, 8)
    plain = network(x)
    with attention_maps(network) as maps:
        looked = network(x)
    assert torch.equal(plain, looked)
    assert [tuple(one.shape) for one in maps] == [(5, 4, 17, 17)] * 3
    assert torch.allclose(torch.stack(maps).sum(dim=-1), torch.ones(3, 5, 4, 17), atol=1e-5)
    network(x)
    assert len(maps) == 3  # nothing is kept outside the block


def test_the_attention_told_is_the_one_that_mixes_the_values() -> None:
    layer = next(part for part in _vit().modules() if isinstance(part, SelfAttention))
    tokens = torch.randn(2, 6, 16)
    layer.maps = []
    out = layer(tokens)
    values = layer.queries_keys_values(tokens).view(2, 6, 3, 4, 4)[:, :, 2].transpose(1, 2)
    mixed = (layer.maps[0] @ values).transpose(1, 2).reshape(2, 6, 16)
    assert torch.allclose(layer.out(mixed), out, atol=1e-5)


def test_an_image_of_another_size_can_be_read() -> None:
    assert _vit()(torch.randn(2, 1, 4, 4)).shape == (2, 16)


def _dino() -> DINO:
    return DINO(DINOConfig(width=16, layers=2, patch=2), DATA, TrainingOptions()).eval()


def test_a_trained_transformer_tells_its_attention_on_held_out_and_given_images() -> None:
    with torch.no_grad():
        held_out = _dino().answer("attention", {"first": 2, "count": 3}, {})
        x = DATA.test.x[2:5]
        given = _dino().answer("attention", {}, {"x": x})
    assert held_out.values == {"rows": 4, "columns": 4, "patch": 2}
    assert held_out.arrays["attention"].shape == (3, 2, 4, 17, 17)
    assert np.array_equal(held_out.arrays["x"], x)
    assert np.allclose(held_out.arrays["attention"].sum(axis=-1), 1, atol=1e-5)
    assert given.arrays["attention"].shape == held_out.arrays["attention"].shape


def test_what_cannot_be_looked_at_is_said_in_words() -> None:
    with pytest.raises(Problem, match="only 10 held-out items"):
        _dino().answer("attention", {"first": 10}, {})
    with pytest.raises(Problem, match="1 to 16 items of 1 × 8 × 8"):
        _dino().answer("attention", {}, {"x": np.zeros((17, 1, 8, 8), np.float32)})
    with pytest.raises(Problem, match="between -1"):
        _dino().answer("attention", {}, {"x": np.full((1, 1, 8, 8), 7.0)})
    with pytest.raises(Problem, match="no attention to show"):
        SimCLR(SimCLRConfig(channels=4), DATA, TrainingOptions()).answer("attention", {}, {})


def test_a_width_that_the_heads_cannot_share_is_refused_at_its_field() -> None:
    with pytest.raises(Problem, match="multiple of 20") as caught:
        DINO(DINOConfig(width=16, heads=5), DATA, TrainingOptions())
    assert caught.value.field == "width"


def test_images_are_embedded_alike_whether_held_out_or_given() -> None:
    model = SimCLR(SimCLRConfig(channels=4), DATA, TrainingOptions()).eval()
    with torch.no_grad():
        own = model.answer("embed", {"count": 6, "seed": 3}, {})
        again = model.answer("embed", {}, {"x": DATA.test.x[own.arrays["item"]]})
    assert own.arrays["vectors"].shape == (6, 32) and own.values["width"] == 32
    assert np.allclose(own.arrays["vectors"], again.arrays["vectors"], atol=1e-5)
    assert DATA.test.y is not None
    assert np.array_equal(own.arrays["y"], DATA.test.y[own.arrays["item"]])
    with torch.no_grad():
        train = model.answer("embed", {"split": "train", "count": 5000}, {})
    assert len(train.arrays["vectors"]) == 30
