"""The request "embed": where a representation puts images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from torch import Tensor

from data.catalog import Config, Dataset, FloatArray, option
from data.fields import checked
from data.text import Problem, Text
from lightning_modules.base import Answer

MOST_ITEMS = 5000
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


def answered(
    dataset: Dataset, embed: Callable[[FloatArray], Tensor], values: Mapping[str, Any], arrays: Arrays
) -> Answer:
    """Values (`classes`, `width`) and arrays: `vectors` [items, features]; of the data set's own also `item` [items], and `y` with labels."""
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
    return Answer({"classes": list(dataset.classes), "width": vectors.shape[1]}, found)


def given(dataset: Dataset, arrays: Arrays, *, most: int = MOST_ITEMS) -> FloatArray | None:
    """The images that came with a request, as the model knows them; None when none came.

    Raises:
        Problem: They are not of the data set's shape, not numbers from -1 to 1, or too many.
    """
    x = arrays.get("x")
    if x is None:
        return None
    shape = " × ".join(map(str, dataset.shape))
    if x.ndim != 4 or tuple(x.shape[1:]) != dataset.shape or not 1 <= len(x) <= most:
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
