"""A picture brought to what a model knows, and into its numbers: the middle of it at the model's size, grey where the model is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from data.images import square
from data.text import Problem, Text

Pixels = npt.NDArray[np.uint8]
LARGEST_SIDE = 4096


def fitted(picture: Pixels, shape: Sequence[int]) -> Pixels:
    """A picture [rows, columns, 3] as a model of items [colours, height, width] sees it, [height, width, 3]."""
    colours, height, width = shape
    if height == width:
        seen = square(Image.fromarray(picture), height, grey=colours == 1)
    else:
        mode = Image.fromarray(picture).convert("L" if colours == 1 else "RGB")
        seen = np.asarray(mode.resize((width, height), Image.Resampling.LANCZOS), dtype=np.uint8)
    return coloured(seen.reshape(height, width, colours))


def entered(seen: Pixels, colours: int) -> Tensor:
    """What a model sees [height, width, 3] as its x [colours, height, width] in [-1, 1]."""
    return torch.from_numpy(seen[:, :, :colours].astype(np.float32) / 127.5 - 1).permute(2, 0, 1).contiguous()


def shown(x: Tensor) -> Pixels:
    """An item [colours, height, width] in [-1, 1] as a picture [height, width, 3]."""
    scaled = ((x.detach().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    return coloured(scaled.permute(1, 2, 0).cpu().numpy())


def coloured(picture: Pixels) -> Pixels:
    """A picture in three colours."""
    return np.repeat(picture, 3, axis=2) if picture.shape[2] == 1 else picture


def checked(picture: npt.NDArray[np.generic] | None, field: str = "picture") -> Pixels:
    """A picture that came with a request, in three colours.

    Raises:
        Problem: There is none, or it is no picture; `field` is its name in the request.
    """
    if picture is None:
        raise Problem(
            Text(en="There is no picture to explain; upload one or choose a sample.", hi="कोई तस्वीर नहीं मिली; एक अपलोड करें या सैंपल चुनें।"),
            code="no_picture", field=field,
        )  # fmt: skip
    if (
        picture.dtype != np.uint8
        or picture.ndim != 3
        or picture.shape[2] not in (1, 3)
        or not min(picture.shape) >= 1
        or max(picture.shape) > LARGEST_SIDE
    ):
        raise Problem(
            Text(en=f"A picture is an array of bytes, height × width × 1 or 3, at most {LARGEST_SIDE} a side.",
                 hi=f"तस्वीर बाइट का ऐरे हो, ऊँचाई × चौड़ाई × 1 या 3, हर भुजा ज़्यादा से ज़्यादा {LARGEST_SIDE}।"),
            code="wrong_shape", field=field,
        )  # fmt: skip
    return coloured(picture.astype(np.uint8))
