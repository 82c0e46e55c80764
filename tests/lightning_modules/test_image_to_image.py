"""Super-resolution, colorization, filling: what is known stays known exactly, and own pictures of any kind are taken."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from data.arrays import make_dataset
from data.catalog import Dataset, Split
from data.text import Problem
from lightning_modules.diffusion.asking import canvas, own_picture
from lightning_modules.diffusion.asking.own_picture import luminance, window_around
from lightning_modules.diffusion.asking.requests import SampleRequest
from lightning_modules.diffusion.colorization import Colorization, ColorizationConfig, coarse, with_luminance
from lightning_modules.diffusion.inpainting import Inpainting, InpaintingConfig, random_masks
from lightning_modules.diffusion.parts.image_to_image import ImageToImage
from lightning_modules.diffusion.process.condition import Condition
from lightning_modules.diffusion.super_resolution import (
    SuperResolution,
    SuperResolutionConfig,
    bicubic,
    reduced,
    repeated,
)
from lightning_modules.exact import reseed
from lightning_modules.options import TrainingOptions
from tests.lightning_modules.training import tiny_images


def _coloured(items: int = 40, side: int = 8) -> Dataset:
    x = np.random.default_rng(0).uniform(-1, 1, (items, 3, side, side)).astype(np.float32)
    return make_dataset("image", Split(x[: items // 2]), Split(x[items // 2 :]))


def _woken(built: Any) -> Any:
    """A model whose zero-initialised layers have been woken, as by some steps of training."""
    with torch.no_grad():
        for parameter in built.best_network.parameters():
            if not parameter.any():
                parameter.normal_(0, 0.05)
    return built.eval()


def _build(kind: str, **config: Any) -> Any:
    reseed(0, 0)
    config = {"channels": 8, "preview_steps": 3, "quality_samples": 4, **config}
    if kind == "colour":
        return _woken(Colorization(ColorizationConfig(**config), _coloured(), TrainingOptions()))
    if kind == "fill":
        return _woken(Inpainting(InpaintingConfig(**config), tiny_images(), TrainingOptions()))
    return _woken(SuperResolution(SuperResolutionConfig(**config), _coloured(), TrainingOptions()))


@pytest.fixture(autouse=True)
def _no_gradients() -> Any:
    with torch.no_grad():
        yield


@pytest.fixture(scope="module")
def larger() -> SuperResolution:
    built: SuperResolution = _build("larger")
    return built


@pytest.fixture(scope="module")
def colour() -> Colorization:
    built: Colorization = _build("colour")
    return built


@pytest.fixture(scope="module")
def fill() -> Inpainting:
    built: Inpainting = _build("fill")
    return built


def _picture(height: int, width: int, colours: int = 3) -> own_picture.Pixels:
    return np.random.default_rng(1).integers(0, 256, (height, width, colours), dtype=np.uint8)


@pytest.mark.parametrize("kind", ["larger", "colour", "fill"])
def test_the_loss_of_a_silent_network_is_one(kind: str) -> None:
    """The target has unit variance at every noise level when the rest has the spread that was measured (EDM, table 1)."""
    built = _build(kind)
    data = _coloured(400)
    if kind == "fill":
        data = tiny_images(400)
        built = Inpainting(InpaintingConfig(channels=8), data, TrainingOptions())
    for parameter in built.network.leave.parameters():
        parameter.zero_()
    x = torch.from_numpy(data.train.x)
    built.log = lambda *_: None
    assert float(built.training_step((x, torch.zeros(len(x), dtype=torch.long)), 0)) == pytest.approx(1, rel=0.05)


def test_a_silent_network_denoises_as_if_the_rest_beyond_the_base_were_gaussian(larger: SuperResolution) -> None:
    """x_0 = base + c_skip (x_t / a - base) with c_skip = v / (v + sigma²), v the variance of the rest."""
    built = _build("larger")
    built.average = None
    for parameter in built.network.leave.parameters():
        parameter.zero_()
    condition, x, t = built.held_out(0, 2), torch.randn(2, 3, 8, 8), torch.tensor([200, 600])
    signal, level = built.noising.signal_and_noise(t, x)
    base, v = condition.more["base"], built.sigma_data**2
    expected = base + v / (v + (level / signal) ** 2) * (x / signal - base)
    assert torch.allclose(built.says(x, t, condition).x0, expected, atol=1e-5)


def test_half_of_the_noise_levels_lie_about_the_spread_of_the_rest_and_half_evenly(larger: SuperResolution) -> None:
    t = larger.times_at((torch.arange(1000) + 0.5) / 1000)
    sigmas = larger.noising.levels / larger.noising.signals
    near = sigmas[t[:500].round().long()]
    assert float((near / larger.sigma_data).log().median()) == pytest.approx(-0.5, abs=0.02)
    assert torch.allclose(t[500:], (torch.arange(500).double() + 0.5) / 500 * 999, atol=0.01)


@pytest.mark.parametrize(("height", "width", "factor"), [(8, 8, 2), (7, 9, 2), (8, 12, 4), (13, 6, 4)])
def test_making_small_undoes_repeating_and_the_small_picture_can_be_imposed(
    height: int, width: int, factor: int
) -> None:
    low = torch.rand(2, 3, -(-height // factor), -(-width // factor)) * 2 - 1
    assert torch.allclose(reduced(repeated(low, height, width), factor), low, atol=1e-6)
    x0 = torch.randn(2, 3, height, width)
    better = x0 + repeated(low - reduced(x0, factor), height, width)
    assert torch.allclose(reduced(better, factor), low, atol=1e-6)
    assert torch.allclose(bicubic(torch.full_like(low, 0.3), factor, height, width), torch.tensor(0.3))
    by_hand = x0[0, 0, :factor, :factor].mean()
    assert torch.allclose(reduced(x0, factor)[0, 0, 0, 0], by_hand, atol=1e-6)


def test_what_is_drawn_becomes_the_small_picture_again(larger: SuperResolution) -> None:
    drawn = torch.from_numpy(larger.draw(SampleRequest(count=4, steps=3)))
    assert torch.allclose(reduced(drawn, 2), reduced(larger.truth[:4], 2), atol=1e-5)
    assert not torch.allclose(drawn, larger.truth[:4], atol=0.1)


@pytest.mark.parametrize(("height", "width", "colours"), [(3 + 1, 5, 1), (8, 8, 3), (21, 13, 3)])
@pytest.mark.parametrize("factor", [2, 4])
def test_an_own_picture_of_any_size_is_enlarged(height: int, width: int, colours: int, factor: int) -> None:
    built = _build("larger", factor=factor)
    picture = _picture(height, width, colours)
    found = built.answer("upscale", {"steps": 2}, {"image": picture})
    assert found.arrays["pictures"].shape == (1, height * factor, width * factor, 3)
    assert found.arrays["bicubic"].shape == found.arrays["pictures"].shape
    compared = built.answer("upscale", {"steps": 2, "reduce": True}, {"image": picture})
    assert compared.arrays["pictures"].shape == (1, height, width, 3)
    assert {"psnr", "ssim"} == set(compared.values["ours"]) == set(compared.values["bicubic"])


@pytest.mark.parametrize(("height", "width"), [(8, 8), (30, 21), (5, 40)])
def test_an_own_picture_keeps_its_luminance(colour: Colorization, height: int, width: int) -> None:
    picture = _picture(height, width)
    found = colour.answer("colorize", {"steps": 2, "count": 2}, {"image": picture}).arrays
    grey = picture.astype(float) @ [0.299, 0.587, 0.114]
    assert found["pictures"].shape == (2, height, width, 3)
    for one in found["pictures"]:
        assert np.abs(one.astype(float) @ [0.299, 0.587, 0.114] - grey).max() <= 1
    assert np.ptp(found["pictures"].astype(int), axis=-1).max() > 0


def test_luminance_is_imposed_exactly_and_no_colour_leaves_its_range() -> None:
    x, grey = torch.randn(4, 3, 6, 6) * 2, torch.rand(4, 1, 6, 6) * 2 - 1
    grey[0, 0, 0, :2] = torch.tensor([1.0, -1.0])
    out = with_luminance(x, grey)
    assert torch.allclose(luminance(out), grey, atol=1e-6) and out.abs().max() <= 1 + 1e-6
    assert torch.allclose(with_luminance(x / 8, luminance(x / 8)), x / 8, atol=1e-6)  # what fits is left as it is


def test_colours_are_coarser_than_brightness(colour: Colorization) -> None:
    even = torch.full((1, 3, 6, 10), 0.3)
    chessboard = torch.ones(6, 10)
    chessboard[::2, ::2] = chessboard[1::2, 1::2] = -1
    assert torch.allclose(coarse(even + chessboard, 2), even, atol=1e-6)  # what alternates within a square is gone
    assert torch.equal(coarse(even + chessboard, 1), even + chessboard)
    condition = colour.held_out(0, 2)
    wild = torch.randn(2, *colour.data_shape, generator=torch.Generator().manual_seed(0))
    put_right = colour.impose(wild, condition)
    assert torch.allclose(luminance(put_right), condition.more["told"], atol=1e-6)
    assert (put_right - luminance(put_right)).std() < 0.4 * (wild - luminance(wild)).std()


def test_grey_data_teaches_no_colours() -> None:
    with pytest.raises(Problem) as raised:
        Colorization(ColorizationConfig(), tiny_images(), TrainingOptions())
    assert raised.value.code == "no_colours" and raised.value.field == "dataset"


def test_filling_keeps_the_rest_to_the_bit_and_sees_nothing_of_what_is_painted(fill: Inpainting) -> None:
    image, other = tiny_images().test.x[:1], tiny_images().test.x[1:2]
    mask = np.zeros((8, 8), dtype=bool)
    mask[1:6, 2:5] = True
    values = {"count": 2, "steps": 4}
    x = fill.answer("inpaint", values, {"image": image, "mask": mask}).arrays["x"]
    assert np.array_equal(x[:, :, ~mask], np.repeat(image, 2, axis=0)[:, :, ~mask])
    changed = np.where(mask, other, image)
    assert np.array_equal(fill.answer("inpaint", values, {"image": changed, "mask": mask}).arrays["x"], x)
    elsewhere = np.where(mask, image, other)
    assert not np.allclose(
        fill.answer("inpaint", values, {"image": elsewhere, "mask": mask}).arrays["x"][..., mask], x[..., mask]
    )
    everything = np.ones((8, 8), dtype=bool)
    first, second = (
        fill.answer("inpaint", values, {"image": one, "mask": everything}).arrays["x"] for one in (image, other)
    )
    assert np.array_equal(first, second)


def test_around_the_hole_the_network_sees_what_is_known_and_no_noise(fill: Inpainting) -> None:
    condition = fill.held_out(0, 4)
    hole = fill.counting(condition) != 0
    x, other = torch.randn(2, 4, 1, 8, 8)
    t = torch.tensor([100, 400, 700, 900])
    said = fill.says(x, t, condition).x0
    assert torch.equal(fill.says(torch.where(hole, x, other), t, condition).x0[hole], said[hole])
    assert not torch.allclose(fill.says(torch.where(hole, other, x), t, condition).x0[hole], said[hole])
    known = {name: value.clone() for name, value in condition.more.items()}
    known["around"][~hole] = 0
    assert not torch.allclose(fill.says(x, t, Condition(None, known)).x0[hole], said[hole])


def test_each_picture_counts_alike_in_the_loss_of_filling_however_large_its_hole(fill: Inpainting) -> None:
    data = torch.from_numpy(tiny_images().train.x[:2])
    masks = torch.zeros(2, 1, 8, 8)
    masks[0, 0, 2:4, 2:4], masks[1, 0, :, 1:] = 1, 1
    t, noise = torch.tensor([300, 600]), torch.randn(2, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    told = [fill._of(data[k : k + 1], masks[k : k + 1]).more for k in range(2)]
    both = {
        name: torch.cat([one[name] for one in told]) for name in told[0]
    }  # a guess for two rounds otherwise in 32 bits

    def loss(chosen: slice, more: dict[str, torch.Tensor]) -> float:
        return float(fill.denoising_loss(data[chosen], t[chosen], noise[chosen], Condition(None, more)))

    quarter_grey = 0.25 * 2 / 255
    assert torch.allclose(fill._of(data, masks).more["base"], both["base"], rtol=0, atol=quarter_grey)
    singly = [loss(slice(k, k + 1), dict(told[k])) for k in range(2)]
    assert loss(slice(0, 2), both) == pytest.approx(sum(singly) / 2, rel=1e-5)


def test_random_masks_paint_something_and_one_in_fifty_paints_everything() -> None:
    reseed(0, 0)
    masks = random_masks(4000, 12, 10)
    assert masks.shape == (4000, 1, 12, 10) and bool(((masks == 0) | (masks == 1)).all())
    painted = masks.flatten(1).mean(1)
    assert painted.min() > 0
    assert float((painted == 1).float().mean()) == pytest.approx(0.02, abs=0.008)
    assert masks.flatten(1).mean(0).min() > 0.04  # every place is painted at times


def test_a_picture_of_the_models_own_size_is_drawn_as_without_tiles(larger: SuperResolution) -> None:
    request = SampleRequest(count=1, steps=4, seed=3)
    condition = larger.held_out(0, 1)
    assert np.allclose(canvas.drawn(larger, request, condition).numpy(), larger.draw(request), atol=1e-4)


@pytest.mark.parametrize(("height", "width"), [(8, 8), (9, 30), (100, 8)])
def test_tiles_cover_everything_and_overlap_by_a_quarter(height: int, width: int) -> None:
    seen = np.zeros((height, width), dtype=int)
    for place in canvas.tiles(height, width, (8, 8)):
        seen[place] += 1
        assert seen[place].shape == (8, 8)
    assert seen.min() == 1
    for size, axis in ((height, 1), (width, 0)):
        starts = sorted({place[1 - axis].start for place in canvas.tiles(height, width, (8, 8))})
        assert max(np.diff(starts), default=0) <= 6 and starts[-1] == size - 8


def test_the_window_holds_what_is_painted_in_the_models_proportions() -> None:
    mask = np.zeros((40, 100), dtype=bool)
    mask[10:15, 80:90] = True
    window = window_around(mask, 8, 8)
    assert (window.height, window.width, window.top) == (40, 40, 0) and window.left == 60
    mask[20, 5] = True
    assert window_around(mask, 8, 8) == own_picture.Window(0, 0, 40, 100)


@pytest.mark.parametrize(
    ("request_name", "arrays", "code"),
    [
        ("upscale", {}, "missing_image"),
        ("upscale", {"image": np.zeros((3, 50), dtype=np.uint8)}, "wrong_image"),
        ("upscale", {"image": np.zeros((9, 9, 4), dtype=np.uint8)}, "wrong_image"),
        ("upscale", {"image": np.zeros((9, 9))}, "wrong_image"),
        ("upscale", {"image": np.zeros((900, 900), dtype=np.uint8)}, "picture_too_large"),
        ("inpaint", {}, "unknown_request"),
        ("colorize", {}, "unknown_request"),
    ],
)
def test_what_cannot_be_done_is_told(larger: SuperResolution, request_name: str, arrays: Any, code: str) -> None:
    with pytest.raises(Problem) as raised:
        larger.answer(request_name, {}, arrays)
    assert raised.value.code == code


@pytest.mark.parametrize("kind", ["larger", "colour", "fill"])
def test_it_answers_what_every_denoiser_answers(kind: str) -> None:
    built: ImageToImage = _build(kind)
    assert built.answer("sample", {"count": 2, "steps": 2}, {}).arrays["x"].shape == (2, *built.data_shape)
    assert built.answer("trace", {"count": 2, "steps": 3}, {}).arrays["x"].shape[:2] == (3, 2)
    x, t = np.zeros((2, *built.data_shape), dtype=np.float32), np.array([10.0])
    assert built.answer("predict", {}, {"x": x, "t": t}).arrays["x0"].shape == x.shape


def test_a_rest_twice_as_wide_in_twice_the_noise_looks_the_same_to_the_network(fill: Inpainting) -> None:
    condition = fill.held_out(0, 2)
    wide = Condition(None, {**condition.more, "spread": condition.more["spread"] * 2})
    t = torch.tensor([200.0, 600.0])
    signal, level = fill.noising.signal_and_noise(t, t)
    deeper = fill.noising.t_of(2 * level / signal)
    assert torch.allclose(fill.time_told(deeper, wide), fill.time_told(t, condition), atol=0.01)


def test_the_mean_of_a_hole_in_a_picture_is_that_of_eight_fillings_and_leaves_the_rest(fill: Inpainting) -> None:
    picture, mask = _picture(8, 8, 1), np.zeros((8, 8), dtype=bool)
    mask[2:6, 2:6] = True
    found = fill.answer("inpaint", {"count": 2, "steps": 3}, {"image": picture, "mask": mask})
    eight = fill.answer("inpaint", {"count": 8, "steps": 3}, {"image": picture, "mask": mask})
    assert found.values["mean_of"] == 8 and found.arrays["mean"].shape == (1, 8, 8, 1)
    assert len(found.arrays["x"]) == len(found.arrays["pictures"]) == 2
    assert np.array_equal(found.arrays["pictures"], eight.arrays["pictures"][:2])
    assert np.array_equal(found.arrays["mean"], eight.arrays["mean"])
    assert np.array_equal(found.arrays["mean"][0][~mask], picture[~mask])
    middle = eight.arrays["pictures"].astype(float).mean(axis=0)
    assert np.abs(found.arrays["mean"][0] - middle)[mask].max() <= 1


def test_the_mean_beside_a_filling_is_taken_over_fillings_that_begin_with_it(fill: Inpainting) -> None:
    request, condition = fill.preview(3), fill.held_out(0, 3)
    (mean,) = fill.also_drawn(request, condition)
    more = {name: value.repeat(8, 1, 1, 1) for name, value in condition.more.items()}
    ways = fill.fillings(request, Condition(None, more)).reshape(8, 3, *fill.shape)
    assert torch.allclose(ways[0], torch.from_numpy(fill.draw(request)), atol=1e-5)
    assert torch.allclose(mean, ways.mean(dim=0), atol=1e-6) and not torch.allclose(mean, ways[0], atol=1e-3)
