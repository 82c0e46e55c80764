"""The U-Net denoiser of arXiv:2006.11239: residual blocks, skips, self-attention at chosen resolutions.

Any height and width works: levels round up, and the way up meets each skip at its own size. With `patch` 2 the image
enters as 2×2 patches (space to depth) and leaves the same way: a quarter of the positions at the top level, which is
where an image of 28×28 spends its time. A text is told in two ways: every pixel attends to its tokens in every stage
(arXiv:2112.10752), and its pooled vector is added to the conditioning (arXiv:2205.11487).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lightning_modules.blocks.attention import PixelAttention, TextAttention, TextContext
from lightning_modules.blocks.conditioning import Conditioning
from lightning_modules.blocks.residual import Down, ResidualBlock, Up, group_norm, zeroed
from lightning_modules.muon import matrices_within


@dataclass(frozen=True)
class UNetShape:
    """Size of a U-Net.

    `image` is (channels, height, width); `multipliers` widen `channels` level by level; `attention` lists feature-map
    heights at which self-attention is added; the narrowest level always has it. `text` is the width of the tokens of a text
    that the network can be told, 0 if none. `beside` channels more than `image` has enter and do not leave: a picture, a mask
    that the network is told. `norm_groups` is the number of groups of every norm, a divisor of `channels`; 0: by width.
    """

    image: tuple[int, int, int]
    channels: int = 32
    multipliers: tuple[int, ...] = (1, 2)
    blocks: int = 1
    attention: tuple[int, ...] = ()
    head_width: int = 32
    dropout: float = 0.0
    patch: int = 1
    classes: int = 0
    text: int = 0
    beside: int = 0
    norm_groups: int = 0

    @property
    def condition(self) -> int:
        """Size of the conditioning vector."""
        return 4 * self.channels


class Stage(nn.Module):
    """A residual block, with attention after it where wanted."""

    def __init__(self, inputs: int, outputs: int, shape: UNetShape, *, attend: bool) -> None:
        super().__init__()
        self.block = ResidualBlock(inputs, outputs, shape.condition, shape.dropout, shape.norm_groups)
        self.attention = PixelAttention(outputs, shape.head_width, shape.norm_groups) if attend else nn.Identity()
        self.text = TextAttention(outputs, shape.text, shape.head_width) if shape.text else None

    def forward(self, x: Tensor, c: Tensor, text: TextContext | None = None) -> Tensor:
        out: Tensor = self.attention(self.block(x, c))
        if self.text is None or text is None:
            return out
        told: Tensor = self.text(out, text)
        return told


class UNet(nn.Module):
    """x [batch, channels + beside, height, width], t [batch] on 0..1000, y [batch] or None, a text
    -> [batch, channels, height, width].
    """

    def __init__(self, shape: UNetShape) -> None:
        super().__init__()
        self.shape = shape
        colours, height, width = shape.image
        if height % shape.patch or width % shape.patch:
            raise ValueError(f"an image of {height}×{width} does not divide into patches of {shape.patch}")
        widths = [shape.channels * m for m in shape.multipliers]
        inner, entering = colours * shape.patch**2, (colours + shape.beside) * shape.patch**2
        self.conditioning = Conditioning(shape.channels, shape.condition, shape.classes)
        self.pooled_text = nn.Linear(shape.text, shape.condition) if shape.text else None
        self.enter = nn.Conv2d(entering, shape.channels, 3, padding=1)
        self.way_down = nn.ModuleList()
        self.downs = nn.ModuleList()
        skips, current, size = [shape.channels], shape.channels, height // shape.patch
        sizes = []
        for level, wide in enumerate(widths):
            sizes.append(size)
            stages = nn.ModuleList()
            for _ in range(shape.blocks):
                stages.append(Stage(current, wide, shape, attend=size in shape.attention))
                current = wide
                skips.append(current)
            self.way_down.append(stages)
            if level < len(widths) - 1:
                self.downs.append(Down(current))
                skips.append(current)
                size = (size + 1) // 2
        self.middle_first = Stage(current, current, shape, attend=True)
        self.middle_last = Stage(current, current, shape, attend=False)
        self.way_up = nn.ModuleList()
        self.ups = nn.ModuleList()
        for level in reversed(range(len(widths))):
            stages = nn.ModuleList()
            for _ in range(shape.blocks + 1):
                stages.append(
                    Stage(current + skips.pop(), widths[level], shape, attend=sizes[level] in shape.attention)
                )
                current = widths[level]
            self.way_up.append(stages)
            if level:
                self.ups.append(Up(current))
        self.leave_norm = group_norm(current, shape.norm_groups)
        self.leave = zeroed(nn.Conv2d(current, inner, 3, padding=1))

    def inner_matrices(self) -> list[nn.Parameter]:
        """The weights that work on feature maps, in all stages and between them; not those by which a condition enters."""
        return matrices_within(self.way_down, self.downs, self.middle_first, self.middle_last, self.way_up, self.ups)

    def forward(self, x: Tensor, t: Tensor, y: Tensor | None = None, text: TextContext | None = None) -> Tensor:
        c = self.conditioning(t, y)
        if self.pooled_text is not None and text is not None:
            c = c + self.pooled_text(text.pooled)
        patch = self.shape.patch
        h = self.enter(F.pixel_unshuffle(x, patch) if patch > 1 else x)
        skips = [h]
        for level, stages in enumerate(self.way_down):
            for stage in stages:  # type: ignore[attr-defined]
                h = stage(h, c, text)
                skips.append(h)
            if level < len(self.downs):
                h = self.downs[level](h)
                skips.append(h)
        h = self.middle_last(self.middle_first(h, c, text), c, text)
        for level, stages in enumerate(self.way_up):
            for stage in stages:  # type: ignore[attr-defined]
                h = stage(torch.cat([h, skips.pop()], dim=1), c, text)
            if level < len(self.ups):
                h = self.ups[level](h, *skips[-1].shape[-2:])
        h = self.leave(F.silu(self.leave_norm(h)))
        return F.pixel_shuffle(h, patch) if patch > 1 else h
