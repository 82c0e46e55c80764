"""The reference of the Python language as one text: what `help("assert")` prints, topic after topic."""

from __future__ import annotations

import gzip
from pathlib import Path

from data.catalog import Dataset, DatasetCard
from data.text import Text
from data.texts import TextConfig, make_text

FILE = Path(__file__).parents[1] / "bundled" / "pydoc_topics_3_11.txt.gz"


def load(config: TextConfig) -> Dataset:
    """The text of one Python version, the same whichever version runs this."""
    return make_text(gzip.decompress(FILE.read_bytes()).decode(), config)


DATASET = DatasetCard(
    name="topics",
    title=Text(en="Python reference", hi="Python का संदर्भ टेक्स्ट"),
    summary=Text(
        en="The help texts of Python 3.11 in English: 465,000 characters with headings, grammar and code.",
        hi="Python 3.11 के मदद वाले टेक्स्ट, अंग्रेज़ी में: शीर्षक, व्याकरण और कोड के साथ 4,65,000 अक्षर।",
    ),
    kind="text",
    licence=Text(en="PSF License 2", hi="PSF लाइसेंस 2"),
    source="CPython 3.11, module pydoc_data.topics, © Python Software Foundation",
    config=TextConfig,
    load=load,
)
