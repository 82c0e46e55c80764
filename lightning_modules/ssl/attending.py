"""What a vision transformer looks at: the request "attention" for every layer and head, "pointing" for how often it finds the object, and a
picture and a measure while it trains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from data.catalog import Config, Dataset, FloatArray, option
from data.fields import checked
from data.text import Problem, Text
from lightning_modules.base import Answer, Picture
from lightning_modules.blocks.vit import VisionTransformer, attention_maps
from lightning_modules.diffusion.drawing import gallery
from lightning_modules.ssl.embedding import given
from lightning_modules.ssl.pointing import FEWEST, Cut, Score, has_object, pointing

MOST_ITEMS = 16
_PLAYED, _AT_ONCE = 200, 50


class AttentionRequest(Config):
    """Which held-out images are looked at; images that come with the request, as an array `x`, are looked at instead."""

    first: int = option(
        0, ge=0, le=1_000_000_000,
        title=Text(en="First item", hi="पहला आइटम"),
        help=Text(en="Number of the first held-out item, counted from 0.", hi="पहले अलग रखे आइटम का नंबर, 0 से गिनकर।"),
    )  # fmt: skip
    count: int = option(
        1, ge=1, le=MOST_ITEMS, unit="items",
        title=Text(en="Items", hi="आइटम"),
        help=Text(en="How many, from there on.", hi="वहाँ से कितने।"),
    )  # fmt: skip


class PointingRequest(Config):
    """Over how many held-out images the pointing game is played."""

    count: int = option(
        200, ge=1, le=1000, unit="items",
        title=Text(en="Items", hi="आइटम"),
        help=Text(en="How many held-out items, at most.", hi="ज़्यादा से ज़्यादा कितने अलग रखे आइटम।"),
    )  # fmt: skip


def answered(
    dataset: Dataset,
    encoder: nn.Module,
    device: torch.device,
    values: Mapping[str, Any],
    arrays: Mapping[str, npt.NDArray[Any]],
) -> Answer:
    """Arrays: the images `x`, and `attention` [items, layers, heads, tokens, tokens], rows summing to 1; the first token is the class
    token, the others the patches row by row. Values: `rows` and `columns` of patches, and the side of one, `patch`.

    Raises:
        Problem: The encoder has no attention, there is no such item, or the images are not the model's.
    """
    encoder = _transformer(encoder)
    x = given(dataset, arrays, most=MOST_ITEMS)
    if x is None:
        request = checked(AttentionRequest, values)
        x = dataset.test.x[request.first : request.first + request.count]
        if not len(x):
            raise Problem(
                Text(en=f"There are only {len(dataset.test):,} held-out items, numbered from 0.", hi=f"अलग रखे आइटम सिर्फ़ {len(dataset.test):,} हैं, 0 से गिनकर।"),
                code="unknown_item", field="first",
            )  # fmt: skip
    with attention_maps(encoder) as maps:
        encoder(torch.from_numpy(np.ascontiguousarray(x)).to(device))
    rows, columns = encoder.grid
    told = {"rows": rows, "columns": columns, "patch": encoder.patch}
    return Answer(told, {"x": x, "attention": torch.stack(maps, dim=1).float().cpu().numpy()})


def pointed(dataset: Dataset, encoder: nn.Module, device: torch.device, values: Mapping[str, Any]) -> Answer:
    """Values: `pictures`, 0 where too few have an object before one shade, then with how many have (`found`) and how many are `needed`; else
    also the shares of hits by `chance` and of the `middle`.

    Arrays, then: the hits of the class token, `hits` [layers, 1 + heads], the first of each layer with its heads averaged.

    Raises:
        Problem: The encoder has no attention.
    """
    count = checked(PointingRequest, values).count
    score = _played(dataset, _transformer(encoder), device, count)
    if score is None:
        return Answer({"pictures": 0, "found": len(_with_object(dataset, count)), "needed": FEWEST})
    told = {"pictures": score.pictures, "chance": score.chance, "middle": score.middle}
    return Answer(told, {"hits": score.attention})


def found_object(dataset: Dataset, encoder: nn.Module, device: torch.device) -> Score | None:
    """How often the class token of the last layer, heads averaged, finds the object; None without attention or objects."""
    if not isinstance(encoder, VisionTransformer):
        return None
    score = _played(dataset, encoder, device, _PLAYED)
    return None if score is None else replace(score, attention=score.attention[-1, 0])


def _played(dataset: Dataset, encoder: VisionTransformer, device: torch.device, count: int) -> Score | None:
    x = _with_object(dataset, count)
    looked = []
    for part in np.array_split(x, -(-len(x) // _AT_ONCE)) if len(x) else []:
        with attention_maps(encoder) as maps:
            encoder(torch.from_numpy(np.ascontiguousarray(part)).to(device))
        of_class = torch.stack([one[:, :, 0, 1:] for one in maps], dim=1)  # [items, layers, heads, patches]
        looked.append(torch.cat([of_class.mean(dim=2, keepdim=True), of_class], dim=2).float().cpu().numpy())
    return pointing(x, np.concatenate(looked), Cut(*encoder.grid, encoder.patch)) if looked else None


def _with_object(dataset: Dataset, count: int) -> FloatArray:
    """Those of `count` held-out pictures in which something stands out."""
    x = dataset.test.x[np.random.default_rng(0).permutation(len(dataset.test))[:count]]
    found: FloatArray = x[[has_object(one) for one in x]]
    return found


def _transformer(encoder: nn.Module) -> VisionTransformer:
    if isinstance(encoder, VisionTransformer):
        return encoder
    raise Problem(
        Text(en="This model has no attention to show: its encoder is a convolutional network. Choose DINO or MAE.",
             hi="इस मॉडल में दिखाने को अटेंशन नहीं है: इसका एनकोडर कन्वोल्यूशनल नेटवर्क है। DINO या MAE चुनें।"),
        code="no_attention",
    )  # fmt: skip


def seen_while_training(encoder: nn.Module, x: Tensor) -> Picture | None:
    """Images [shown, …] over where the class token of the last layer looks in each, its heads averaged; None without attention."""
    if not isinstance(encoder, VisionTransformer):
        return None
    with attention_maps(encoder) as maps:
        encoder(x)
    looked = maps[-1].mean(dim=1)[:, 0, 1:].view(len(x), 1, *encoder.grid)
    looked = looked / looked.amax(dim=(2, 3), keepdim=True)
    size = (encoder.grid[0] * encoder.patch, encoder.grid[1] * encoder.patch)  # patches may reach beyond the edge
    light = F.interpolate(looked, size, mode="nearest")[..., : x.shape[2], : x.shape[3]]
    images = torch.cat([x, (x + 1) * light - 1]).float().cpu().numpy()
    caption = Text(
        en="Held-out images, and how much of each place the class token of the last layer looks at",
        hi="अलग रखी तस्वीरें, और आख़िरी परत का क्लास टोकन हर जगह को कितना देखता है",
    )
    return Picture("attention", gallery.image_grid(images, len(x)), caption)
