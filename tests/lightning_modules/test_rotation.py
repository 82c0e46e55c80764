"""Rotation prediction: what is turned, which way, and which turn is named."""

from __future__ import annotations

import torch

from lightning_modules.options import TrainingOptions
from lightning_modules.ssl.rotation import Rotation, RotationConfig, centre_square, turned
from tests.lightning_modules.training import tiny_images


def test_a_right_angle_turns_counter_clockwise_and_four_are_none() -> None:
    x = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
    assert turned(x, torch.tensor([0])).flatten().tolist() == [1, 2, 3, 4]
    assert turned(x, torch.tensor([1])).flatten().tolist() == [2, 4, 1, 3]
    assert turned(x, torch.tensor([2])).flatten().tolist() == [4, 3, 2, 1]
    again = x
    for _ in range(4):
        again = turned(again, torch.tensor([1]))
    assert torch.equal(again, x)


def test_each_image_is_turned_by_its_own_number() -> None:
    x = torch.randn(8, 2, 5, 5)
    turns = torch.tensor([0, 1, 2, 3, 3, 2, 1, 0])
    for image, k, found in zip(x, turns, turned(x, turns), strict=True):
        assert torch.equal(found, torch.rot90(image, int(k), dims=(1, 2)))


def test_of_a_tall_picture_the_middle_is_taken() -> None:
    x = torch.arange(56.0)[:, None].expand(1, 1, 56, 46)
    assert centre_square(x).shape == (1, 1, 46, 46)
    assert centre_square(x)[0, 0, :, 0].tolist() == [float(k) for k in range(5, 51)]


def test_turns_named_are_counted_over_all_four() -> None:
    data = tiny_images()
    model = Rotation(RotationConfig(channels=4), data, TrainingOptions(ema_decay=0)).eval()

    def mostly(x: torch.Tensor) -> torch.Tensor:
        return torch.tensor([0.0, 0.0, 5.0, 0.0]).expand(len(x), 4)

    model.network.forward = mostly
    with torch.no_grad():
        assert model.evaluate(data)["rotation_accuracy"] == 0.25
