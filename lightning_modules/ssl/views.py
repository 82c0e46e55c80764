"""Random views of whole batches of images, in tensors: what must not matter to a representation (arXiv:2002.05709, section 3).

Every step works on all images at once and draws an own strength for each from torch's global generator, which is seeded by
(seed, step): no loading processes, no Python loop over images, and the same views in a resumed run. Images are
[batch, colours, height, width] in [-1, 1], and so are the views. What leaves the frame is replaced by the nearest edge.

Coordinates of the frame run from -1 to 1. A view's pixel p shows the image at s R(turn) K(slant) p + c + w(p): a crop of share
s² of the area at a place c inside the frame, turned and slanted, on a sheet bent smoothly by w.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from data.catalog import Config, option
from data.text import Text

_SLANT = 0.2
"""Largest slant (shear), as a share of the turn in right angles it comes with."""
_BENDS = 4
"""Places across the frame that are pulled about when a view is bent."""
_LUMA = (0.299, 0.587, 0.114)
_GREYED = 0.2
"""Share of views in grey at full colour strength (arXiv:2002.05709, appendix A)."""


class ViewOptions(Config):
    """How different two views of one image may be."""

    crop: float = option(
        0.5, gt=0.02, le=1,
        title=Text(en="Smallest crop", hi="सबसे छोटा क्रॉप"),
        help=Text(en="Smallest share of the image's area that a view shows; 1 shows all of it.",
                  hi="एक व्यू में तस्वीर के क्षेत्रफल का कम से कम कितना हिस्सा दिखे; 1 पर पूरी तस्वीर।"),
        source="arXiv:2002.05709, appendix A",
    )  # fmt: skip
    turn: float = option(
        15.0, ge=0, le=180, unit="°",
        title=Text(en="Turn", hi="घुमाव"),
        help=Text(en="A view is turned by up to so many degrees, and slanted a little; digits must not be turned far: 6 becomes 9.",
                  hi="व्यू इतनी डिग्री तक घुमाया और थोड़ा तिरछा किया जाता है; अंकों को ज़्यादा न घुमाएँ: 6 से 9 बन जाता है।"),
    )  # fmt: skip
    bend: float = option(
        0.08, ge=0, le=0.5,
        title=Text(en="Bend", hi="मोड़"),
        help=Text(en="How far places of the image are pulled about, as a share of half its side.", hi="तस्वीर की जगहें कितनी दूर तक खिसकाई जाएँ, आधी भुजा के हिस्से में।"),
        source="P. Simard, D. Steinkraus, J. Platt, 2003, section 2",
    )  # fmt: skip
    flip: bool = option(
        False,
        title=Text(en="Mirror", hi="शीशे जैसा उलटना"),
        help=Text(en="Half of the views are mirrored left to right: right for faces and photographs, wrong for digits and letters.",
                  hi="आधे व्यू बाएँ-दाएँ उलटे जाते हैं: चेहरों और फ़ोटो के लिए ठीक, अंकों और अक्षरों के लिए ग़लत।"),
    )  # fmt: skip
    colour: float = option(
        0.4, ge=0, le=1, symbol="s",
        title=Text(en="Colour changes", hi="रंग में बदलाव"),
        help=Text(en="Strength of the changes of brightness and contrast, and of saturation and hue where there are colours.",
                  hi="चमक और कंट्रास्ट में कितना बदलाव हो; रंगीन तस्वीर में सैचुरेशन और ह्यू में भी।"),
        source="arXiv:2002.05709, appendix A",
    )  # fmt: skip
    blur: float = option(
        0.2, ge=0, le=1, advanced=True,
        title=Text(en="Blurred share", hi="धुंधले व्यू का हिस्सा"),
        help=Text(en="Share of the views that are blurred.", hi="कितने हिस्से के व्यू धुंधले किए जाएँ।"),
        source="arXiv:2002.05709, appendix A",
    )  # fmt: skip
    erase: float = option(
        0.2, ge=0, le=1, advanced=True,
        title=Text(en="Erased share", hi="मिटाए व्यू का हिस्सा"),
        help=Text(en="Share of the views in which a rectangle is painted over.", hi="कितने हिस्से के व्यू में एक आयत ढका जाए।"),
        source="arXiv:1708.04896, algorithm 1",
    )  # fmt: skip


def random_view(x: Tensor, options: ViewOptions) -> Tensor:
    """One view of each image, [batch, colours, height, width] -> the same shape."""
    return _altered(_moved(x, options, (options.crop, 1.0), x.shape[-2:]), options)


def small_view(x: Tensor, options: ViewOptions) -> Tensor:
    """A view of each image that shows but a small part of it, at half the size (arXiv:2006.09882, section 3.2)."""
    half = (-(-x.shape[-2] // 2), -(-x.shape[-1] // 2))
    return _altered(_moved(x, options, (0.4 * options.crop, options.crop), half), options)


def _altered(view: Tensor, options: ViewOptions) -> Tensor:
    if options.blur:
        view = _blurred(view, options.blur)
    if options.colour:
        view = _recoloured(view, options.colour)
    if options.erase:
        view = _erased(view, options.erase)
    return view


def two_views(x: Tensor, options: ViewOptions) -> Tensor:
    """Two views of each image, [batch, …] -> [2 * batch, …]: first all first views, then all second ones."""
    return random_view(torch.cat([x, x]), options)


def _between(count: int, low: float, high: float, like: Tensor) -> Tensor:
    """Even random numbers [count]."""
    return torch.empty(count, device=like.device).uniform_(low, high)


def _moved(x: Tensor, options: ViewOptions, area: tuple[float, float], size: Sequence[int]) -> Tensor:
    """Crops of a share of the area between two bounds, at `size` (height, width), turned, slanted, mirrored and bent."""
    n, _, height, width = x.shape
    side = _between(n, *area, x).sqrt()
    angle = _between(n, -1, 1, x) * math.radians(options.turn)
    slant = _between(n, -1, 1, x) * _SLANT * options.turn / 90
    mirror = torch.where(torch.rand(n, device=x.device) < 0.5, -1.0, 1.0) if options.flip else torch.ones_like(side)
    room = 1 - side
    cos, sin = angle.cos(), angle.sin()
    squeeze = width / height  # a turn is one of pixels, not of the frame's units
    down, across = _frame(size[0], x.device)[:, None], _frame(size[1], x.device)
    right = _each(side * mirror * cos) * across + _each(side * (cos * slant - sin) / squeeze) * down
    below = _each(side * mirror * sin * squeeze) * across + _each(side * (sin * slant + cos)) * down
    right = right + _each(_between(n, -1, 1, x) * room)
    below = below + _each(_between(n, -1, 1, x) * room)
    grid = torch.stack([right, below], dim=-1)
    if options.bend:
        pulls = options.bend * torch.randn(n, 2, _BENDS, _BENDS, device=x.device)
        grid += (_curve(size[0], x.device) @ pulls @ _curve(size[1], x.device).T).permute(0, 2, 3, 1)
    return F.grid_sample(x, grid.to(x.dtype), mode="bilinear", padding_mode="border", align_corners=False)


def _each(values: Tensor) -> Tensor:
    """A number an image [n], to be spread over its pixels."""
    return values[:, None, None]


@lru_cache(maxsize=32)
def _frame(size: int, device: torch.device) -> Tensor:
    """The middles of `size` pixels on a frame from -1 to 1."""
    return (torch.arange(size, device=device) + 0.5) * 2 / size - 1


@lru_cache(maxsize=32)
def _curve(size: int, device: torch.device) -> Tensor:
    """How much each pull counts at each pixel [size, pulls]: cubic interpolation, as one matrix."""
    pulls = torch.eye(_BENDS, device=device).view(_BENDS, 1, _BENDS, 1)
    return F.interpolate(pulls, (size, 1), mode="bicubic", align_corners=True).view(_BENDS, size).T.contiguous()


@lru_cache(maxsize=32)
def _smoothing(size: int, sigma: float, device: torch.device) -> Tensor:
    """A Gaussian along one side as a matrix [size, size]; beyond the edge the outermost pixel goes on."""
    reach = max(1, round(2 * sigma))
    line = torch.arange(-reach, reach + 1)
    weights = (-(line**2) / (2 * sigma**2)).exp()
    seen = (torch.arange(size)[:, None] + line).clamp(0, size - 1)
    matrix = torch.zeros(size, size).scatter_add_(1, seen, (weights / weights.sum()).expand(size, -1))
    return matrix.to(device)


def _blurred(x: Tensor, share: float) -> Tensor:
    """A random part of each chosen image gives way to the image under a Gaussian of a 28th of its side."""
    n, _, height, width = x.shape
    sigma = max(height, width) / 28
    down, across = (_smoothing(side, sigma, x.device).to(x.dtype) for side in (height, width))
    part = _between(n, 0, 1, x) * (torch.rand(n, device=x.device) < share)
    return torch.lerp(x, down @ x @ across.T, part.view(n, 1, 1, 1).to(x.dtype))


def _recoloured(x: Tensor, strength: float) -> Tensor:
    """Contrast about the image's own mean, brightness; for colours also saturation and hue, as one linear map of the colours."""
    n, colours = x.shape[:2]
    shape = (n, 1, 1, 1)
    contrast = 1 + strength * _between(n, -1, 1, x).view(shape)
    brightness = 0.5 * strength * _between(n, -1, 1, x).view(shape)
    if colours == 3:
        x = torch.einsum("nab,nbhw->nahw", _colour_maps(n, strength, x), x)
    mean = x.mean(dim=(1, 2, 3), keepdim=True)
    return ((x - mean) * contrast + mean + brightness).clamp(-1, 1)


def _colour_maps(n: int, strength: float, like: Tensor) -> Tensor:
    """Maps of colours [n, 3, 3]: grey stays as it is, what is left over is turned about the grey axis (hue) and scaled (saturation)."""
    saturation = 1 + strength * _between(n, -1, 1, like)
    saturation = saturation * (torch.rand(n, device=like.device) >= _GREYED * strength)
    angle = 0.5 * strength * math.pi * _between(n, -1, 1, like) / 2
    axis = torch.full((3,), 1 / math.sqrt(3), device=like.device)
    across = torch.tensor([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]], device=like.device) / math.sqrt(3)
    along = torch.outer(axis, axis)
    cos, sin = angle.cos().view(n, 1, 1), angle.sin().view(n, 1, 1)
    turned = along + cos * (torch.eye(3, device=like.device) - along) + sin * across  # Rodrigues
    luma = torch.tensor(_LUMA, device=like.device).expand(3, 3)
    return (luma + saturation.view(n, 1, 1) * (turned - luma @ turned)).to(like.dtype)


def _erased(x: Tensor, share: float) -> Tensor:
    """A rectangle of 2 to 20 % of the area, of sides 1 : 3 to 3 : 1, in one even shade."""
    n, _, height, width = x.shape
    area = _between(n, 0.02, 0.2, x)
    ratio = _between(n, -math.log(3), math.log(3), x).exp()
    tall, wide = (area * ratio).sqrt().clamp(max=0.9), (area / ratio).sqrt().clamp(max=0.9)
    top, left = torch.rand(n, device=x.device) * (1 - tall), torch.rand(n, device=x.device) * (1 - wide)
    down = (torch.arange(height, device=x.device) + 0.5) / height
    across = (torch.arange(width, device=x.device) + 0.5) / width
    rows = (down >= top[:, None]) & (down < (top + tall)[:, None])
    columns = (across >= left[:, None]) & (across < (left + wide)[:, None])
    chosen = (torch.rand(n, device=x.device) < share)[:, None, None]
    inside = (rows[:, :, None] & columns[:, None, :] & chosen)[:, None]
    shade = _between(n, -1, 1, x).view(n, 1, 1, 1).to(x.dtype)
    return torch.where(inside, shade, x)
