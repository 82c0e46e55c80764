"""Clouds of points on the surface of shapes with a name: bodies, furniture, letters and digits."""

from __future__ import annotations

from typing import Literal

import numpy as np

from data import solids
from data.arrays import make_dataset
from data.catalog import Config, Dataset, DatasetCard, FloatArray, Split, option
from data.surfaces import drawn_on
from data.text import Text

GROUPS: dict[str, dict[str, tuple[solids.Build, str]]] = {
    "bodies": {
        "cube": (solids.cube, "घन"),
        "sphere": (solids.ball, "गोला"),
        "cone": (solids.cone, "शंकु"),
        "cylinder": (solids.cylinder, "बेलन"),
        "torus": (solids.torus, "छल्ला"),
        "pyramid": (solids.pyramid, "पिरामिड"),
    },
    "furniture": {
        "table": (solids.table, "मेज़"),
        "chair": (solids.chair, "कुर्सी"),
        "lamp": (solids.lamp, "लैंप"),
        "shelf": (solids.shelf, "शेल्फ़"),
    },
    "signs": {sign: (solids.glyph(sign), sign) for sign in ("A", "K", "2", "4", "अ", "स")},
}
_CLASSES = {name: found for group in GROUPS.values() for name, found in group.items()}


class ShapesConfig(Config):
    """Which shapes, and how many points show each."""

    group: Literal["all", "bodies", "furniture", "signs"] = option(
        "all",
        title=Text(en="Shapes", hi="आकार"),
        help=Text(en="All sixteen, or one group of them.", hi="सभी सोलह, या उनका एक समूह।"),
        labels={"all": Text(en="All", hi="सभी"), "bodies": Text(en="Geometric bodies", hi="ज्यामितीय आकार"),
                "furniture": Text(en="Furniture", hi="फ़र्नीचर"), "signs": Text(en="Letters and digits", hi="अक्षर और अंक")},
    )  # fmt: skip
    points: int = option(
        256, ge=32, le=4096, unit="points",
        title=Text(en="Points", hi="बिंदु"),
        help=Text(en="Points on the surface of each shape.", hi="हर आकार की सतह पर बिंदु।"),
    )  # fmt: skip
    items: int = option(
        120, ge=4, le=10_000, unit="shapes",
        title=Text(en="Shapes of each class", hi="हर क्लास के आकार"),
        help=Text(en="Shapes to train on of each class; half as many more are made for testing.", hi="हर क्लास की ट्रेनिंग के लिए आकार; जाँच के लिए इनके आधे और बनते हैं।"),
    )  # fmt: skip
    turn: int = option(
        20, ge=0, le=180, unit="°",
        title=Text(en="Turned by up to", hi="कितना घूमे"),
        help=Text(en="Largest rotation about the vertical, either way.", hi="खड़ी धुरी पर दोनों ओर ज़्यादा से ज़्यादा इतना घुमाव।"),
    )  # fmt: skip


def load(config: ShapesConfig) -> Dataset:
    """The shapes as [items, points, 3], each centred in the cube [-1, 1]³ and filling it in one direction."""
    chosen = _CLASSES if config.group == "all" else GROUPS[config.group]
    builds = [build for build, _ in chosen.values()]
    train = _made(builds, config, config.items, seed=0)
    test = _made(builds, config, max(2, config.items // 2), seed=1)
    return make_dataset("cloud", train, test, tuple(chosen))


def _made(builds: list[solids.Build], config: ShapesConfig, each: int, *, seed: int) -> Split:
    """`each` shapes of every class, in turn."""
    generator = np.random.Generator(np.random.PCG64(seed))
    x = [_one(build, config, generator) for _ in range(each) for build in builds]
    return Split(np.stack(x), np.arange(len(x), dtype=np.int64) % len(builds))


def _one(build: solids.Build, config: ShapesConfig, generator: np.random.Generator) -> FloatArray:
    points = drawn_on(build(generator), generator, config.points)
    low, high = points.min(axis=0), points.max(axis=0)
    points = (points - (low + high) / 2) * (2 / (high - low).max())
    angle = np.radians(generator.uniform(-config.turn, config.turn))
    turned = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    shown: FloatArray = (generator.permutation(points) @ turned.T).astype(np.float32)
    return shown


DATASET = DatasetCard(
    name="shapes",
    title=Text(en="Solid shapes", hi="ठोस आकार"),
    summary=Text(
        en="Points on the surface of sixteen shapes: cube to torus, table to lamp, extruded letters and digits of two scripts. Made here.",
        hi="सोलह आकारों की सतह पर बिंदु: घन से छल्ले तक, मेज़ से लैंप तक, दो लिपियों के उभरे अक्षर और अंक। यहीं बने।",
    ),
    kind="cloud",
    licence=Text(
        en="made here, free to use; signs drawn from Aileron (CC0) and Mukta (OFL)",
        hi="यहीं बना, मुफ़्त उपयोग; अक्षर Aileron (CC0) और Mukta (OFL) से",
    ),
    source="computed; see data/surfaces.py and data/bundled/README.md",
    config=ShapesConfig,
    load=load,
    class_titles={name: Text(en=name, hi=hi) for name, (_, hi) in _CLASSES.items()},
)
