"""Models that tell what is in a picture, behind one face: those trained here, and the pretrained one.

Notation: x [batch, colours, height, width] in the model's own numbers; scores [batch, classes] before the softmax.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor, nn

from dashboard.explain.image.fitting import entered, fitted
from data.imagenet import class_names
from data.text import Problem, Text
from lightning_modules.blocks.resnet import in_channels_last
from lightning_modules.exact import weights_sha256
from lightning_modules.supervised import efficientnet_lite

IMAGENET = "imagenet"
"""The name of the pretrained model in a request; every other name is the id of a run."""

Pixels = npt.NDArray[np.uint8]
_SHORT_SIDE = 256
"""The shorter side of a photograph before the middle is cut out, as the weights were tested."""


@dataclass(frozen=True)
class ImageModel:
    """A network and what surrounds it.

    Attributes:
        network: x -> scores.
        classes: What the scores are of, as people call it.
        prepare: A picture [height, width, 3] of any size -> what the model sees of it, [side, side, 3] bytes.
        enter: What the model sees -> one x [colours, side, side].
        batch: How many pictures at once are quickest.
        weights: SHA-256 of the weights.
    """

    name: str
    network: nn.Module
    classes: tuple[str, ...]
    prepare: Callable[[Pixels], Pixels]
    enter: Callable[[Pixels], Tensor]
    batch: int
    weights: str


def find(name: str, step: int | None = None) -> ImageModel:
    """The model of this name.

    Raises:
        Problem: There is no such run, or what it trained does not tell classes of pictures.
    """
    return pretrained() if name == IMAGENET else _trained_here(name, step)


@cache
def pretrained() -> ImageModel:
    """EfficientNet-Lite0; read once a process.

    Raises:
        Problem: Its package is not installed.
    """
    network = in_channels_last(efficientnet_lite.pretrained())
    weights = weights_sha256(network.state_dict())
    return ImageModel(
        IMAGENET, network, class_names(), _middle_of_photograph, _bytes_of_imagenet, batch=4, weights=weights
    )


def _middle_of_photograph(picture: Pixels) -> Pixels:
    image = Image.fromarray(picture).convert("RGB")
    scale = _SHORT_SIDE / min(image.size)
    image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BICUBIC)
    side = efficientnet_lite.SIDE
    left, upper = (image.width - side) // 2, (image.height - side) // 2
    return np.asarray(image.crop((left, upper, left + side, upper + side)), dtype=np.uint8)


def _bytes_of_imagenet(seen: Pixels) -> Tensor:
    x = (torch.from_numpy(seen.astype(np.float32)) - efficientnet_lite.MIDDLE) / efficientnet_lite.SCALE
    return x.permute(2, 0, 1).contiguous()


def _trained_here(run_id: str, step: int | None) -> ImageModel:
    """The classifier of a run: a method with `classes` and a `best_network` from x in [-1, 1] to scores."""
    from dashboard.compute.requests import method_of  # which imports the request "explain", and through it this module

    method = method_of(run_id, step)
    classes: Any = getattr(method, "classes", None)
    shape: Any = getattr(method, "shape", None)
    if not classes or not shape:
        raise Problem(
            Text(en="What this run trained does not tell classes of pictures; choose a classifier.",
                 hi="इस रन का मॉडल तस्वीरों की क्लास नहीं बताता; कोई क्लासिफ़ायर चुनें।"),
            code="no_classifier", field="model",
        )  # fmt: skip
    network = method.best_network.requires_grad_(False).eval()

    def prepare(picture: Pixels) -> Pixels:
        return fitted(picture, shape)

    def enter(seen: Pixels) -> Tensor:
        return entered(seen, int(shape[0]))

    return ImageModel(
        run_id, network, tuple(classes), prepare, enter, batch=64, weights=weights_sha256(network.state_dict())
    )
