"""The nine places of a picture, and how much of a map lies in each. Numpy alone: pages use it too."""

from __future__ import annotations

from dataclasses import dataclass
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


def pointed_at(shown: Map, wanted: npt.NDArray[np.bool_]) -> bool:
    """The pointing game (arXiv:1608.00507, section 4.1): whether the largest value lies in the region that should matter."""
    return bool(wanted.ravel()[int(shown.argmax())])


@dataclass(frozen=True)
class Pointing:
    """How a map meets the region that should matter: whether its greatest value lies there, the share of all that speaks for the
    answer that does, and the region's share of the picture, which is what chance would give."""

    hit: bool
    inside: float
    area: float

    @property
    def text(self) -> Text:
        """In one sentence."""
        times = self.inside / self.area
        hit = (
            Text(en="The strongest place lies inside", hi="सबसे तेज़ जगह इसके अंदर है")
            if self.hit
            else Text(en="The strongest place lies outside", hi="सबसे तेज़ जगह इसके बाहर है")
        )
        return Text(
            en=f"{hit.en}; {self.inside:.0%} of what speaks for the answer is in your region, {times:.1f} times as much as chance ({self.area:.0%}).",
            hi=f"{hit.hi}; जवाब के पक्ष का {self.inside:.0%} आपके हिस्से में है, संयोग ({self.area:.0%}) से {times:.1f} गुना।",
        )  # fmt: skip


def pointing(shown: Map, wanted: npt.NDArray[np.bool_]) -> Pointing:
    """A map [height, width] against a region of it that is not empty."""
    speaks = np.maximum(shown, 0)
    whole = float(speaks.sum())
    return Pointing(
        pointed_at(shown, wanted), float(speaks[wanted].sum()) / whole if whole else 0.0, float(wanted.mean())
    )
