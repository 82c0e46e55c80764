"""What every way to explain a picture can be told."""

from __future__ import annotations

from typing import Literal, Self

from dashboard.explain.image.blanks import TITLES
from data.catalog import Config, option
from data.text import Text


class ImageConfig(Config):
    """The seed of everything drawn."""

    seed: int = option(
        0, ge=0, le=2**31 - 1, advanced=True,
        title=Text(en="Seed", hi="सीड"),
        help=Text(en="Same seed, same map, to the last bit.", hi="एक ही सीड से बिल्कुल वही मैप।"),
    )  # fmt: skip

    def lighter(self) -> Self:
        """The same way with less effort: enough to compare two maps by."""
        return self


class HidingConfig(ImageConfig):
    """For ways that hide parts of the picture."""

    blank: Literal["blur", "mean", "black"] = option(
        "blur", advanced=True,
        title=Text(en="Hidden parts become", hi="छिपे हिस्से की जगह"),
        help=Text(en="What stands where something is hidden. Hard edges of black may themselves look like something.",
                  hi="छिपाए गए हिस्से की जगह क्या दिखे। काले के तीखे किनारे ख़ुद कुछ जैसे लग सकते हैं।"),
        labels=TITLES,
        source="arXiv:1910.13413",
    )  # fmt: skip
