"""Points that a person drew: along the strokes of a drawing, or inside them."""

from __future__ import annotations

from typing import Literal

import numpy as np

from data import drawings
from data.arrays import make_dataset
from data.catalog import Config, Dataset, DatasetCard, IntArray, Split, option
from data.drawings import Owners, Points
from data.text import Text

RING = "[[" + ",".join(
    f"[{200 + 120 * np.cos(angle):.0f},{200 + 120 * np.sin(angle):.0f}]" for angle in np.linspace(0, 2 * np.pi, 37)
) + "]]"  # fmt: skip
"""What is drawn when nobody has drawn anything: a ring."""
_MOST_MODES = 20
_SMALLEST_MODE = 0.01


class DrawnPointsConfig(Config):
    """The drawing, and how points are made of it."""

    drawing: str = option(
        RING, min_length=1, max_length=drawings.LONGEST_TEXT,
        title=Text(en="Drawing", hi="ड्रॉइंग"),
        help=Text(en="A list of strokes, each a list of [x, y] with y growing downwards; or the id of a kept drawing.",
                  hi="रेखाओं की सूची, हर रेखा [x, y] की सूची, y नीचे की ओर बढ़ता है; या किसी रखी हुई ड्रॉइंग की id।"),
    )  # fmt: skip
    where: Literal["along", "inside"] = option(
        "along",
        title=Text(en="Points lie", hi="बिंदु कहाँ हों"),
        help=Text(en="On the drawn lines, or inside them, each line closed to a shape.", hi="बनाई रेखाओं पर, या उनके अंदर (हर रेखा बंद आकार मानी जाती है)।"),
        labels={"along": Text(en="along the lines", hi="रेखाओं पर"), "inside": Text(en="inside the lines", hi="रेखाओं के अंदर")},
    )  # fmt: skip
    items: int = option(
        4000, ge=100, le=1_000_000, unit="points",
        title=Text(en="Points", hi="बिंदु"),
        help=Text(en="Points to train on; half as many more are drawn for testing.", hi="ट्रेनिंग के बिंदु; जाँच के लिए इनके आधे और बनते हैं।"),
    )  # fmt: skip
    noise: float = option(
        0.05, ge=0.001, le=2, symbol="σ",
        title=Text(en="Blur", hi="फैलाव"),
        help=Text(en="Standard deviation of the scatter around the drawing, whose own is 1.", hi="ड्रॉइंग के आसपास बिखराव का मानक विचलन; ड्रॉइंग का अपना 1 है।"),
    )  # fmt: skip


def load(config: DrawnPointsConfig) -> Dataset:
    """The points, centred, with an overall standard deviation of 1 before the blur, y upwards. Strokes become classes where
    there are several and none is tiny: then modes can be counted.

    Raises:
        Problem: The drawing is refused or gone; `field` is "drawing".
    """
    strokes = drawings.fetch(config.drawing, drawings.default_folder())
    draw = drawings.along if config.where == "along" else drawings.inside
    train, owners = draw(strokes, config.items, np.random.Generator(np.random.PCG64(0)))
    test, test_owners = draw(strokes, config.items // 2, np.random.Generator(np.random.PCG64(1)))
    centre, scale = train.mean(axis=0), float(train.std(axis=0).max()) or 1.0
    counts = np.bincount(owners, minlength=len(strokes))
    shown = np.flatnonzero(counts)
    several = 1 < len(shown) <= _MOST_MODES and bool((counts[shown] >= _SMALLEST_MODE * config.items).all())

    def split(points: Points, whose: Owners, seed: int) -> Split:
        x = _blurred((points - centre) / scale * (1, -1), config.noise, seed)
        return Split(x.astype(np.float32), _numbered(whose, shown) if several else None)

    classes = [str(k + 1) for k in range(len(shown))] if several else []
    return make_dataset("points", split(train, owners, 2), split(test, test_owners, 3), classes)


def _blurred(points: Points, noise: float, seed: int) -> Points:
    blurred: Points = points + noise * np.random.Generator(np.random.PCG64(seed)).normal(size=points.shape)
    return blurred


def _numbered(owners: Owners, shown: Owners) -> IntArray:
    """Stroke numbers without gaps."""
    found: IntArray = np.searchsorted(shown, owners).astype(np.int64)
    return found


DATASET = DatasetCard(
    name="drawn_points",
    title=Text(en="Your own drawing", hi="आपकी अपनी ड्रॉइंग"),
    summary=Text(
        en="Points along or inside whatever you draw in the plane; a ring until you draw something.",
        hi="आप जो भी बनाएँ, उसकी रेखाओं पर या अंदर बिंदु; जब तक कुछ न बनाएँ, एक घेरा।",
    ),
    kind="points",
    licence=Text(en="yours", hi="आपकी अपनी"),
    source="drawn by hand on the canvas",
    config=DrawnPointsConfig,
    load=load,
)
