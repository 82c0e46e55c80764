"""Eight Gaussians on a circle: the classic test of whether a model finds every mode."""

from __future__ import annotations

import numpy as np

from data.catalog import Dataset, DatasetCard, FloatArray, IntArray
from data.points import PointsConfig, drawn
from data.text import Text

MODES = 8
RADIUS = 2.0


def centres() -> FloatArray:
    """The centres [8, 2]."""
    angles = 2 * np.pi * np.arange(MODES) / MODES
    return (RADIUS * np.stack([np.cos(angles), np.sin(angles)], axis=1)).astype(np.float32)


def draw(generator: np.random.Generator, items: int, noise: float) -> tuple[FloatArray, IntArray]:
    """Points [items, 2] and the number of the Gaussian each was drawn from; all equally often."""
    y = np.arange(items, dtype=np.int64) % MODES
    x = centres()[y] + noise * generator.normal(size=(items, 2))
    return x.astype(np.float32), y


def load(config: PointsConfig) -> Dataset:
    """The points and their modes as classes."""
    return drawn(draw, config, [str(k + 1) for k in range(MODES)])


DATASET = DatasetCard(
    name="eight_gaussians",
    title=Text(en="Eight Gaussians", hi="आठ गॉसियन"),
    summary=Text(
        en="Points in eight clouds on a circle. Shows at a glance whether a model finds all of them.",
        hi="एक घेरे पर आठ झुंडों में बिंदु। एक नज़र में दिखता है कि मॉडल ने सभी झुंड ढूँढे या नहीं।",
    ),
    kind="points",
    licence=Text(en="made here, free to use", hi="यहीं बना, मुफ़्त उपयोग"),
    source="Metz et al.: Unrolled Generative Adversarial Networks, 2017, arXiv:1611.02163, section 3.1",
    config=PointsConfig,
    load=load,
)
