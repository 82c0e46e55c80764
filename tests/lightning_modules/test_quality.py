"""Measures of samples: known values, and that they see what they are for."""

from __future__ import annotations

import numpy as np
import pytest

from data.datasets import digits, eight_gaussians
from data.points import PointsConfig
from lightning_modules.diffusion import quality

GENERATOR = np.random.default_rng(0)


def test_the_distance_of_two_gaussians_has_its_closed_form() -> None:
    a = GENERATOR.normal(size=(200_000, 2)) * [1.0, 2.0]
    b = GENERATOR.normal(size=(200_000, 2)) * [3.0, 2.0] + [1.0, 0.0]
    assert quality.frechet_distance(a, b) == pytest.approx(1 + (3 - 1) ** 2, rel=0.02)
    assert quality.frechet_distance(a, a) == pytest.approx(0, abs=1e-9)


def test_the_distance_does_not_depend_on_the_axes() -> None:
    a, b = GENERATOR.normal(size=(500, 4)), GENERATOR.normal(size=(400, 4)) * 2 + 1
    turn, _ = np.linalg.qr(GENERATOR.normal(size=(4, 4)))
    assert quality.frechet_distance(a @ turn, b @ turn) == pytest.approx(quality.frechet_distance(a, b))


def test_copies_are_near_and_real_data_is_as_new_as_real_data() -> None:
    found = digits.load(digits.DigitsConfig())
    train, test = quality.flat(found.train.x), quality.flat(found.test.x)
    assert quality.nearest_distances(train[:50], train).max() < 1e-4
    assert quality.nearest_distances(test, train).mean() == pytest.approx(2.11, abs=0.02)


def test_the_judge_names_held_out_digits_and_misses_absent_ones() -> None:
    found = digits.load(digits.DigitsConfig())
    assert found.train.y is not None and found.test.y is not None
    judge = quality.Judge(quality.flat(found.train.x), found.train.y, 10)
    test = quality.flat(found.test.x)
    assert np.mean(judge.labels(test) == found.test.y) > 0.98
    assert judge.seen(test) == 1
    assert judge.seen(test[found.test.y < 7]) == pytest.approx(0.7)


def test_real_digits_against_real_digits_are_at_the_floor() -> None:
    found = digits.load(digits.DigitsConfig())
    train, test = quality.flat(found.train.x), quality.flat(found.test.x)
    components = quality.PrincipalComponents.of(train)
    floor = quality.frechet_distance(components.project(train), components.project(test))
    gaussian = np.random.default_rng(1).multivariate_normal(train.mean(0), np.cov(train.T), 1200)
    assert 0.1 < floor < 0.17
    assert quality.frechet_distance(components.project(gaussian), components.project(test)) > floor


def test_the_principal_components_are_ordered_and_orthogonal() -> None:
    x = GENERATOR.normal(size=(2000, 3)) * [1.0, 5.0, 2.0]
    components = quality.PrincipalComponents.of(x, 2)
    assert np.allclose(components.directions.T @ components.directions, np.eye(2), atol=1e-9)
    assert abs(components.directions[1, 0]) > 0.99 and abs(components.directions[2, 1]) > 0.99


def test_the_sliced_distance_of_a_shift_is_known_and_real_against_real_is_small() -> None:
    a = GENERATOR.normal(size=(4000, 2))
    assert quality.sliced_wasserstein(a, a + np.array([3.0, 0.0])) == pytest.approx(3 / np.sqrt(2), rel=0.1)
    found = eight_gaussians.load(PointsConfig())
    assert quality.sliced_wasserstein(quality.flat(found.train.x), quality.flat(found.test.x)) < 0.03
    lost = found.train.x[found.train.y != 3]
    assert quality.sliced_wasserstein(quality.flat(lost), quality.flat(found.test.x)) > 0.15
