"""A spiral: the swiss roll seen from above."""

from __future__ import annotations

import numpy as np

from data.catalog import Dataset, DatasetCard, FloatArray
from data.points import PointsConfig, drawn
from data.text import Text

_TURNS_FROM, _TURNS_TO = 1.5 * np.pi, 4.5 * np.pi
_SCALE = 7.0


def draw(generator: np.random.Generator, items: int, noise: float) -> tuple[FloatArray, None]:
    """Points [items, 2] on the spiral r = angle, scaled to about unit variance; no classes."""
    angle = _TURNS_FROM + (_TURNS_TO - _TURNS_FROM) * generator.random(items)
    x = np.stack([angle * np.cos(angle), angle * np.sin(angle)], axis=1) / _SCALE
    return (x + noise * generator.normal(size=(items, 2)) / 2).astype(np.float32), None


def load(config: PointsConfig) -> Dataset:
    """The points."""
    return drawn(draw, config)


DATASET = DatasetCard(
    name="swiss_roll",
    title=Text(en="Swiss roll", hi="स्विस रोल"),
    summary=Text(
        en="Points along a spiral of one and a half turns: close in the plane, far along the curve.",
        hi="डेढ़ चक्कर के सर्पिल पर बिंदु: तल में पास-पास, पर वक्र पर दूर।",
    ),
    kind="points",
    licence=Text(en="made here, free to use", hi="यहीं बना, मुफ़्त उपयोग"),
    source="scikit-learn, sklearn.datasets.make_swiss_roll",
    config=PointsConfig,
    load=load,
)
