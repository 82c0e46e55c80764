"""What is asked when one asks what a representation is worth."""

from __future__ import annotations

from typing import Any

from data.catalog import Config, option
from data.text import Text


class WorthRequest(Config):
    """Of which run, tried on which data, how thoroughly."""

    run: str = option(
        ...,
        title=Text(en="Run", hi="रन"),
        help=Text(en="The run whose encoder is tried.", hi="जिस रन का एनकोडर आज़माया जाए।"),
    )
    dataset: str = option(
        "",
        title=Text(en="Try it on", hi="किस डेटा पर आज़माएँ"),
        help=Text(en="The labelled images it is tried on; empty: those it was trained on. Others show how far it carries (transfer).",
                  hi="लेबल वाली जिन तस्वीरों पर आज़माया जाए; ख़ाली: जिन पर ट्रेनिंग हुई। दूसरी तस्वीरों से दिखता है कि सीखा हुआ कितना काम आता है (ट्रांसफ़र)।"),
    )  # fmt: skip
    seeds: int = option(
        3, ge=1, le=20,
        title=Text(en="Seeds", hi="सीड"),
        help=Text(en="How often labels are drawn and networks begun anew; the interval of each figure comes from these.",
                  hi="कितनी बार लेबल नए सिरे से चुने जाएँ और नेटवर्क नए सिरे से शुरू हों; हर संख्या का अंतराल इन्हीं से निकलता है।"),
    )  # fmt: skip
    steps: int = option(
        400, ge=1, le=20_000, unit="steps", advanced=True,
        title=Text(en="Most steps", hi="ज़्यादा से ज़्यादा स्टेप"),
        help=Text(en="Steps that training with all labels takes; with few labels it takes 80 and one more for every eight images.",
                  hi="सारे लेबल के साथ ट्रेनिंग के स्टेप; कम लेबल पर 80, और हर आठ तस्वीरों पर एक और।"),
    )  # fmt: skip
    only_known: bool = option(
        False, advanced=True,
        title=Text(en="Only what is known", hi="सिर्फ़ जो पता है"),
        help=Text(en="Measure nothing new.", hi="कुछ नया न मापें।"),
    )  # fmt: skip

    def values(self) -> dict[str, Any]:
        """As the plain values of a request."""
        return self.model_dump(mode="json")
