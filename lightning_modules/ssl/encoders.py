"""The size of the residual network that turns an image into a vector."""

from __future__ import annotations

from data.catalog import Config, option
from data.text import Text


class EncoderOptions(Config):
    """The size of the residual network."""

    channels: int = option(
        16, ge=4, le=512, unit="channels",
        title=Text(en="Channels", hi="चैनल"),
        help=Text(en="Channels of the first stage; the representation has eight times as many numbers.",
                  hi="पहले चरण के चैनल; रिप्रेज़ेंटेशन में इनके आठ गुने नंबर होते हैं।"),
    )  # fmt: skip
    blocks: int = option(
        1, ge=1, le=8, unit="blocks", advanced=True,
        title=Text(en="Blocks per stage", hi="हर चरण में ब्लॉक"),
        help=Text(en="Residual blocks in each of the three stages.", hi="तीनों चरणों में से हर एक में कितने रेज़िडुअल ब्लॉक।"),
        source="arXiv:1512.03385, section 4.2",
    )  # fmt: skip
