"""What every way to explain a text can be told."""

from __future__ import annotations

from data.catalog import Config, option
from data.text import Text


class TextExplainerConfig(Config):
    """The seed of everything drawn."""

    seed: int = option(
        0, ge=0, le=2**31 - 1, advanced=True,
        title=Text(en="Seed", hi="सीड"),
        help=Text(en="Same seed, same shares, to the last bit.", hi="एक ही सीड से बिल्कुल वही हिस्से।"),
    )  # fmt: skip
