"""What can be asked of a trained denoiser, declared like everything else a person fills in."""

from __future__ import annotations

from typing import Literal

from data.catalog import Config, option
from data.text import Text

MOST_ITEMS = 4096


class SampleRequest(Config):
    """Draw new items. The same request gives the same items."""

    count: int = option(
        16, ge=1, le=MOST_ITEMS, unit="items",
        title=Text(en="Samples", hi="सैंपल"),
        help=Text(en="How many to draw.", hi="कितने बनाने हैं।"),
    )  # fmt: skip
    sampler: Literal["ddim", "ancestral"] = option(
        "ddim",
        title=Text(en="Sampler", hi="सैंपलर"),
        help=Text(en="DDIM takes a few large steps; ancestral takes every noise step once, as in the first paper.",
                  hi="DDIM थोड़े बड़े कदम लेता है; ऐन्सेस्ट्रल पहले पेपर की तरह हर नॉइज़ स्टेप एक बार।"),
        labels={"ddim": Text(en="DDIM (fast)", hi="DDIM (तेज़)"), "ancestral": Text(en="Ancestral (all steps)", hi="ऐन्सेस्ट्रल (सभी स्टेप)")},
        source="arXiv:2010.02502",
    )  # fmt: skip
    steps: int = option(
        25, ge=1, le=10_000, unit="steps",
        title=Text(en="Sampler steps", hi="सैंपलर के स्टेप"),
        help=Text(en="Steps of DDIM; more is slower and a little better.", hi="DDIM के स्टेप; ज़्यादा से धीमा पर थोड़ा बेहतर।"),
    )  # fmt: skip
    eta: float = option(
        0.0, ge=0, le=1, symbol="η", advanced=True,
        title=Text(en="Fresh noise", hi="नया नॉइज़"),
        help=Text(en="Noise added on the way: 0 none (same start, same sample), 1 as much as the ancestral sampler.",
                  hi="रास्ते में मिलाया नॉइज़: 0 कुछ नहीं (एक शुरुआत, एक सैंपल), 1 ऐन्सेस्ट्रल जितना।"),
        source="arXiv:2010.02502, equation 16",
    )  # fmt: skip
    seed: int = option(
        0, ge=0, le=2**31 - 1,
        title=Text(en="Seed", hi="सीड"),
        help=Text(en="Same seed, same samples, drawn one by one or all at once.", hi="एक ही सीड, वही सैंपल; एक-एक बनाएँ या सब साथ।"),
    )  # fmt: skip
    label: int = option(
        -1, ge=-1, le=100_000,
        title=Text(en="Class", hi="क्लास"),
        help=Text(en="Number of the wanted class; -1: each in turn.", hi="चाही गई क्लास का नंबर; -1: बारी-बारी से सब।"),
    )  # fmt: skip
    guidance: float = option(
        1.0, ge=0, le=20, symbol="s",
        title=Text(en="Guidance", hi="गाइडेंस"),
        help=Text(en="How strongly the class is followed: 0 ignores it, 1 follows it, more exaggerates it and costs variety.",
                  hi="क्लास का कितना पालन हो: 0 अनदेखा, 1 पालन, ज़्यादा से बढ़ा-चढ़ाकर, और विविधता घटती है।"),
        source="arXiv:2207.12598",
    )  # fmt: skip


class PredictRequest(Config):
    """Ask what the model says about given items `x` [n, *shape] at noise steps `t` [n] or [1]."""

    add_noise: bool = option(
        True,
        title=Text(en="Add the noise", hi="नॉइज़ मिलाएँ"),
        help=Text(en="The items are clean, and noise of step t is added first; otherwise they are taken as x_t.",
                  hi="आइटम साफ़ हैं, पहले स्टेप t का नॉइज़ मिलाया जाए; नहीं तो वे ही x_t माने जाएँगे।"),
    )  # fmt: skip
    seed: int = option(
        0, ge=0, le=2**31 - 1,
        title=Text(en="Seed", hi="सीड"),
        help=Text(en="Seed of the added noise.", hi="मिलाए गए नॉइज़ का सीड।"),
    )  # fmt: skip
    label: int = option(
        -1, ge=-1, le=100_000,
        title=Text(en="Class", hi="क्लास"),
        help=Text(en="Class the model is told; -1: none.", hi="मॉडल को बताई गई क्लास; -1: कोई नहीं।"),
    )  # fmt: skip
    guidance: float = option(
        1.0, ge=0, le=20, symbol="s",
        title=Text(en="Guidance", hi="गाइडेंस"),
        help=Text(en="How strongly the class is followed; 1 is plain.", hi="क्लास का कितना पालन हो; 1 सामान्य।"),
        source="arXiv:2207.12598",
    )  # fmt: skip
