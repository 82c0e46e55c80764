"""What the explanations of denoisers and encoders begin with: the model of a run, and the pictures it is explained on.

A request names a picture as a held-out item of the run's own data (`item`, counted from 0), as one that ships (`sample`), or brings it as
an array of bytes. Notation: x [1, colours, height, width] in [-1, 1], as the model knows its data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from dashboard.explain.image.fitting import Pixels, checked, entered, fitted, shown
from data.catalog import Split
from data.pictures import sample
from data.text import Problem, Text
from lightning_modules.base import Method

Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Item:
    """A picture as it is seen [height, width, 3], as the model knows it, and what `y` says of it where it is one of the data's own."""

    seen: Pixels
    x: Tensor
    y: int | None = None


def model_of(values: Mapping[str, Any]) -> Method:
    """The model of the run that a request names.

    Raises:
        Problem: There is no such run, or it has no checkpoint yet.
    """
    from dashboard.compute.requests import method_of  # which imports the request "explain", and through it this module

    step = values.get("step")
    return method_of(str(values.get("model")), None if step is None else int(step))


def item_of(
    values: Mapping[str, Any], arrays: Arrays, shape: tuple[int, ...], *, array: str = "picture", number: str = "item"
) -> Item:
    """The picture of a request.

    Args:
        values: The request.
        arrays: What came with it.
        shape: Of the model's items, [colours, height, width].
        array: The name of a picture that came.
        number: The name of the number of a held-out item.

    Raises:
        Problem: There is no picture, no such item, or it is no picture.
    """
    if array in arrays or values.get(number) is None:
        given = sample(str(values["sample"])) if "sample" in values and array == "picture" else arrays.get(array)
        seen = fitted(checked(given, array), shape)
        return Item(seen, entered(seen, shape[0])[None])
    held_out = _held_out(str(values["model"]))
    wanted = str(values[number])
    if not wanted.isdecimal() or int(wanted) >= len(held_out):
        raise Problem(
            Text(en=f"There are {len(held_out):,} held-out items, numbered from 0.", hi=f"अलग रखे आइटम {len(held_out):,} हैं, 0 से गिनकर।"),
            code="unknown_item", field=number,
        )  # fmt: skip
    x = torch.from_numpy(np.ascontiguousarray(held_out.x[int(wanted)]))
    y = None if held_out.y is None else int(held_out.y[int(wanted)])
    return Item(shown(x), x[None], y)


@lru_cache(maxsize=1)
def _held_out(run: str) -> Split:
    """The held-out items of a run's data; those of the last run that was asked about stay."""
    from dashboard.compute.requests import data_of  # as above

    return data_of(run).test
