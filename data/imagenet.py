"""Names of the 1,000 classes of ImageNet (ILSVRC 2012), in the order of every model trained on it.

A name is a list of synonyms; people are shown the first. They stay English in Hindi sentences: they are names of breeds, tools and
buildings of a list that was made in English, and a wrong translation would name another class.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "bundled" / "imagenet_labels.json"
_TOLD_APART = {134: "crane (bird)", 517: "crane (machine)", 639: "maillot (tank suit)"}


@cache
def class_names() -> tuple[str, ...]:
    """The first synonym of each class; the few that two classes share are told apart."""
    told: list[str] = json.loads(FILE.read_text("utf-8"))
    return tuple(_TOLD_APART.get(number, name.partition(",")[0]) for number, name in enumerate(told))
