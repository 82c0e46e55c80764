"""Two interleaved half circles."""

from __future__ import annotations

import numpy as np

from data.catalog import Dataset, DatasetCard, FloatArray, IntArray, option
from data.points import PointsConfig, drawn
from data.text import Text

_STRETCH = 1.5
_CENTRE = (0.5, 0.25)


class TwoMoonsConfig(PointsConfig):
    """As for other point sets, less blurred: at more the moons touch."""

    noise: float = option(
        0.05, ge=0, le=2, symbol="σ",
        title=Text(en="Blur", hi="फैलाव"),
        help=Text(en="Standard deviation of the scatter around the exact shape.", hi="सही आकार के आसपास बिखराव का मानक विचलन।"),
    )  # fmt: skip


def draw(generator: np.random.Generator, items: int, noise: float) -> tuple[FloatArray, IntArray]:
    """Points [items, 2] and the moon each lies on; centred and stretched to about unit variance."""
    y = np.arange(items, dtype=np.int64) % 2
    angle = np.pi * generator.random(items)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    x = np.where(y[:, None] == 0, upper, lower) + noise * generator.normal(size=(items, 2))
    return (_STRETCH * (x - np.array(_CENTRE))).astype(np.float32), y


def load(config: TwoMoonsConfig) -> Dataset:
    """The points and their moon as class."""
    return drawn(draw, config, ["upper", "lower"])


DATASET = DatasetCard(
    name="two_moons",
    title=Text(en="Two moons", hi="दो चाँद"),
    summary=Text(
        en="Points on two half circles that reach into each other: a shape no straight line can part.",
        hi="एक-दूसरे में घुसे दो अर्धवृत्तों पर बिंदु: ऐसा आकार जिसे सीधी रेखा नहीं बाँट सकती।",
    ),
    kind="points",
    licence=Text(en="made here, free to use", hi="यहीं बना, मुफ़्त उपयोग"),
    source="scikit-learn, sklearn.datasets.make_moons",
    config=TwoMoonsConfig,
    load=load,
)
