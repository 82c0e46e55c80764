"""The nine places of a picture, and how much of a map lies in each. Numpy alone: pages use it too."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from data.text import Text

Map = npt.NDArray[np.float64]

PLACES: Final = (
    (Text(en="the upper left", hi="ऊपर का बायाँ हिस्सा"), Text(en="the upper part", hi="ऊपरी हिस्सा"), Text(en="the upper right", hi="ऊपर का दायाँ हिस्सा")),
    (Text(en="the left side", hi="बायाँ हिस्सा"), Text(en="the middle", hi="बीच का हिस्सा"), Text(en="the right side", hi="दायाँ हिस्सा")),
    (Text(en="the lower left", hi="नीचे का बायाँ हिस्सा"), Text(en="the lower part", hi="निचला हिस्सा"), Text(en="the lower right", hi="नीचे का दायाँ हिस्सा")),
)  # fmt: skip
"""By row and column, as they stand in a sentence."""


def by_place(shown: Map) -> Map:
    """The sum of a map [height, width] over each of the nine places [3, 3]."""
    height, width = shown.shape
    rows, columns = np.arange(height) * 3 // height, np.arange(width) * 3 // width
    cells = np.zeros((3, 3))
    np.add.at(cells, (rows[:, None].repeat(width, 1), columns[None].repeat(height, 0)), shown)
    return cells
