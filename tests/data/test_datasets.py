"""What is particular about the shipped data sets; what they all must do is in `tests/conformance.py`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from data.arrays import held_out
from data.datasets import digits, eight_gaussians, faces, mnist, photos, swiss_roll, two_moons
from data.points import PointsConfig
from data.text import Problem


def test_the_digits_are_those_of_scikit_learn() -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    theirs = datasets.load_digits()
    with np.load(digits.FILE) as ours:
        assert np.array_equal(ours["images"], theirs.images) and np.array_equal(ours["label"], theirs.target)


def test_a_fifth_of_every_digit_is_held_out() -> None:
    found = mnist.load(mnist.MnistConfig())
    assert found.test.y is not None and np.bincount(found.test.y).tolist() == [100] * 10


def test_what_is_held_out_is_never_trained_on() -> None:
    found = digits.load(digits.DigitsConfig())
    together = np.concatenate([found.train.x, found.test.x]).reshape(1797, -1)
    with np.load(digits.FILE) as arrays:
        every = arrays["images"].reshape(1797, -1).astype(np.float32) / 8 - 1
    assert np.array_equal(np.sort(together, axis=0), np.sort(every, axis=0))


def test_the_held_out_part_depends_on_the_share_only() -> None:
    labels = np.arange(100) % 4
    assert np.array_equal(held_out(labels, 0.2), held_out(labels, 0.2))
    assert held_out(labels, 0.2).sum() == 20


def test_every_gaussian_is_equally_frequent_and_as_wide_as_asked() -> None:
    x, y = eight_gaussians.draw(np.random.default_rng(0), 8000, 0.1)
    assert np.bincount(y).tolist() == [1000] * 8
    assert np.std(x - eight_gaussians.centres()[y]) == pytest.approx(0.1, rel=0.02)


def test_without_blur_the_moons_lie_on_two_half_circles() -> None:
    x, y = two_moons.draw(np.random.default_rng(0), 500, 0.0)
    centre = np.where(y[:, None] == 0, [0.0, 0.0], [1.0, 0.5]) - [0.5, 0.25]
    assert np.allclose(np.linalg.norm(x / 1.5 - centre, axis=1), 1, atol=1e-5)


def test_without_blur_the_roll_is_a_spiral() -> None:
    x, y = swiss_roll.draw(np.random.default_rng(0), 500, 0.0)
    assert y is None
    angle, radius = np.arctan2(x[:, 1], x[:, 0]), np.linalg.norm(x, axis=1) * 7
    assert np.allclose(np.cos(radius - angle), 1, atol=1e-3)


@pytest.mark.parametrize("module", [eight_gaussians, two_moons, swiss_roll])
def test_points_are_drawn_the_same_each_time_and_anew_for_the_test(module: object) -> None:
    config = module.DATASET.config(items=200)  # type: ignore[attr-defined]
    assert isinstance(config, PointsConfig)
    first, second = module.load(config), module.load(config)  # type: ignore[attr-defined]
    assert first.fingerprint == second.fingerprint
    assert not np.isin(first.test.x[:, 0], first.train.x[:, 0]).any()


@pytest.mark.parametrize(("size", "shape"), [("56x48", (1, 56, 48)), ("28x24", (1, 28, 24))])
def test_the_last_photographs_of_everyone_are_held_out(size: str, shape: tuple[int, ...]) -> None:
    found = faces.load(faces.FacesConfig.model_validate({"size": size, "test_photos": 3}))
    assert found.shape == shape and found.train.y is not None and found.test.y is not None
    assert np.bincount(found.train.y).tolist() == [7] * 40 and np.bincount(found.test.y).tolist() == [3] * 40


def test_a_halved_face_keeps_its_brightness() -> None:
    large, small = (faces.load(faces.FacesConfig.model_validate({"size": size})) for size in ("56x48", "28x24"))
    assert np.allclose(large.train.x.mean(axis=(1, 2, 3)), small.train.x.mean(axis=(1, 2, 3)), atol=1e-5)


def test_tiles_put_together_are_the_photograph() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 50, 3)).astype(np.uint8)
    cut = photos.tiles(pixels, 16)
    again = np.concatenate([np.concatenate(list(cut[k : k + 3]), axis=1) for k in (0, 3)])
    assert np.array_equal(again, pixels[:32, :48])


def test_no_pixel_of_a_photograph_is_trained_on_and_tested() -> None:
    """Columns are numbered by their brightness: those of the two parts do not meet."""
    pixels = np.broadcast_to(np.arange(100, dtype=np.uint8)[None, :, None], (32, 100, 3)).copy()
    train, test = photos.split_tiles(pixels, 16, 0.3)
    assert train.max() < 70 <= test.min() and len(train) == 8 and len(test) == 2


def test_the_photographs_are_those_that_scikit_learn_and_scikit_image_show() -> None:
    images, theirs = pytest.importorskip("sklearn.datasets"), pytest.importorskip("skimage.data")
    known = {Path(one.file).stem: photos.pixels_of(one) for one in photos.PHOTOGRAPHS}
    for name in ("china", "flower"):
        assert np.array_equal(known[name], images.load_sample_image(f"{name}.jpg"))
    for name in ("chelsea", "coffee", "astronaut", "rocket"):
        assert np.array_equal(known[name], getattr(theirs, name)())


def test_a_photograph_that_is_gone_is_told_in_words() -> None:
    with pytest.raises(Problem, match="nowhere"):
        photos.pixels_of(photos.Photograph("a_package_nobody_has", "data/nowhere.png", "", ""))


@pytest.mark.parametrize("size", [16, 48, 64])
def test_patches_of_every_size_are_cut_from_every_photograph(size: int) -> None:
    found = photos.load(photos.PhotosConfig(size=size))
    assert found.shape == (3, size, size) and len(found.train) > 100 and len(found.test) >= 20
