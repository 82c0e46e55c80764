"""Moving digits: the way of what bounces, drawn between pixels, and no digit of the training in a held-out clip."""

from __future__ import annotations

import numpy as np
import pytest

from data.datasets import moving_digits
from data.datasets.moving_digits import DIGIT_PX, MovingDigitsConfig, bounced, drawn


def test_what_bounces_goes_as_light_between_mirrors() -> None:
    there = bounced(np.array([1.0, 3.0]), np.array([2.0, -2.5]), 6, 4.0)
    assert there.tolist() == [[1, 3, 3, 1, 1, 3], [3, 0.5, 2, 3.5, 1, 1.5]]


def test_a_fast_one_turns_back_several_times_and_stays_inside() -> None:
    there = bounced(np.array([0.0]), np.array([11.0]), 50, 4.0)
    assert there.min() >= 0 and there.max() <= 4
    assert there[0, :4].tolist() == [0, 3, 2, 1]  # 11 is one way and back (8) and 3 more


def test_between_pixels_the_ink_is_shared_and_none_is_lost() -> None:
    dot = np.ones((1, 1, 1), np.float32)
    frame = drawn(dot, np.array([[2.25]]), np.array([[1.0]]), 5)[0, 0]
    assert np.argwhere(frame).tolist() == [[2, 1], [3, 1]]
    assert frame[2, 1] == pytest.approx(0.75) and frame[3, 1] == pytest.approx(0.25)
    shape = np.random.default_rng(0).uniform(size=(3, 4, 4)).astype(np.float32)
    film = drawn(shape, np.full((3, 2), 1.3), np.array([[0.0, 2.7]] * 3), 8)
    assert np.allclose(film.sum(axis=(2, 3)), shape.sum(axis=(1, 2))[:, None], rtol=1e-5)
    assert np.array_equal(drawn(shape, np.zeros((3, 1)), np.ones((3, 1)), 8)[:, 0, :4, 1:5], shape)


def test_a_clip_of_one_digit_bears_it_as_label_and_moves_at_its_speed() -> None:
    data = moving_digits.load(MovingDigitsConfig(clips=20, frames=6, speed=2.0))
    assert data.train.x.shape == (20, 6, 1, 32, 32) and data.train.y is not None
    assert data.train.y.tolist() == [k % 10 for k in range(20)] and data.classes == tuple("0123456789")
    ink = (data.train.x[:, :, 0] + 1) / 2
    weight = ink.sum(axis=(2, 3))
    assert np.allclose(weight, weight[:, :1], rtol=1e-3)  # the digit never leaves the frame
    rows = (ink.sum(axis=3) * np.arange(32)).sum(axis=2) / weight
    columns = (ink.sum(axis=2) * np.arange(32)).sum(axis=2) / weight
    moved = np.hypot(np.diff(rows), np.diff(columns))
    assert moved.max() <= 3.0 + 1e-3 and np.median(moved.max(axis=1)) > 1.0


def test_held_out_clips_show_other_digits_and_several_digits_bear_no_label() -> None:
    data = moving_digits.load(MovingDigitsConfig(clips=40, frames=4, digits=2))
    assert data.train.y is None and not data.classes and len(data.test) == 10
    still = moving_digits.load(MovingDigitsConfig(clips=40, frames=4))
    weights = [np.sort(split.x[:, 0].sum(axis=(1, 2, 3))) for split in (still.train, still.test)]
    assert np.abs(weights[0][:, None] - weights[1]).min() > 1e-3  # the ink of a digit is as good as its name
    assert still.shape[-1] - DIGIT_PX == 18
