"""Our U-Net's weights under the names of `diffusers.UNet2DModel`, where the two are the same function.

They are with `resnet_time_scale_shift="scale_shift"` when all our norms have one number of groups (as `norm_groups` says, or
32 each from 256 channels on), images enter without patches, every level halves evenly, heads divide the channels, and no
text is told.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from data.text import Problem, Text
from lightning_modules.blocks.attention import PixelAttention
from lightning_modules.blocks.residual import ResidualBlock
from lightning_modules.blocks.unet import Stage, UNet


def unet_config(network: UNet) -> dict[str, Any]:
    """The arguments of the `UNet2DModel` that is the same function.

    Raises:
        Problem: There is none (`no_diffusers_layout`).
    """
    shape = network.shape
    colours, height, width = shape.image
    groups = {module.num_groups for module in network.modules() if isinstance(module, nn.GroupNorm)}
    halvings = len(shape.multipliers) - 1
    attended = [m.norm.num_channels for m in network.modules() if isinstance(m, PixelAttention)]
    uneven = height % 2**halvings or width % 2**halvings or any(wide % shape.head_width for wide in attended)
    if len(groups) > 1 or shape.patch > 1 or shape.text or uneven:
        raise Problem(
            Text(
                en="This U-Net has no equal in diffusers: it needs “Groups of a norm” other than 0 (or 256 channels), patch size 1, channels in multiples of 32, sizes that halve evenly, and no prompt.",
                hi="इस U-Net का diffusers में जोड़ नहीं है: “नॉर्म के समूह” 0 के अलावा (या 256 चैनल), पैच का आकार 1, 32 के गुणज में चैनल, बराबर आधे होते आकार चाहिए, और प्रॉम्प्ट नहीं।",
            ),
            code="no_diffusers_layout",
        )
    attends = [any(isinstance(stage.attention, PixelAttention) for stage in level) for level in network.way_down]  # type: ignore[attr-defined]
    (number,) = groups
    return {
        "sample_size": (height, width),
        "in_channels": colours + shape.beside,
        "out_channels": colours,
        "layers_per_block": shape.blocks,
        "block_out_channels": tuple(shape.channels * m for m in shape.multipliers),
        "down_block_types": tuple("AttnDownBlock2D" if a else "DownBlock2D" for a in attends),
        "up_block_types": tuple("AttnUpBlock2D" if a else "UpBlock2D" for a in reversed(attends)),
        "norm_num_groups": number,
        "attn_norm_num_groups": number,
        "attention_head_dim": shape.head_width,
        "resnet_time_scale_shift": "scale_shift",
        "num_class_embeds": shape.classes + 1 if shape.classes else None,
        "dropout": shape.dropout,
    }


def unet_weights(network: UNet) -> dict[str, Tensor]:
    """The state dict of that `UNet2DModel`; its tensors are our own, so what is copied into them is in `network`."""
    found: dict[str, Tensor] = {}

    def keep(name: str, layer: nn.Module) -> None:
        found.update({f"{name}.{key}": value.detach() for key, value in layer.state_dict().items()})

    def keep_stage(block: str, number: int, stage: Stage) -> None:
        _keep_block(found, f"{block}.resnets.{number}", stage.block)
        if isinstance(stage.attention, PixelAttention):
            _keep_attention(found, f"{block}.attentions.{number}", stage.attention)

    keep("conv_in", network.enter)
    keep("time_embedding.linear_1", network.conditioning.time[0])
    keep("time_embedding.linear_2", network.conditioning.time[2])
    if network.conditioning.label is not None:
        keep("class_embedding", network.conditioning.label)
    for side, levels in (("down_blocks", network.way_down), ("up_blocks", network.way_up)):
        for level, stages in enumerate(levels):
            for number, stage in enumerate(stages.children()):
                assert isinstance(stage, Stage)
                keep_stage(f"{side}.{level}", number, stage)
    for level, down in enumerate(network.downs):
        keep(f"down_blocks.{level}.downsamplers.0.conv", down.convolution)  # type: ignore[arg-type]
    for level, up in enumerate(network.ups):
        keep(f"up_blocks.{level}.upsamplers.0.conv", up.convolution)  # type: ignore[arg-type]
    keep_stage("mid_block", 0, network.middle_first)
    keep_stage("mid_block", 1, network.middle_last)
    keep("conv_norm_out", network.leave_norm)
    keep("conv_out", network.leave)
    return found


def _keep_block(found: dict[str, Tensor], name: str, block: ResidualBlock) -> None:
    layers = {
        "norm1": block.first_norm,
        "conv1": block.first,
        "time_emb_proj": block.modulate,
        "norm2": block.second_norm,
        "conv2": block.second,
        "conv_shortcut": block.skip,
    }
    for part, layer in layers.items():
        found.update({f"{name}.{part}.{key}": value.detach() for key, value in layer.state_dict().items()})


def _keep_attention(found: dict[str, Tensor], name: str, attention: PixelAttention) -> None:
    for key, value in attention.norm.state_dict().items():
        found[f"{name}.group_norm.{key}"] = value.detach()
    for key, value in attention.queries_keys_values.state_dict().items():
        for part, piece in zip(("to_q", "to_k", "to_v"), value.detach().chunk(3), strict=True):
            found[f"{name}.{part}.{key}"] = piece
    for key, value in attention.out.state_dict().items():
        found[f"{name}.to_out.0.{key}"] = value.detach()
