"""Views of whole batches: what each option does to every image, and what it leaves alone."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from lightning_modules.ssl.views import ViewOptions, _colour_maps, random_view, two_views

NOTHING = {"crop": 1.0, "turn": 0.0, "bend": 0.0, "colour": 0.0, "blur": 0.0, "erase": 0.0}


def _images(colours: int = 1, height: int = 12, width: int = 10, items: int = 64) -> Tensor:
    return torch.rand(items, colours, height, width, generator=torch.Generator().manual_seed(0)) * 2 - 1


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(3)


def test_a_view_without_changes_is_the_image() -> None:
    x = _images()
    assert torch.allclose(random_view(x, ViewOptions(**NOTHING)), x, atol=1e-5)


@pytest.mark.parametrize("colours", [1, 3])
def test_views_are_images_of_the_same_shape_and_differ_from_one_another(colours: int) -> None:
    x = _images(colours)
    first, second = two_views(x, ViewOptions(flip=True)).chunk(2)
    assert first.shape == second.shape == x.shape
    assert torch.isfinite(first).all() and first.abs().max() <= 1 + 1e-6
    assert ((first - second).flatten(1).abs().mean(dim=1) > 0.01).all()


def test_views_are_a_function_of_the_seed() -> None:
    x = _images()
    torch.manual_seed(5)
    once = random_view(x, ViewOptions())
    torch.manual_seed(5)
    assert torch.equal(once, random_view(x, ViewOptions()))


def test_half_of_the_views_are_mirrored_and_the_others_as_they_were() -> None:
    x = _images(items=400)
    view = random_view(x, ViewOptions(**NOTHING, flip=True))
    same = (view - x).flatten(1).abs().amax(dim=1) < 1e-4
    mirrored = (view - x.flip(3)).flatten(1).abs().amax(dim=1) < 1e-4
    assert (same ^ mirrored).all() and 150 < int(mirrored.sum()) < 250


def test_a_turn_turns_pixels_also_in_a_frame_that_is_not_square() -> None:
    x = -torch.ones(2000, 1, 21, 41)
    x[:, :, 10, 16:25] = 1  # a short horizontal bar in the middle
    view = random_view(x, ViewOptions(**{**NOTHING, "turn": 180.0})) + 1
    down = torch.arange(21.0) - 10
    across = torch.arange(41.0) - 20
    mass = view.sum(dim=(1, 2, 3))
    length = (view[:, 0] * (down[:, None] ** 2 + across[None] ** 2)).sum(dim=(1, 2)) / mass
    slanted = (0.8 * length.median() < length) & (length < 1.2 * length.median())
    assert slanted.float().mean() > 0.5  # squeezed frames would stretch the bar to twice its length


def test_a_crop_shows_at_least_its_share_of_the_image() -> None:
    ramp = torch.linspace(-1, 1, 64).expand(500, 1, 64, 64).contiguous()
    view = random_view(ramp, ViewOptions(**{**NOTHING, "crop": 0.25}))
    seen = (view[:, 0, 0, -1] - view[:, 0, 0, 0]) / 2
    assert seen.min() > 0.47 and seen.max() < 1.01  # the root of a quarter, less half a pixel
    assert seen.std() > 0.1


def test_an_erased_rectangle_has_one_shade_and_a_chosen_share_of_the_images() -> None:
    x = torch.zeros(1000, 1, 20, 20)
    view = random_view(x, ViewOptions(**{**NOTHING, "erase": 0.3}))
    changed = view.flatten(1) != 0
    share = changed.any(dim=1).float().mean()
    assert 0.24 < share < 0.36
    for image, painted in zip(view.flatten(1), changed, strict=True):
        assert len(image[painted].unique()) <= 1
    assert changed.float().mean(dim=1).max() < 0.3


def test_a_blur_keeps_the_mean_and_takes_detail_away() -> None:
    x = _images(height=28, width=28)
    view = random_view(x, ViewOptions(**{**NOTHING, "blur": 1.0}))
    assert float((view.mean() - x.mean()).abs()) < 0.01
    assert (view.flatten(1).std(dim=1) < x.flatten(1).std(dim=1)).all()


def test_changes_of_hue_and_saturation_leave_grey_as_it_is() -> None:
    maps = _colour_maps(100, 1.0, torch.zeros(1))
    assert torch.allclose(maps @ torch.ones(3), torch.ones(100, 3), atol=1e-5)
    assert not torch.allclose(maps @ torch.tensor([1.0, 0, 0]), torch.tensor([1.0, 0, 0]).expand(100, 3), atol=0.1)
