"""A person's own picture before a trained model: of any size, grey or in colour; checked, made to fit, and put back.

A picture is [height, width] or [height, width, 1 or 3] bytes; inside it is [1, colours, height, width] in [-1, 1]. Luminance is
that of ITU-R BT.601, as Pillow's mode "L": 0.299 R + 0.587 G + 0.114 B.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from data.text import Problem, Text
from lightning_modules.diffusion.measures import fidelity

Arrays = Mapping[str, npt.NDArray[Any]]
Pixels = npt.NDArray[np.uint8]

SMALLEST_SIDE, LARGEST_SIDE = 4, 4096
_LUMINANCE = (0.299, 0.587, 0.114)

MISSING = Text(en="Choose a picture first.", hi="पहले कोई तस्वीर चुनें।")
NOTHING_PAINTED = Text(en="Paint the part to be filled first.", hi="पहले वह हिस्सा रंगें जिसे भरना है।")
GREY_MODEL = Text(
    en="This model has learned from grey pictures, so its part of the picture is grey.",
    hi="इस मॉडल ने धूसर तस्वीरों से सीखा है, इसलिए उसका बनाया हिस्सा धूसर है।",
)
SCALED = Text(
    en="The model works at {small} pixels; its part was enlarged to the {large} pixels of your picture, so it is softer.",
    hi="मॉडल {small} पिक्सेल पर काम करता है; उसका हिस्सा आपकी तस्वीर के {large} पिक्सेल तक बड़ा किया गया, इसलिए थोड़ा धुंधला है।",
)


def is_picture(array: npt.NDArray[Any] | None) -> bool:
    """Whether it is a picture in bytes, and not items as a model has them."""
    return array is not None and array.dtype == np.uint8


def picture(arrays: Arrays) -> Pixels:
    """The picture of a request, [height, width, 1 or 3].

    Raises:
        Problem: There is none, or it is too small, too large or no picture.
    """
    given = arrays.get("image")
    if given is None:
        raise Problem(MISSING, code="missing_image", field="image")
    whole = given[..., None] if given.ndim == 2 else given
    sides = whole.shape[:2]
    if given.dtype != np.uint8 or whole.ndim != 3 or whole.shape[2] not in (1, 3):
        raise Problem(
            Text(en="The picture must be bytes of shape height × width, or height × width × 3.",
                 hi="तस्वीर ऊँचाई × चौड़ाई या ऊँचाई × चौड़ाई × 3 आकार के बाइट होनी चाहिए।"),
            code="wrong_image", field="image",
        )  # fmt: skip
    if min(sides) < SMALLEST_SIDE or max(sides) > LARGEST_SIDE:
        raise Problem(
            Text(en=f"The picture has {size(*sides)} pixels; each side must have from {SMALLEST_SIDE} to {LARGEST_SIDE}.",
                 hi=f"तस्वीर {size(*sides)} पिक्सेल की है; हर भुजा {SMALLEST_SIDE} से {LARGEST_SIDE} पिक्सेल की होनी चाहिए।"),
            code="wrong_image", field="image",
        )  # fmt: skip
    found: Pixels = whole
    return found


def size(height: int, width: int) -> str:
    """Width × height, as people write it."""
    return f"{width}×{height}"


def to_items(pixels: Pixels, colours: int) -> Tensor:
    """[height, width, 1 or 3] bytes -> [1, colours, height, width] in [-1, 1]."""
    x = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))[None].float() / 127.5 - 1
    return in_colours(x, colours)


def in_colours(x: Tensor, colours: int) -> Tensor:
    """[n, 1 or 3, height, width] with 1 or 3 colours: grey is repeated, colour becomes its luminance."""
    if x.shape[1] == colours:
        return x
    return luminance(x) if colours == 1 else x.expand(-1, colours, -1, -1)


def to_pixels(x: Tensor) -> Pixels:
    """[n, colours, height, width] in [-1, 1] -> [n, height, width, colours] bytes."""
    scaled: Pixels = ((x.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()
    return scaled


def measured(found: Tensor, true: Tensor) -> dict[str, float]:
    """PSNR and SSIM of one picture against the true one."""
    return {"psnr": float(fidelity.psnr(found, true)), "ssim": float(fidelity.ssim(found, true))}


def luminance(x: Tensor) -> Tensor:
    """[n, 3, height, width] -> [n, 1, height, width]; of one colour it is that colour."""
    if x.shape[1] == 1:
        return x
    weights = torch.tensor(_LUMINANCE, dtype=x.dtype, device=x.device).view(1, 3, 1, 1)
    return (x * weights).sum(dim=1, keepdim=True)


def resized(x: Tensor, height: int, width: int) -> Tensor:
    """[n, colours, ...] at another size: bicubic (a = -0.5), with antialiasing where it becomes smaller."""
    if tuple(x.shape[-2:]) == (height, width):
        return x
    return F.interpolate(x, (height, width), mode="bicubic", antialias=True, align_corners=False)


def painted(arrays: Arrays, height: int, width: int) -> npt.NDArray[np.bool_]:
    """The mask of a request, [height, width]: True where it is to be filled.

    Raises:
        Problem: There is none, nothing is painted, or it is not of the picture's size.
    """
    mask = arrays.get("mask")
    if mask is None or not np.any(mask):
        raise Problem(NOTHING_PAINTED, code="nothing_painted", field="mask")
    if mask.shape != (height, width):
        raise Problem(
            Text(en=f"The mask must have the picture's size, {size(height, width)} pixels.",
                 hi=f"मास्क तस्वीर जितना ही, {size(height, width)} पिक्सेल का होना चाहिए।"),
            code="wrong_mask", field="mask",
        )  # fmt: skip
    return mask.astype(bool)


@dataclass(frozen=True)
class Window:
    """A rectangle of a picture."""

    top: int
    left: int
    height: int
    width: int

    @property
    def place(self) -> tuple[slice, slice]:
        """Its rows and columns."""
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)


def window_around(mask: npt.NDArray[np.bool_], height: int, width: int) -> Window:
    """The largest part of a picture with the sides' ratio height : width that holds all that is painted [rows, columns].

    It stands as near to the middle of what is painted as the edges allow. When no such part holds all of it, the whole
    picture is taken, and its sides change their ratio.
    """
    rows, columns = mask.shape
    scale = min(rows / height, columns / width)
    tall, wide = min(rows, round(height * scale)), min(columns, round(width * scale))
    down, across = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if down[-1] - down[0] >= tall or across[-1] - across[0] >= wide:
        return Window(0, 0, rows, columns)
    top = _centred(int(down[0]), int(down[-1]), tall, rows)
    return Window(top, _centred(int(across[0]), int(across[-1]), wide, columns), tall, wide)


def _centred(first: int, last: int, length: int, whole: int) -> int:
    return min(max(0, (first + last + 1 - length) // 2), whole - length)
