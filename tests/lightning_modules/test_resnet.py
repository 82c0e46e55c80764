"""The residual network: sizes, and who influences whom."""

from __future__ import annotations

import pytest
import torch

from lightning_modules.blocks.resnet import SmallResNet


@pytest.mark.parametrize("shape", [(1, 8, 8), (1, 28, 28), (3, 32, 32), (1, 56, 46)])
def test_images_of_any_size_become_vectors_of_one_length(shape: tuple[int, int, int]) -> None:
    network = SmallResNet(shape, channels=4).eval()
    assert network(torch.randn(3, *shape)).shape == (3, network.features) == (3, 32)


def test_in_use_an_image_is_not_influenced_by_those_beside_it() -> None:
    network = SmallResNet((1, 28, 28), channels=4)
    network(torch.randn(32, 1, 28, 28))  # batch statistics
    network.eval()
    x = torch.randn(5, 1, 28, 28)
    assert torch.allclose(network(x)[2:3], network(x[2:3]), atol=1e-5)


def test_every_pixel_counts() -> None:
    network = SmallResNet((1, 28, 28), channels=4).eval()
    x = torch.randn(1, 1, 28, 28, requires_grad=True)
    network(x).square().sum().backward()
    assert x.grad is not None and (x.grad.abs() > 0).float().mean() > 0.99
