"""The request "views": random views of one picture, and where the encoder puts them among views of others.

The measure is what SimCLR's loss compares: cosines of vectors of two views of one picture, against cosines with views of other pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from data.catalog import Config, Dataset, FloatArray, option
from data.fields import checked
from data.text import Problem, Text
from lightning_modules.base import Answer
from lightning_modules.ssl.embedding import given
from lightning_modules.ssl.representation import similarity
from lightning_modules.ssl.views import ViewOptions, two_views

OTHERS = 200
_NEAREST = 6
_SEARCHED = 1000


class ViewsRequest(Config):
    """Of which picture, and how many pairs; a picture that comes with the request, as an array `x`, is taken instead."""

    item: int = option(
        0, ge=0, le=1_000_000_000,
        title=Text(en="Item", hi="आइटम"),
        help=Text(en="Number of the held-out picture, counted from 0.", hi="अलग रखी तस्वीर का नंबर, 0 से गिनकर।"),
    )  # fmt: skip
    pairs: int = option(
        6, ge=1, le=64, unit="items",
        title=Text(en="Pairs", hi="जोड़े"),
        help=Text(en="How many pairs of views are made.", hi="व्यू के कितने जोड़े बनाए जाएँ।"),
    )  # fmt: skip
    seed: int = option(
        0, ge=0, le=2**31 - 1,
        title=Text(en="Seed", hi="सीड"),
        help=Text(en="Same seed, same views.", hi="एक ही सीड, वही व्यू।"),
    )  # fmt: skip


def answered(
    dataset: Dataset,
    embed: Callable[[FloatArray], Tensor],
    views: ViewOptions | None,
    values: Mapping[str, Any],
    arrays: Mapping[str, npt.NDArray[Any]],
) -> Answer:
    """Values: `own_views`, whether the method itself makes views (if not, SimCLR's usual ones are shown), and `others`, how many pictures are compared.

    Arrays: the picture `x` [1, …], its `views` [2, pairs, …]; `alike` [pairs], the cosine of each pair; `apart` [pairs, others], cosines of first
    views with a view of each other picture; `near` [6, …], the training pictures nearest to it, and their cosines `near_alike` [6].

    Raises:
        Problem: There is no such item, or the picture is not of the model's shape.
    """
    request = checked(ViewsRequest, values)
    x = given(dataset, arrays, most=1)
    if x is None:
        x = dataset.test.x[request.item : request.item + 1]
        if not len(x):
            raise Problem(
                Text(en=f"There are only {len(dataset.test):,} held-out items, numbered from 0.", hi=f"अलग रखे आइटम सिर्फ़ {len(dataset.test):,} हैं, 0 से गिनकर।"),
                code="unknown_item", field="item",
            )  # fmt: skip
    others = dataset.train.x[_some(len(dataset.train), OTHERS)]
    count = request.pairs
    made = two_views(
        torch.from_numpy(np.concatenate([np.repeat(x, count, axis=0), others])), views or ViewOptions()
    ).numpy()
    first, second = made[: count + len(others)], made[count + len(others) :]
    vectors, partners = embed(first), embed(second)
    searched = dataset.train.x[_some(len(dataset.train), _SEARCHED)]
    close = similarity(embed(x), embed(searched))[0].topk(min(_NEAREST, len(searched)))
    return Answer(
        {"own_views": views is not None, "others": len(others)},
        {
            "x": x, "views": np.stack([first[:count], second[:count]]),
            "alike": torch.cosine_similarity(vectors[:count], partners[:count]).numpy(),
            "apart": similarity(vectors[:count], partners[count:]).numpy(),
            "near": searched[close.indices.numpy()], "near_alike": close.values.numpy(),
        },
    )  # fmt: skip


def _some(items: int, most: int) -> npt.NDArray[np.int64]:
    return np.random.default_rng(0).permutation(items)[:most]
