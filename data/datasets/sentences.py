"""Sentences in English and in Hindi as two texts, a sentence a line: the two sides of the bundled parallel corpus."""

from __future__ import annotations

import csv
import gzip
import re
from functools import partial
from pathlib import Path

import numpy as np

from data.catalog import Dataset, DatasetCard
from data.text import Text
from data.texts import TextConfig, make_text

FILE = Path(__file__).parents[1] / "bundled" / "translation_en_hi.csv.gz"
_DEVANAGARI = re.compile("[\u0900-\u097f]")


def load(config: TextConfig, *, side: str) -> Dataset:
    """The sentences of one side, each once, shuffled the same on every machine, so that help and menus stand in both parts."""
    found = lines(side)
    order = np.random.Generator(np.random.PCG64(0)).permutation(len(found))
    return make_text("".join(found[k] + "\n" for k in order), config)


def lines(side: str) -> list[str]:
    """The sentences of side "en" or "hi" in the order of the file, without repeats; Hindi ones have Devanagari in them."""
    with gzip.open(FILE, "rt", encoding="utf-8", newline="") as file:
        rows = (" ".join(row[side].split()) for row in csv.DictReader(file))
        return [row for row in dict.fromkeys(rows) if row and (side == "en" or _DEVANAGARI.search(row))]


_LICENCE = Text(en="MPL-2.0 and Unicode License v3", hi="MPL-2.0 और Unicode लाइसेंस v3")
_SOURCE = "LibreOffice help and user interface, © LibreOffice contributors; Unicode CLDR names"

DATASET = (
    DatasetCard(
        name="sentences_hindi",
        title=Text(en="Hindi sentences", hi="हिंदी वाक्य"),
        summary=Text(
            en="Sentences of a help text, menu entries and names of emoji, in Hindi, a line each.",
            hi="मदद के वाक्य, मेनू के शब्द और इमोजी के नाम, हिंदी में, हर एक अपनी पंक्ति में।",
        ),
        kind="text",
        licence=_LICENCE,
        source=_SOURCE,
        config=TextConfig,
        load=partial(load, side="hi"),
    ),
    DatasetCard(
        name="sentences_english",
        title=Text(en="English sentences", hi="अंग्रेज़ी वाक्य"),
        summary=Text(
            en="The same sentences in English: help, menu entries and names of emoji, a line each.",
            hi="वही वाक्य अंग्रेज़ी में: मदद, मेनू के शब्द और इमोजी के नाम, हर एक अपनी पंक्ति में।",
        ),
        kind="text",
        licence=_LICENCE,
        source=_SOURCE,
        config=TextConfig,
        load=partial(load, side="en"),
    ),
)
