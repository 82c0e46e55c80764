"""Measures of samples: known values, and that they see what they are for."""

from __future__ import annotations

import numpy as np
import pytest

from data.datasets import digits, eight_gaussians
from data.points import PointsConfig
from lightning_modules import quality
from lightning_modules.samples import Ruler, measured, real_lines

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


def test_coverage_sees_what_samples_leave_out() -> None:
    found = eight_gaussians.load(PointsConfig())
    train, test = quality.flat(found.train.x), quality.flat(found.test.x)
    radii = quality.neighbourhood_radii(test)
    assert quality.coverage(train, test, radii) > 0.95
    assert found.train.y is not None
    assert quality.coverage(train[found.train.y < 4], test, radii) == pytest.approx(0.5, abs=0.03)


def test_precision_and_recall_are_those_of_the_definition() -> None:
    generator = np.random.default_rng(3)
    samples, real = generator.normal(size=(40, 3)) * 0.6 + 0.3, generator.normal(size=(50, 3))

    def reached(items: quality.Array, centres: quality.Array) -> float:
        """Equation 2 of arXiv:1904.06991, word by word."""
        inside = 0
        for item in items:
            for k, centre in enumerate(centres):
                others = sorted(np.linalg.norm(centre - other) for j, other in enumerate(centres) if j != k)
                if np.linalg.norm(item - centre) <= others[4] + 1e-12:
                    inside += 1
                    break
        return inside / len(items)

    assert quality.precision_and_recall(samples, real) == pytest.approx(
        (reached(samples, real), reached(real, samples))
    )


def test_samples_that_are_all_alike_are_precise_and_recall_nothing() -> None:
    found = digits.load(digits.DigitsConfig())
    ruler = Ruler(found)
    alike = np.repeat(ruler.train[:1], 100, axis=0) + np.random.default_rng(0).normal(size=(100, 64)) * 1e-3
    same, real = measured(alike, ruler), {line.metric: line.value for line in real_lines(ruler)}
    assert same["precision"] > 0.95
    assert same["recall"] == 0
    assert same["coverage"] < 0.1
    assert min(real["precision"], real["recall"], real["coverage"]) > 0.9
    assert measured(ruler.train + 100, ruler)["precision"] == 0


def test_modes_are_counted_by_samples_that_lie_on_them() -> None:
    labels = np.array([0] * 50 + [1] * 46 + [2] * 4)
    shares = quality.mode_shares(labels, np.ones(100, dtype=bool), 4)
    assert shares.tolist() == [0.5, 0.46, 0.04, 0.0]
    assert quality.modes_covered(shares) == 2  # a fifth of an equal share is 0.05
    astray = quality.mode_shares(labels, labels != 1, 4)
    assert astray.tolist() == [0.5, 0.0, 0.04, 0.0] and quality.modes_covered(astray) == 1


def test_the_unevenness_of_modes_drawn_at_random_is_that_of_a_multinomial() -> None:
    labels = GENERATOR.integers(0, 8, size=2000)
    spread = quality.mode_shares(labels, np.ones(2000, dtype=bool), 8).std()
    assert spread == pytest.approx(np.sqrt(1 / 8 * 7 / 8 / 2000), rel=0.5)  # 0.0074


def test_copies_are_what_lies_much_nearer_to_one_known_item_than_to_any_other() -> None:
    known = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 3.0]])
    items = np.array([[0.1, 0.0], [0.7, 0.0], [0.8, 0.0], [1.5, 0.0], [3.0, 0.0]])  # 0.1/2.9, 0.7/2.3, 0.8/2.2, 1, 0
    assert quality.copied_share(items, known) == pytest.approx(3 / 5)
    assert quality.copied_share(known, np.concatenate([known, known])) == 0, "twins hide each other"
