"""Shapes, gradients and conditioning of the networks."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from lightning_modules.blocks.attention import PixelAttention
from lightning_modules.blocks.conditioning import Conditioning, sinusoids
from lightning_modules.blocks.mlp import PointDenoiser
from lightning_modules.blocks.residual import ResidualBlock, group_norm
from lightning_modules.blocks.unet import UNet, UNetShape


def _wake(network: torch.nn.Module) -> None:
    """Give zero-initialised layers values, as a few steps of training would."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in network.parameters():
            if not parameter.any():
                parameter.copy_(0.1 * torch.randn(parameter.shape, generator=generator))


@pytest.mark.parametrize(
    "shape",
    [
        UNetShape((1, 8, 8), channels=8),
        UNetShape((3, 28, 28), channels=8, multipliers=(1, 2, 3), attention=(7,)),
        UNetShape((1, 28, 28), channels=8, patch=2, blocks=2),
        UNetShape((1, 9, 13), channels=8, multipliers=(1, 2, 2)),
        UNetShape((1, 8, 8), channels=24, multipliers=(1,), classes=4, dropout=0.5),
    ],
)
def test_the_output_has_the_shape_of_the_input_and_every_weight_a_gradient(shape: UNetShape) -> None:
    torch.manual_seed(0)
    network = UNet(shape)
    _wake(network)
    x, t = torch.randn(3, *shape.image), torch.tensor([0.0, 500.0, 999.0])
    y = torch.tensor([0, 1, shape.classes]) if shape.classes else None
    out = network(x, t, y)
    assert out.shape == x.shape
    out.square().mean().backward()
    still = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.any()]
    assert not still


def test_the_matrices_inside_are_those_between_feature_maps_and_no_others() -> None:
    network = UNet(UNetShape((1, 8, 8), channels=8, classes=4))
    inside = {id(one) for one in network.inner_matrices()}
    named = {name for name, one in network.named_parameters() if id(one) in inside}
    assert {
        "middle_first.block.first.weight",
        "downs.0.convolution.weight",
        "middle_first.attention.out.weight",
    } <= named
    outside = {name for name, one in network.named_parameters() if one.ndim > 1} - named
    assert {name.split(".")[0] for name in outside if "modulate" not in name} == {"enter", "leave", "conditioning"}
    assert all(one.ndim > 1 for one in network.inner_matrices())


def test_an_untrained_network_says_nothing() -> None:
    out = UNet(UNetShape((1, 8, 8), channels=8))(torch.randn(2, 1, 8, 8), torch.tensor([1.0, 2.0]))
    assert not out.any()


def test_an_image_that_does_not_divide_into_patches_is_refused() -> None:
    with pytest.raises(ValueError, match="9×8"):
        UNet(UNetShape((1, 9, 8), patch=2))


def test_memory_layout_does_not_change_the_answer() -> None:
    torch.manual_seed(0)
    network = UNet(UNetShape((1, 8, 8), channels=16))
    _wake(network)
    x, t = torch.randn(4, 1, 8, 8), torch.full((4,), 300.0)
    plain = network(x, t)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    assert torch.allclose(network(x.to(memory_format=torch.channels_last), t), plain, atol=1e-4)


def test_items_of_a_batch_do_not_see_each_other() -> None:
    torch.manual_seed(0)
    network = UNet(UNetShape((1, 8, 8), channels=16, classes=3)).eval()
    _wake(network)
    x, t, y = torch.randn(4, 1, 8, 8), torch.tensor([1.0, 10.0, 100.0, 900.0]), torch.tensor([0, 1, 2, 3])
    alone = torch.cat([network(x[k : k + 1], t[k : k + 1], y[k : k + 1]) for k in range(4)])
    assert torch.allclose(network(x, t, y), alone, atol=1e-5)


def test_noise_level_and_class_change_the_answer() -> None:
    torch.manual_seed(0)
    for network in (UNet(UNetShape((1, 8, 8), channels=8, classes=2)), PointDenoiser(2, width=16, classes=2)):
        _wake(network)
        x = torch.randn(1, 1, 8, 8) if isinstance(network, UNet) else torch.randn(1, 2)
        base = network(x, torch.tensor([10.0]), torch.tensor([0]))
        assert not torch.allclose(network(x, torch.tensor([20.0]), torch.tensor([0])), base)
        assert not torch.allclose(network(x, torch.tensor([10.0]), torch.tensor([1])), base)


def test_no_class_is_the_class_after_the_last() -> None:
    torch.manual_seed(0)
    conditioning = Conditioning(8, 16, classes=3)
    t = torch.tensor([5.0])
    assert torch.equal(conditioning(t, None), conditioning(t, torch.tensor([3])))


def test_sinusoids_are_those_of_the_formula() -> None:
    t, width = torch.tensor([0.0, 7.0]), 6
    found = sinusoids(t, width)
    for k in range(3):
        frequency = 10_000 ** (-k / 3)
        assert torch.allclose(found[:, k], torch.cos(t * frequency), atol=1e-5)
        assert torch.allclose(found[:, k + 3], torch.sin(t * frequency), atol=1e-5)


def test_attention_is_softmax_attention_over_all_pixels() -> None:
    torch.manual_seed(0)
    layer = PixelAttention(8, head_width=4)
    _wake(layer)
    x = torch.randn(2, 8, 3, 5)
    tokens = layer.norm(x).flatten(2).transpose(1, 2)
    q, k, v = layer.queries_keys_values(tokens).chunk(3, dim=-1)
    heads = []
    for part in (slice(0, 4), slice(4, 8)):
        weights = F.softmax(q[..., part] @ k[..., part].transpose(1, 2) / 2, dim=-1)
        heads.append(weights @ v[..., part])
    by_hand = x + layer.out(torch.cat(heads, dim=-1)).transpose(1, 2).reshape(x.shape)
    assert torch.allclose(layer(x), by_hand, atol=1e-5)


def test_attention_carries_a_change_of_one_pixel_to_all_others() -> None:
    torch.manual_seed(0)
    layer = PixelAttention(8)
    _wake(layer)
    x = torch.randn(1, 8, 4, 4)
    changed = x.clone()
    changed[0, :, 0, 0] += 1
    assert bool(((layer(changed) - changed) - (layer(x) - x)).abs().amax(dim=1).gt(0).all())


def test_a_new_residual_block_is_the_identity() -> None:
    x = torch.randn(2, 8, 4, 4)
    assert torch.equal(ResidualBlock(8, 8, condition=16)(x, torch.randn(2, 16)), x)


@pytest.mark.parametrize("channels", [1, 3, 8, 12, 24, 32, 96, 100, 512])
def test_normalisation_groups_always_divide_the_channels(channels: int) -> None:
    assert channels % group_norm(channels).num_groups == 0
