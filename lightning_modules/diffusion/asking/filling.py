"""The request "inpaint": fill the painted part of items or of a person's own picture; the rest stays as it is, to the bit.

Any unconditional or class-conditional denoiser fills by RePaint; one that was trained to fill is told what is known
instead. This file does what both share: it checks, makes the picture fit the model, and puts the result back into it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from data.fields import checked
from data.text import Problem, Text
from lightning_modules.base import Answer
from lightning_modules.diffusion.asking import own_picture
from lightning_modules.diffusion.asking.own_picture import Arrays, Pixels
from lightning_modules.diffusion.asking.requests import RepaintRequest, SampleRequest
from lightning_modules.diffusion.process.item_noise import ItemNoise
from lightning_modules.diffusion.process.repaint import looks, repaint
from lightning_modules.diffusion.process.stages import Walk, last
from lightning_modules.diffusion.samplers import SAMPLERS

if TYPE_CHECKING:
    from lightning_modules.diffusion.denoising import DenoisingMethod

Fill = Callable[[Tensor, Tensor], Tensor]
"""(known [n, *shape], fill [*shape] True or False) -> filled [count, *shape]."""

_BATCH = 64
_USUAL = {"count": 4, "eta": 1.0}


def inpaint(model: DenoisingMethod, values: Mapping[str, Any], arrays: Arrays) -> Answer:
    """By RePaint: `image` and `mask`, a `RepaintRequest` and the model's own request -> as `filled`.

    Raises:
        Problem: The model works in another space than that of the data, or what is given cannot be used.
    """
    if model.shape != model.data_shape:
        raise Problem(
            Text(en="This model works in a compressed space, where a part of a picture cannot be held; choose a model of pixels.",
                 hi="यह मॉडल सिकुड़े हुए स्पेस में काम करता है, जहाँ तस्वीर का हिस्सा थामा नहीं जा सकता; पिक्सेल वाला मॉडल चुनें।"),
            code="not_in_pixels", field="run",
        )  # fmt: skip
    own = {key: value for key, value in values.items() if key not in RepaintRequest.model_fields}
    how = checked(RepaintRequest, {key: value for key, value in values.items() if key not in own})
    wanted = checked(model.request, {**_USUAL, **own})
    grid = SAMPLERS[wanted.sampler].grid(model.noising.steps, wanted.steps)
    given = {key: value for key, value in arrays.items() if key not in ("image", "mask")}

    def fill(known: Tensor, mask: Tensor) -> Tensor:
        parts = []
        for first in range(0, wanted.count, _BATCH):
            count = min(_BATCH, wanted.count - first)
            mine = known.expand(count, *known.shape[1:]) if len(known) == 1 else known[first : first + count]
            parts.append(_repainted(model, wanted, how, mine, mask, grid, first, given))
        return torch.cat(parts)

    answer = filled(model, arrays, wanted.count, fill)
    steps_down = looks(len(grid), how.jump, how.resamplings)
    facts = {"evaluations": steps_down * SAMPLERS[wanted.sampler].calls_a_step}
    return Answer({**answer.values, **facts}, answer.arrays)


def filled(model: DenoisingMethod, arrays: Arrays, count: int, fill: Fill) -> Answer:
    """Items -> x [count, *shape]. A picture in bytes -> that, at the model's size, and `pictures` at its own size.

    `notes` among the values say what was done to a picture to make it fit.
    """
    if own_picture.is_picture(arrays.get("image")):
        return _filled_picture(model, arrays, fill)
    known = _known(model, arrays, count)
    return Answer({"notes": []}, {"x": fill(known, _mask(model, arrays)).cpu().numpy()})


def _repainted(
    model: DenoisingMethod,
    wanted: SampleRequest,
    how: RepaintRequest,
    known: Tensor,
    mask: Tensor,
    grid: tuple[float, ...],
    first: int,
    arrays: Arrays,
) -> Tensor:
    noise = ItemNoise(wanted.seed, first, len(known), model.shape, model.device)
    denoise = model.denoiser(model.asked(wanted, arrays, first, len(known)), model.strength(wanted))
    walk = Walk(denoise, model.noising, model.noising.start_scale * noise(), grid, noise, wanted.eta)
    stages = repaint(SAMPLERS[wanted.sampler], walk, known, mask, jump=how.jump, resamplings=how.resamplings)
    return last(stages)


def _filled_picture(model: DenoisingMethod, arrays: Arrays, fill: Fill) -> Answer:
    pixels = own_picture.picture(arrays)
    if model.kind != "image":
        raise Problem(
            Text(en="This model has not learned from pictures; choose one that has.", hi="इस मॉडल ने तस्वीरों से नहीं सीखा; ऐसा चुनें जिसने सीखा हो।"),
            code="not_an_image_model", field="run",
        )  # fmt: skip
    colours, height, width = model.data_shape
    painted = own_picture.painted(arrays, *pixels.shape[:2])
    window = own_picture.window_around(painted, height, width)
    inside, wanted = pixels[window.place], painted[window.place]
    known = own_picture.resized(own_picture.to_items(inside, colours), height, width).clamp(-1, 1)
    mask = F.adaptive_max_pool2d(torch.from_numpy(wanted)[None].float(), (height, width))[0] > 0
    x = fill(known.to(model.device), mask.to(model.device))
    notes = []
    if (window.height, window.width) != (height, width):
        large = own_picture.size(window.height, window.width)
        notes.append(own_picture.SCALED.format(small=own_picture.size(height, width), large=large))
    if colours == 1 and pixels.shape[2] == 3:
        notes.append(own_picture.GREY_MODEL)
    pictures = _put_back(pixels, painted, window, x)
    told = {"notes": [note.model_dump() for note in notes]}
    return Answer(told, {"x": x.cpu().numpy(), "pictures": pictures})


def _put_back(pixels: Pixels, painted: npt.NDArray[np.bool_], window: own_picture.Window, x: Tensor) -> Pixels:
    """The picture [height, width, colours] with its painted part taken from each of x: [n, height, width, colours]."""
    enlarged = own_picture.in_colours(own_picture.resized(x, window.height, window.width), pixels.shape[2])
    drawn = own_picture.to_pixels(enlarged)
    whole = np.repeat(pixels[None], len(x), axis=0)
    inside = whole[:, window.place[0], window.place[1]]
    inside[:] = np.where(painted[window.place][None, ..., None], drawn, inside)
    return whole


def _known(model: DenoisingMethod, arrays: Arrays, count: int) -> Tensor:
    """Given items [1 or count, *shape], checked."""
    given = arrays.get("image")
    if given is None:
        raise Problem(own_picture.MISSING, code="missing_image", field="image")
    shape = model.data_shape
    if given.shape[1:] != shape or len(given) not in (1, count) or not np.isfinite(given).all():
        wanted = "×".join(str(size) for size in ("n", *shape))
        raise Problem(
            Text(en=f"What is known must be finite numbers of shape {wanted}: one item for all {count} samples, or one each.",
                 hi=f"जो पता है वह {wanted} आकार की सीमित संख्याएँ हों: सभी {count} सैंपल के लिए एक, या हर एक के लिए अलग।"),
            code="wrong_items", field="image",
        )  # fmt: skip
    return torch.tensor(given, dtype=torch.float32, device=model.device)


def _mask(model: DenoisingMethod, arrays: Arrays) -> Tensor:
    """The mask of a request in the shape of one item; of an image, [height, width] is enough."""
    mask = arrays.get("mask")
    if mask is None or not np.any(mask):
        raise Problem(own_picture.NOTHING_PAINTED, code="nothing_painted", field="mask")
    try:
        whole = np.broadcast_to(mask.astype(bool), model.data_shape)
    except ValueError as error:
        wanted = "×".join(str(size) for size in model.data_shape[model.kind == "image" :])
        raise Problem(
            Text(en=f"The mask must have the shape {wanted}.", hi=f"मास्क का आकार {wanted} होना चाहिए।"),
            code="wrong_mask",
            field="mask",
        ) from error
    return torch.from_numpy(whole.copy()).to(model.device)
