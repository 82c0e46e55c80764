"""Weights of a model as a safetensors file, and back into a model: names, shapes and values are checked before one is taken.

What is written are the weights one draws samples with: where there is a moving average, the average under the names of
the network. A file of `diffusers.UNet2DModel` is taken as well, into a U-Net that is the same function.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from data import weight_files
from data.images import shown_name
from data.text import Problem, Text
from lightning_modules.base import Method
from lightning_modules.blocks.diffusers_layout import unet_config, unet_weights
from lightning_modules.blocks.unet import UNet

_NETWORK, _AVERAGE = "network.", "average."
_OF_DIFFUSERS = "conv_in.weight"


def packed(weights: Mapping[str, Tensor], about: Mapping[str, str]) -> bytes:
    """The file's content: every tensor on its own, in the usual order of its numbers."""
    plain = {name: value.detach().cpu().contiguous().clone() for name, value in weights.items()}
    content: bytes = save(plain, {"format": "pt", **about})
    return content


def weights_of(module: pl.LightningModule) -> dict[str, Tensor]:
    """Every tensor of a module's state, with the moving average in the place of what it follows."""
    state: dict[str, Tensor] = module.state_dict()
    weights = {name: value for name, value in state.items() if not name.startswith(_AVERAGE)}
    averaged = {name: value for name, value in state.items() if name.startswith(_AVERAGE)}
    return weights | {_NETWORK + name.removeprefix(_AVERAGE): value for name, value in averaged.items()}


def shape_of_network(module: pl.LightningModule) -> dict[str, Any] | None:
    """What rebuilds the network without data and without its method: `UNet(UNetShape(**shape))`; None for other networks."""
    network = getattr(module, "network", None)
    return asdict(network.shape) if isinstance(network, UNet) else None


@torch.no_grad()
def take(module: pl.LightningModule, path: Path, name: str) -> None:
    """Fill `module`, and its moving average, with the weights of a file; unless all of them fit, none is taken.

    Args:
        module: The model to fill.
        path: The file.
        name: What people call the file.

    Raises:
        Problem: The file is no safetensors file, its weights are not those of this architecture, or not all numbers.
    """
    weight_files.header_of(path, name)
    try:
        found: dict[str, Tensor] = load_file(path)
    except (SafetensorError, OSError) as error:
        raise _unfit(name, "cannot be read as weights", "से वेट पढ़े नहीं जा सकते") from error
    places = _places(module, found, name)
    _compare({key: tuple(value.shape) for key, value in places.items()}, found, name)
    for key, value in found.items():
        if value.is_floating_point() and not value.isfinite().all():
            shown = shown_name(key)
            raise _unfit(
                name, f"holds values in “{shown}” that are no finite numbers (NaN or infinite)",
                f"में “{shown}” के कुछ मान संख्या नहीं हैं (NaN या अनंत)",
            )  # fmt: skip
    for key, place in places.items():
        place.copy_(found[key])
    if isinstance(module, Method) and module.average is not None:
        module.average.load_state_dict(module.network.state_dict())


def _places(module: pl.LightningModule, found: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    """Where the file's tensors go, by the names it should have; the tensors share their numbers with the module."""
    network = getattr(module, "network", None)
    if _OF_DIFFUSERS in found and isinstance(network, UNet):
        try:
            unet_config(network)
        except Problem as problem:
            raise Problem(
                Text(
                    en=f"“{shown_name(name)}” comes from diffusers. {problem.text.en}",
                    hi=f"“{shown_name(name)}” diffusers की है। {problem.text.hi}",
                ),
                code="bad_weights",
                field="start_from",
            ) from problem
        return unet_weights(network)
    return {key: value for key, value in module.state_dict().items() if not key.startswith(_AVERAGE)}


def _compare(wanted: Mapping[str, tuple[int, ...]], found: Mapping[str, Tensor], name: str) -> None:
    """The first thing that differs, in words."""
    wrong = next((key for key in wanted if key in found and tuple(found[key].shape) != wanted[key]), None)
    if wrong is not None:
        theirs, ours = _sides(tuple(found[wrong].shape)), _sides(wanted[wrong])
        raise _unfit(
            name, f"is of another architecture: “{wrong}” is {theirs} there and {ours} in this model",
            f"किसी और आर्किटेक्चर की है: “{wrong}” उसमें {theirs} है और इस मॉडल में {ours}",
        )  # fmt: skip
    missing = [key for key in wanted if key not in found]
    if missing:
        first, more = missing[0], len(missing) - 1
        raise _unfit(
            name, f"is of another architecture: it lacks “{first}”" + (f" and {more} more" if more else ""),
            f"किसी और आर्किटेक्चर की है: उसमें “{first}”" + (f" और {more} दूसरे" if more else "") + " नहीं हैं",
        )  # fmt: skip
    unknown = [key for key in found if key not in wanted]
    if unknown:
        first, more = shown_name(unknown[0]), len(unknown) - 1
        raise _unfit(
            name, f"is of another architecture: this model has no “{first}”" + (f" and not {more} more" if more else ""),
            f"किसी और आर्किटेक्चर की है: इस मॉडल में “{first}”" + (f" और {more} दूसरे" if more else "") + " नहीं हैं",
        )  # fmt: skip


def _sides(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape)) or "1"


def _unfit(name: str, en: str, hi: str) -> Problem:
    shown = shown_name(name)
    return Problem(Text(en=f"“{shown}” {en}.", hi=f"“{shown}” {hi}।"), code="bad_weights", field="start_from")
