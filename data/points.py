"""What the point sets share: their config, and fresh draws for training and for testing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from data.arrays import make_dataset
from data.catalog import Config, Dataset, FloatArray, IntArray, Split, option
from data.text import Text

Draw = Callable[[np.random.Generator, int, float], tuple[FloatArray, IntArray | None]]
"""(random generator, items, noise) -> points [items, 2] and, if there are any, their classes [items]."""


class PointsConfig(Config):
    """How many points are drawn, and how blurred."""

    items: int = option(
        4000, ge=100, le=1_000_000, unit="points",
        title=Text(en="Points", hi="बिंदु"),
        help=Text(en="Points to train on; half as many more are drawn for testing.", hi="ट्रेनिंग के बिंदु; जाँच के लिए इनके आधे और बनते हैं।"),
    )  # fmt: skip
    noise: float = option(
        0.1, ge=0, le=2, symbol="σ",
        title=Text(en="Blur", hi="फैलाव"),
        help=Text(en="Standard deviation of the scatter around the exact shape.", hi="सही आकार के आसपास बिखराव का मानक विचलन।"),
    )  # fmt: skip


def drawn(draw: Draw, config: PointsConfig, classes: Sequence[str] = ()) -> Dataset:
    """A point set with independent draws for training and testing, the same on every machine."""
    train = draw(np.random.Generator(np.random.PCG64(0)), config.items, config.noise)
    test = draw(np.random.Generator(np.random.PCG64(1)), config.items // 2, config.noise)
    return make_dataset("points", Split(*train), Split(*test), classes)
