"""RePaint: its schedule against the authors', its samples against the exact conditional Gaussian, its known part to the bit."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
import torch

from data.text import Problem
from lightning_modules.diffusion.ddpm import DDPM, DDPMConfig
from lightning_modules.diffusion.process.closed_form import GaussianDenoiser
from lightning_modules.diffusion.process.repaint import looks, places, repaint
from lightning_modules.diffusion.process.schedule import noise_schedule, rectified_flow
from lightning_modules.diffusion.process.stages import Walk, last, time_grid
from lightning_modules.diffusion.samplers import SAMPLERS
from lightning_modules.exact import reseed
from lightning_modules.options import TrainingOptions
from tests.lightning_modules.training import tiny_images


@pytest.fixture(autouse=True)
def _no_gradients() -> Any:
    with torch.no_grad():
        yield


def test_the_walk_visits_what_the_authors_schedule_visits() -> None:
    """`get_schedule_jump(t_T=6, jump_length=2, jump_n_sample=2)` of andreas128/RePaint, worked out by hand from its loop.

    There t falls from 5 to 0 and -1 is clean data; a jump starts at t = 2 and t = 0, once each.
    """
    theirs = [5, 4, 3, 2, 3, 4, 3, 2, 1, 0, 1, 2, 1, 0, -1]
    assert places(6, 2, 2) == [5 - t for t in theirs]
    assert places(4, 10, 7) == [0, 1, 2, 3, 4] == places(4, 1, 1)
    assert looks(250, 10, 10) == 250 + 24 * 9 * 10


def _conditional(
    mean: torch.Tensor, covariance: torch.Tensor, known: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and covariance of the last pixels of a Gaussian given the first ones: mu_u + S_uk S_kk^-1 (x_k - mu_k)."""
    n = len(known)
    gain = covariance[n:, :n] @ torch.linalg.inv(covariance[:n, :n])
    return mean[n:] + gain @ (known - mean[:n]), covariance[n:, n:] - gain @ covariance[:n, n:]


@pytest.mark.parametrize("path", ["cosine", "straight"])
def test_on_gaussian_pixels_the_error_falls_with_the_resamplings_towards_the_exact_conditional(path: Any) -> None:
    generator = torch.Generator().manual_seed(0)
    root = torch.randn(4, 4, generator=generator, dtype=torch.float64) * 0.5
    covariance, mean = root @ root.T + 0.05 * torch.eye(4), torch.tensor([0.2, -0.3, 0.5, 0.0], dtype=torch.float64)
    values, vectors = torch.linalg.eigh(covariance)
    schedule = rectified_flow(200) if path == "straight" else noise_schedule("cosine", 200)
    denoise = GaussianDenoiser(schedule, mean, values, vectors)
    known = torch.tensor([1.0, -1.2, 0, 0], dtype=torch.float64)
    fill = torch.tensor([False, False, True, True])
    exact_mean, exact_covariance = _conditional(mean, covariance, known[:2])
    errors = []
    for resamplings in (1, 4, 16):
        noise = partial(torch.randn, 4000, 4, generator=generator, dtype=torch.float64)
        walk = Walk(denoise, schedule, schedule.start_scale * noise(), time_grid(200, 40), noise, eta=1.0)
        x = last(repaint(SAMPLERS["ddim"], walk, known, fill, jump=5, resamplings=resamplings))
        assert (x[:, :2] == known[:2]).all()
        off = (x[:, 2:].mean(0) - exact_mean).norm() + (torch.cov(x[:, 2:].T) - exact_covariance).norm()
        errors.append(float(off))
    assert errors[1] < 0.7 * errors[0] and errors[2] < 0.7 * errors[1], errors
    assert errors[2] < 0.2 * errors[0], errors


@pytest.fixture(scope="module")
def model() -> DDPM:
    reseed(0, 0)
    return DDPM(DDPMConfig(channels=8, noise_steps=40), tiny_images(), TrainingOptions()).eval()


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_what_is_not_painted_comes_back_to_the_bit(model: DDPM, sampler: str) -> None:
    image = tiny_images().test.x[:1]
    mask = np.zeros((8, 8), dtype=bool)
    mask[2:5, 3:7] = True
    values = {"count": 3, "sampler": sampler, "steps": 6, "jump": 2, "resamplings": 2, "seed": 5}
    x = model.answer("inpaint", values, {"image": image, "mask": mask}).arrays["x"]
    assert x.shape == (3, 1, 8, 8) and np.isfinite(x).all()
    assert np.array_equal(x[:, :, ~mask], np.repeat(image, 3, axis=0)[:, :, ~mask])
    assert not np.array_equal(x[0][:, mask], x[1][:, mask])
    again = model.answer("inpaint", {**values, "count": 1}, {"image": image, "mask": mask}).arrays["x"]
    assert np.allclose(again, x[:1], atol=1e-4)


@pytest.mark.parametrize(("height", "width", "colours"), [(8, 8, 1), (37, 60, 3), (9, 7, 3)])
def test_a_persons_picture_of_any_size_keeps_every_byte_that_is_not_painted(
    model: DDPM, height: int, width: int, colours: int
) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (height, width, colours), dtype=np.uint8)
    mask = np.zeros((height, width), dtype=bool)
    mask[height // 2 : height // 2 + 3, 1:4] = True
    found = model.answer("inpaint", {"count": 2, "steps": 4}, {"image": picture, "mask": mask})
    assert found.arrays["pictures"].shape == (2, height, width, colours)
    assert all(np.array_equal(one[~mask], picture[~mask]) for one in found.arrays["pictures"])
    assert len(found.values["notes"]) == ((height, width) != (8, 8)) + (colours == 3)


def test_everything_may_be_painted_but_not_nothing(model: DDPM) -> None:
    picture = np.zeros((8, 8), dtype=np.uint8)
    whole = model.answer("inpaint", {"count": 1, "steps": 3}, {"image": picture, "mask": np.ones((8, 8), dtype=bool)})
    other = model.answer(
        "inpaint", {"count": 1, "steps": 3}, {"image": picture + 200, "mask": np.ones((8, 8), dtype=bool)}
    )
    assert np.array_equal(whole.arrays["x"], other.arrays["x"])
    for arrays, code in (
        ({"image": picture, "mask": np.zeros((8, 8), dtype=bool)}, "nothing_painted"),
        ({"image": picture}, "nothing_painted"),
        ({"image": picture, "mask": np.ones((4, 4), dtype=bool)}, "wrong_mask"),
        ({"image": picture[None, None].astype(float), "mask": np.ones((3, 3), dtype=bool)}, "wrong_mask"),
        ({"image": np.zeros((2, 9), dtype=np.uint8), "mask": np.ones((2, 9), dtype=bool)}, "wrong_image"),
        ({"image": np.zeros((2, 1, 8, 8)), "mask": np.ones((8, 8), dtype=bool)}, "wrong_items"),
        ({"mask": np.ones((8, 8), dtype=bool)}, "missing_image"),
    ):
        with pytest.raises(Problem) as raised:
            model.answer("inpaint", {"count": 1}, arrays)
        assert raised.value.code == code
