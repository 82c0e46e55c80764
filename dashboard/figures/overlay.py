"""A map over a picture, as a PNG and in words. Colours are told apart by the colour-blind, and an outline says the same without colour.

Maps of how much pixels matter run from dark violet to yellow (the look of viridis, B. van der Walt and N. Smith, 2015); maps of what
speaks for and against from blue (against) over white to red (for), zero in the middle.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from dashboard.explain.image.places import PLACES, by_place
from data.text import Language, Text

if TYPE_CHECKING:
    import pandas as pd

Pixels = npt.NDArray[np.uint8]
Map = npt.NDArray[np.float64]

_MATTERS = np.array([[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]], dtype=np.float64)
_SIGNED = np.array([[33, 102, 172], [146, 197, 222], [247, 247, 247], [244, 165, 130], [178, 24, 43]], dtype=np.float64)
_CUT = 0.995
"""Beyond this share of the pixels the scale does not follow: a few extreme ones would leave the rest pale."""
_LIFT = 0.7
"""Below 1, weak places are seen a little better."""
_OUTLINE, _SHADE = (255, 255, 255), (28, 32, 48)
"""Of the line around a region, and of the one inside it: one of them is seen on any ground."""
_LINES = 224
"""A side is so many lines wide."""
_SMALLEST_PX = 448
"""Smaller pictures are enlarged by whole factors, pixel by pixel."""

PLACE = Text(en="Place", hi="जगह")
FOR = Text(en="Speaks for (share)", hi="पक्ष में (हिस्सा)")
AGAINST = Text(en="Speaks against (share)", hi="ख़िलाफ़ (हिस्सा)")
ALT = Text(
    en="The picture with a map of what matters for “{name}”: most of it in {place}.",
    hi="तस्वीर पर “{name}” के लिए मायने रखने वाली जगहों का मैप; सबसे ज़्यादा: {place}।",
)
ALT_NOTHING = Text(
    en="The picture; the map marks nothing that speaks for “{name}”.", hi="तस्वीर; मैप “{name}” के पक्ष में कुछ नहीं दिखाता।"
)


def is_signed(shown: Map) -> bool:
    """Whether a map also tells what speaks against."""
    return bool(shown.min() < 0)


def overlay(seen: Pixels, shown: Map, *, opacity: float, outline: Pixels | None = None) -> bytes:
    """The picture, greyed, with the map over it, as PNG.

    Args:
        seen: What the model saw [height, width, 3].
        shown: The map [height, width].
        opacity: 0: the picture alone, in its colours; 1: where the map is strongest, the map alone.
        outline: A region [height, width], 1 inside; its edge is drawn.
    """
    strength, colours = coloured(shown)
    grey = seen.mean(axis=2, keepdims=True).repeat(3, axis=2)
    ground = (1 - opacity) * seen + opacity * grey
    cover = opacity * strength[..., None] ** _LIFT
    mixed = (1 - cover) * ground + cover * colours
    large = enlarged(mixed.round().astype(np.uint8))
    if outline is not None and opacity > 0:
        inside = enlarged(outline.astype(bool))
        line = max(1, round(max(inside.shape) / _LINES))
        large[edge(inside, 2 * line)] = _SHADE
        large[edge(inside, line)] = _OUTLINE
    return _written(large)


def coloured(shown: Map) -> tuple[Map, Map]:
    """How strong the map is, 0 to 1 [height, width], and its colours [height, width, 3]."""
    size = np.abs(shown)
    scale = float(np.quantile(size, _CUT)) or float(size.max()) or 1.0
    strength = np.minimum(size / scale, 1)
    if is_signed(shown):
        return strength, _ramp(_SIGNED, 0.5 + 0.5 * np.sign(shown) * strength)
    return strength, _ramp(_MATTERS, strength)


def as_png(pixels: Pixels) -> bytes:
    """A picture [height, width, 3] as PNG, small ones enlarged."""
    return _written(enlarged(pixels))


def enlarged(pixels: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A picture or a mask, enlarged by a whole factor where it is small."""
    factor = max(1, -(-_SMALLEST_PX // max(pixels.shape[:2])))
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)


def _written(large: Pixels) -> bytes:
    file = io.BytesIO()
    Image.fromarray(large).save(file, "PNG", compress_level=1)
    return file.getvalue()


def places_table(shown: Map, language: Language) -> pd.DataFrame:
    """The map as a table: what share of all that speaks for, and against, lies in each of the nine places, the greatest first."""
    signs = [(FOR, np.maximum(shown, 0)), (AGAINST, np.maximum(-shown, 0))]
    columns = {PLACE.to(language): [place.to(language) for row in PLACES for place in row]}
    for title, part in signs:
        if title is FOR or part.any():
            cells = by_place(part).ravel()
            columns[title.to(language)] = list(np.round(cells / (cells.sum() or 1), 3))
    import pandas as pd  # the command line draws maps without it

    return pd.DataFrame(columns).sort_values(FOR.to(language), ascending=False, kind="stable")


def alt(shown: Map, name: str, language: Language) -> str:
    """The map in one sentence, for those who hear the page."""
    cells = by_place(np.maximum(shown, 0))
    if not cells.any():
        return ALT_NOTHING.format(name=name).to(language)
    row, column = np.unravel_index(int(cells.argmax()), cells.shape)
    return ALT.to(language).format(name=name, place=PLACES[row][column].to(language))


def _ramp(stops: Map, where: Map) -> Map:
    at = np.linspace(0, 1, len(stops))
    return np.stack([np.interp(where, at, stops[:, channel]) for channel in range(3)], axis=-1)


def edge(inside: npt.NDArray[np.bool_], width: int = 1) -> npt.NDArray[np.bool_]:
    """Pixels of a region that are at most so many steps from what is outside."""
    deep = inside
    for _ in range(width):
        around = np.pad(deep, 1)
        deep = deep & around[:-2, 1:-1] & around[2:, 1:-1] & around[1:-1, :-2] & around[1:-1, 2:]
    found: npt.NDArray[np.bool_] = inside & ~deep
    return found
