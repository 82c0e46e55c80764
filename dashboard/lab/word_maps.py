"""A picture in grey with the pixels that a word drove in colour. Numpy only."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_HOT = np.array([1.0, 0.45, 0.0])
_GREY_LEFT = 0.55
"""Share of the picture's light that stays where a word drove nothing."""


def overlay(picture: npt.NDArray[np.floating], share: npt.NDArray[np.floating], most: float) -> npt.NDArray[np.float64]:
    """The picture [1 or 3, height, width] in [-1, 1] with `share` [height, width] laid over it, `most` at full colour.

    Returns:
        [3, height, width] in [-1, 1].
    """
    light = (np.asarray(picture, dtype=np.float64).mean(axis=0) + 1) / 2 * _GREY_LEFT
    heat = np.clip(share / max(most, 1e-12), 0, 1)[None]
    mixed: npt.NDArray[np.float64] = (1 - heat) * light[None] + heat * _HOT[:, None, None]
    return mixed * 2 - 1


def lead(maps: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Maps of words [words, height, width] as what each has more than its own average, from 0: what is the same everywhere tells nothing."""
    over: npt.NDArray[np.float64] = np.clip(maps - maps.mean(axis=(1, 2), keepdims=True), 0, None)
    return over
