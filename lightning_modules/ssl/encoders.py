"""The sizes of the networks that turn an image into a vector, as a person chooses them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from data.catalog import Config, option
from data.text import Problem, Text
from lightning_modules.blocks.vit import Pool, VisionTransformer


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


class TransformerOptions(Config):
    """The size of the vision transformer."""

    patch: int = option(
        4, ge=1, le=64, unit="px",
        title=Text(en="Patch", hi="पैच"),
        help=Text(en="Side of the squares the image is cut into; halving it makes the model four times as slow and see more finely.",
                  hi="तस्वीर जिन वर्गों में काटी जाती है, उनकी भुजा; आधी करने पर मॉडल चार गुना धीमा और ज़्यादा बारीक देखने वाला होता है।"),
    )  # fmt: skip
    width: int = option(
        64, ge=8, le=2048, unit="numbers",
        title=Text(en="Width", hi="चौड़ाई"),
        help=Text(en="Numbers that stand for a patch; so many has the representation.", hi="एक पैच कितने नंबरों से बताया जाए; रिप्रेज़ेंटेशन में भी इतने ही नंबर होते हैं।"),
    )  # fmt: skip
    layers: int = option(
        4, ge=1, le=48, unit="layers",
        title=Text(en="Layers", hi="परतें"),
        help=Text(en="Attention layers, one after the other.", hi="एक के बाद एक अटेंशन परतें।"),
    )  # fmt: skip
    heads: int = option(
        4, ge=1, le=64, advanced=True,
        title=Text(en="Heads", hi="हेड"),
        help=Text(en="Attentions side by side in a layer; the width must be divisible by them.", hi="एक परत में साथ-साथ चलते अटेंशन; चौड़ाई इनकी संख्या से विभाजित होनी चाहिए।"),
    )  # fmt: skip


def transformer(
    shape: Sequence[int], options: TransformerOptions, pool: Pool, *, even: bool = False
) -> VisionTransformer:
    """The transformer of these options.

    Raises:
        Problem: The width cannot be shared among the heads.
    """
    if options.width % options.heads or options.width % 4:
        least = math.lcm(options.heads, 4)
        raise Problem(
            Text(en=f"A width of {options.width} cannot be shared among {options.heads} heads: choose a multiple of {least}.",
                 hi=f"चौड़ाई {options.width} को {options.heads} हेड में नहीं बाँटा जा सकता: {least} का गुणज चुनें।"),
            code="heads_mismatch", field="width",
        )  # fmt: skip
    return VisionTransformer(
        shape,
        patch=options.patch,
        width=options.width,
        layers=options.layers,
        heads=options.heads,
        pool=pool,
        even=even,
    )
