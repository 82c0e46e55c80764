"""Pixels that attend to the tokens of a text: against torch's own attention, and what is told when nothing is told."""

from __future__ import annotations

import torch
from torch import Tensor

from lightning_modules.blocks.attention import TextAttention, TextContext, text_maps
from lightning_modules.blocks.unet import UNet, UNetShape

WIDTH = 12


def text(batch: int = 2, tokens: int = 5, real: int = 3, seed: int = 0) -> TextContext:
    generator = torch.Generator().manual_seed(seed)
    mask = (torch.arange(tokens) < real).expand(batch, tokens)
    return TextContext(
        torch.randn(batch, tokens, WIDTH, generator=generator) * mask[..., None],
        mask,
        torch.randn(batch, WIDTH, generator=generator),
    )


def awake(network: torch.nn.Module) -> torch.nn.Module:
    """Zero-initialised layers filled, so that what enters them matters."""
    generator = torch.Generator().manual_seed(1)
    for parameter in network.parameters():
        if not parameter.any():
            parameter.data = 0.2 * torch.randn(parameter.shape, generator=generator)
    return network.eval()


def by_hand(layer: TextAttention, x: Tensor, told: TextContext) -> Tensor:
    """The same layer through `torch.nn.functional.multi_head_attention_forward`."""
    batch, channels = x.shape[:2]
    queries = layer.norm(x).flatten(2).permute(2, 0, 1)
    keys, values = layer.keys_values(told.tokens).chunk(2, dim=-1)
    keys, values = (
        torch.cat([layer.nothing[k].expand(batch, 1, -1), part], dim=1).transpose(0, 1)
        for k, part in enumerate((keys, values))
    )
    same, none = torch.eye(channels), torch.zeros(channels)
    mixed, _ = torch.nn.functional.multi_head_attention_forward(
        queries, keys, values, channels, layer.heads, None, torch.cat([layer.queries.bias, none, none]), None, None, False, 0.0,
        layer.out.weight, layer.out.bias, training=False, use_separate_proj_weight=True,
        key_padding_mask=~torch.nn.functional.pad(told.mask, (1, 0), value=True),
        q_proj_weight=layer.queries.weight, k_proj_weight=same, v_proj_weight=same,
    )  # fmt: skip
    return x + mixed.permute(1, 2, 0).reshape(x.shape)


def test_it_is_multi_head_attention_with_one_learned_token_more() -> None:
    layer = awake(TextAttention(16, WIDTH, head_width=8))
    x = torch.randn(2, 16, 3, 4, generator=torch.Generator().manual_seed(2))
    told = text()
    assert isinstance(layer, TextAttention) and layer.heads == 2
    assert torch.allclose(layer(x, told), by_hand(layer, x, told), atol=1e-5)


def unet() -> torch.nn.Module:
    torch.manual_seed(0)
    return awake(UNet(UNetShape((1, 8, 8), channels=8, text=WIDTH)))


def test_padding_tells_the_network_nothing() -> None:
    network, x, t = unet(), torch.randn(2, 1, 8, 8), torch.tensor([10.0, 500.0])
    told = text(tokens=5, real=3)
    short = TextContext(told.tokens[:, :3], told.mask[:, :3], told.pooled)
    assert torch.allclose(network(x, t, None, told), network(x, t, None, short), atol=1e-5)
    other = text(seed=7)
    assert not torch.allclose(network(x, t, None, told), network(x, t, None, other), atol=1e-3)


def test_looking_at_the_attention_does_not_change_the_output_and_each_map_is_a_distribution() -> None:
    network, x, t, told = unet(), torch.randn(2, 1, 8, 8), torch.tensor([10.0, 500.0]), text()
    plain = network(x, t, None, told)
    with text_maps(network) as maps:
        watched = network(x, t, None, told)
    assert torch.equal(plain, watched)
    assert {tuple(m.shape[2:4]) for m in maps} == {(8, 8), (4, 4)}
    for one in maps:
        assert one.shape[-1] == 6 and torch.allclose(one.sum(-1), torch.ones(one.shape[:-1]))
        assert not one[..., 4:].any(), "padding is looked at"
    assert network(x, t, None, told) is not None and len(maps) == 8, "looking ends with the block"


def test_channels_beside_the_image_enter_and_do_not_leave() -> None:
    network = awake(UNet(UNetShape((3, 8, 8), channels=8, beside=2, patch=2)))
    x = torch.randn(1, 5, 8, 8)
    changed = x.clone()
    changed[:, 4] += 1
    t = torch.tensor([3.0])
    assert network(x, t).shape == (1, 3, 8, 8) and not torch.equal(network(x, t), network(changed, t))
