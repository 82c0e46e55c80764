"""The request "embed": where a representation puts images, as vectors and as a map of the plane.

A map is the first two principal components of directions, or t-SNE (L. van der Maaten, G. Hinton, 2008) or UMAP, which keep neighbours and give
up distances. Nearest means the largest cosine, as in the probe.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from data.catalog import Config, Dataset, FloatArray, option
from data.fields import checked
from data.text import Problem, Text
from lightning_modules.base import Answer
from lightning_modules.ssl.representation import similarity
from lightning_modules.ssl.umap import umap

MOST_ITEMS = 5000
_NEAREST = 6
_FEWEST_FOR_NEIGHBOURS = 8
MapKind = Literal["none", "pca", "tsne", "umap"]
Arrays = Mapping[str, npt.NDArray[Any]]


class EmbedRequest(Config):
    """Which images of the data set are embedded; images that come with the request, as an array `x`, are embedded instead."""

    split: Literal["test", "train"] = option(
        "test",
        title=Text(en="Part of the data", hi="डेटा का हिस्सा"),
        help=Text(en="Held-out items, or those trained on.", hi="अलग रखे आइटम, या ट्रेनिंग वाले।"),
        labels={"test": Text(en="Held out", hi="अलग रखे"), "train": Text(en="Trained on", hi="ट्रेनिंग वाले")},
    )  # fmt: skip
    count: int = option(
        500, ge=1, le=MOST_ITEMS, unit="items",
        title=Text(en="Items", hi="आइटम"),
        help=Text(en="How many to embed, at most.", hi="ज़्यादा से ज़्यादा कितने एम्बेड करने हैं।"),
    )  # fmt: skip
    seed: int = option(
        0, ge=0, le=2**31 - 1,
        title=Text(en="Seed", hi="सीड"),
        help=Text(en="Which items are taken.", hi="कौन-से आइटम लिए जाएँ।"),
    )  # fmt: skip
    map: MapKind = option(
        "none",
        title=Text(en="Map", hi="नक़्शा"),
        help=Text(en="A place in the plane for each item, its nearest neighbours, and the items themselves.", hi="हर आइटम के लिए तल में एक जगह, उसके सबसे पास के पड़ोसी, और ख़ुद आइटम।"),
        labels={"none": Text(en="None", hi="नहीं"), "pca": Text(en="Principal components", hi="प्रिंसिपल कंपोनेंट"), "tsne": Text(en="t-SNE", hi="t-SNE नक़्शा"),
                "umap": Text(en="UMAP", hi="UMAP नक़्शा")},
    )  # fmt: skip


def answered(
    dataset: Dataset,
    embed: Callable[[FloatArray], Tensor],
    stills: Callable[[FloatArray], FloatArray],
    values: Mapping[str, Any],
    arrays: Arrays,
) -> Answer:
    """Values (`classes`, `width`) and arrays: `vectors` [items, features]; of the data set's own also `item` [items], and `y` with labels.

    With a map also `place` [items, 2], `near` [items, 6] the numbers of the nearest others among them, and the images `x` (of a film its `stills`).
    """
    own = given(dataset, arrays)
    if own is not None:
        vectors = embed(own).numpy()
        return Answer({"classes": list(dataset.classes), "width": vectors.shape[1]}, {"vectors": vectors})
    request = checked(EmbedRequest, values)
    split = dataset.train if request.split == "train" else dataset.test
    item = np.random.default_rng(request.seed).permutation(len(split))[: request.count]
    vectors = embed(split.x[item]).numpy()
    found: dict[str, npt.NDArray[Any]] = {"vectors": vectors, "item": item}
    labels = dataset.labels(split)
    if labels is not None:
        found["y"] = labels[item]
    if request.map != "none":
        found |= {
            "place": placed(vectors, request.map, request.seed),
            "near": nearest(vectors),
            "x": stills(split.x[item]),
        }
    return Answer({"classes": list(dataset.classes), "width": vectors.shape[1]}, found)


def nearest(vectors: FloatArray, count: int = _NEAREST) -> npt.NDArray[np.int64]:
    """Numbers of the `count` items nearest to each item, itself left out: [items, count]."""
    alike = similarity(torch.from_numpy(vectors), torch.from_numpy(vectors)).fill_diagonal_(-torch.inf)
    found: npt.NDArray[np.int64] = alike.topk(min(count, len(vectors) - 1), dim=1).indices.numpy()
    return found


def placed(vectors: FloatArray, how: MapKind, seed: int) -> FloatArray:
    """A place in the plane for each vector [items, 2], about as far across as 1 on average."""
    directions = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    if how == "tsne" and len(vectors) >= _FEWEST_FOR_NEIGHBOURS:
        from sklearn.manifold import TSNE  # a second and 60 MB that only a worker that draws such a map shall pay

        perplexity = min(30.0, (len(vectors) - 1) / 4)
        place = TSNE(init="pca", perplexity=perplexity, random_state=seed).fit_transform(directions)
    else:
        place = _components(directions)
        if how == "umap" and len(vectors) >= _FEWEST_FOR_NEIGHBOURS:
            place = umap(directions, place)
    found: FloatArray = ((place - place.mean(axis=0)) / max(float(place.std()), 1e-12)).astype(np.float32)
    return found


def _components(directions: FloatArray) -> npt.NDArray[np.floating]:
    centred = directions - directions.mean(axis=0)
    left, scale, _ = np.linalg.svd(centred, full_matrices=False)
    place = np.zeros((len(directions), 2), dtype=directions.dtype)
    place[:, : min(2, len(scale))] = left[:, :2] * scale[:2]
    return place


def given(dataset: Dataset, arrays: Arrays, *, most: int = MOST_ITEMS) -> FloatArray | None:
    """The images that came with a request, as the model knows them; None when none came.

    Raises:
        Problem: They are not of the data set's shape, not numbers from -1 to 1, or too many.
    """
    x = arrays.get("x")
    if x is None:
        return None
    shape = " × ".join(map(str, dataset.shape))
    if tuple(x.shape[1:]) != dataset.shape or not 1 <= len(x) <= most:
        raise Problem(
            Text(en=f"Images must come as an array of 1 to {most:,} items of {shape}; these have the shape {' × '.join(map(str, x.shape))}.",
                 hi=f"तस्वीरें {shape} आकार के 1 से {most:,} आइटम के ऐरे में होनी चाहिए; इनका आकार {' × '.join(map(str, x.shape))} है।"),
            code="wrong_shape", field="x",
        )  # fmt: skip
    found: FloatArray = x.astype(np.float32)
    if not np.isfinite(found).all() or np.abs(found).max() > 1:
        raise Problem(
            Text(en="The pixels of the images must lie between -1 (black) and 1 (white).", hi="तस्वीरों के पिक्सेल -1 (काला) और 1 (सफ़ेद) के बीच होने चाहिए।"),
            code="wrong_range", field="x",
        )  # fmt: skip
    return found
