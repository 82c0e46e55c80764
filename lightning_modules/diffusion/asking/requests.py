"""What can be asked of a trained denoiser, declared like everything else a person fills in."""

from __future__ import annotations

from pydantic import field_validator

from data.catalog import Config, option
from data.text import Text
from lightning_modules.diffusion.samplers import SAMPLERS

MOST_ITEMS = 4096


class SampleRequest(Config):
    """Draw new items. The same request gives the same items.

    Given items `x` [n, *shape], the walk begins at them instead of at pure noise: at noise level `start`, as x_t or, with
    `add_noise`, as clean items that are noised first (SDEdit, arXiv:2108.01073). One item serves all samples.
    """

    count: int = option(
        16, ge=1, le=MOST_ITEMS, unit="items",
        title=Text(en="Samples", hi="सैंपल"),
        help=Text(en="How many to draw.", hi="कितने बनाने हैं।"),
    )  # fmt: skip
    sampler: str = option(
        "ddim",
        title=Text(en="Sampler", hi="सैंपलर"),
        help=Text(en="How the way from noise to data is walked; any of them works with any model.",
                  hi="नॉइज़ से डेटा तक का रास्ता कैसे तय हो; हर मॉडल के साथ कोई भी चलेगा।"),
        labels={name: sampler.title for name, sampler in SAMPLERS.items()},
        choices=tuple(SAMPLERS),
        source="arXiv:2010.02502",
    )  # fmt: skip
    steps: int = option(
        25, ge=1, le=10_000, unit="steps",
        title=Text(en="Sampler steps", hi="सैंपलर के स्टेप"),
        help=Text(en="More is slower and a little better; the ancestral sampler takes all there are.",
                  hi="ज़्यादा से धीमा पर थोड़ा बेहतर; ऐन्सेस्ट्रल सैंपलर सारे स्टेप लेता है।"),
    )  # fmt: skip
    eta: float = option(
        0.0, ge=0, le=1, symbol="η", advanced=True,
        title=Text(en="Fresh noise", hi="नया नॉइज़"),
        help=Text(en="Noise that DDIM adds on the way: 0 none (same start, same sample), 1 as much as the ancestral sampler.",
                  hi="रास्ते में DDIM का मिलाया नॉइज़: 0 कुछ नहीं (एक शुरुआत, एक सैंपल), 1 ऐन्सेस्ट्रल जितना।"),
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
        -1.0, ge=-1, le=20, symbol="s",
        title=Text(en="Guidance", hi="गाइडेंस"),
        help=Text(en="How strongly the class is followed: 0 ignores it, 1 follows it, more exaggerates it and costs variety; -1: as in the pictures of the run.",
                  hi="क्लास का कितना पालन हो: 0 अनदेखा, 1 पालन, ज़्यादा से बढ़ा-चढ़ाकर, और विविधता घटती है; -1: जैसा रन की तस्वीरों में।"),
        source="arXiv:2207.12598",
    )  # fmt: skip
    start: float = option(
        -1.0, ge=-1, le=10_000, unit="steps", advanced=True,
        title=Text(en="Start at noise step", hi="किस नॉइज़ स्टेप से शुरू"),
        help=Text(en="Where the walk begins, if it begins at given items; -1: at the very top.",
                  hi="दिए गए आइटम से शुरू हो तो कहाँ से; -1: सबसे ऊपर से।"),
        source="arXiv:2108.01073",
    )  # fmt: skip
    add_noise: bool = option(
        False, advanced=True,
        title=Text(en="Add the noise", hi="नॉइज़ मिलाएँ"),
        help=Text(en="The given items are clean, and noise of the starting step is added first; otherwise they are taken as x_t.",
                  hi="दिए गए आइटम साफ़ हैं, पहले शुरुआती स्टेप का नॉइज़ मिलाया जाए; नहीं तो वे ही x_t माने जाएँगे।"),
        source="arXiv:2108.01073",
    )  # fmt: skip

    @field_validator("sampler")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in SAMPLERS:
            raise ValueError(f"there is no sampler {name!r}; there are {', '.join(SAMPLERS)}")
        return name


class TraceRequest(SampleRequest):
    """Draw a few items and tell every step: for pages that walk through the reverse process."""

    count: int = option(
        4, ge=1, le=2000, unit="items",
        title=Text(en="Samples", hi="सैंपल"),
        help=Text(en="How many to draw.", hi="कितने बनाने हैं।"),
    )  # fmt: skip
    stages: int = option(
        50, ge=1, le=1000, unit="stages",
        title=Text(en="Stages", hi="पड़ाव"),
        help=Text(en="Most stages to tell, spread evenly from first to last.", hi="ज़्यादा से ज़्यादा कितने पड़ाव बताएँ, शुरू से आख़िर तक बराबर फैले।"),
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


class RepaintRequest(Config):
    """Fill the part of `image` [n or 1, *shape], or of a picture in bytes, where `mask` is True; the rest is a `SampleRequest`."""

    jump: int = option(
        5, ge=1, le=1000, unit="steps",
        title=Text(en="Jump back", hi="वापसी की छलाँग"),
        help=Text(en="Sampler steps that are walked again each time, so that the filled part fits what stands around it.",
                  hi="हर बार कितने सैंपलर स्टेप दोबारा चलें, ताकि भरा हिस्सा आसपास से मेल खाए।"),
        source="arXiv:2201.09865, section 4.2",
    )  # fmt: skip
    resamplings: int = option(
        4, ge=1, le=50,
        title=Text(en="Times each stretch is walked", hi="हर हिस्सा कितनी बार चले"),
        help=Text(en="More fits better and costs as many times as much; 1 only sets the known part in.",
                  hi="ज़्यादा से बेहतर मेल, पर उतना ही ज़्यादा समय; 1 पर बस जाना हुआ हिस्सा रखा जाता है।"),
        source="arXiv:2201.09865, section 4.2",
    )  # fmt: skip


class InpaintRequest(SampleRequest):
    """Fill as a model that was trained to fill does."""

    count: int = option(
        4, ge=1, le=64, unit="items",
        title=Text(en="Results", hi="नतीजे"),
        help=Text(en="How many to draw; each is another way to fill.", hi="कितने बनाने हैं; हर एक भरने का एक अलग तरीका है।"),
    )  # fmt: skip
    steps: int = option(
        10, ge=1, le=10_000, unit="steps",
        title=Text(en="Sampler steps", hi="सैंपलर के स्टेप"),
        help=Text(en="Few stay nearer to the mean of all fillings and join the rest more smoothly, many draw bolder.",
                  hi="कम स्टेप सभी जवाबों के औसत के पास रहते हैं और आसपास से बेहतर जुड़ते हैं, ज़्यादा से हिस्सा गहरा बनता है।"),
    )  # fmt: skip


class UpscaleRequest(SampleRequest):
    """Enlarge `image` [height, width] or [height, width, 3] of bytes."""

    count: int = option(
        1, ge=1, le=16, unit="pictures",
        title=Text(en="Results", hi="नतीजे"),
        help=Text(en="How many to draw; they differ in what the small picture does not say.", hi="कितने बनाने हैं; फ़र्क उसी में होगा जो छोटी तस्वीर नहीं बताती।"),
    )  # fmt: skip
    steps: int = option(
        10, ge=1, le=10_000, unit="steps",
        title=Text(en="Sampler steps", hi="सैंपलर के स्टेप"),
        help=Text(en="Few come nearer to the mean of all answers, many look sharper.", hi="कम स्टेप सभी जवाबों के औसत के पास रहते हैं, ज़्यादा से तस्वीर तीखी दिखती है।"),
    )  # fmt: skip
    reduce: bool = option(
        False,
        title=Text(en="Make it small first", hi="पहले छोटी करें"),
        help=Text(en="Your picture is made small and enlarged again, so that the result can be compared with it.",
                  hi="आपकी तस्वीर पहले छोटी की जाए, फिर बड़ी, ताकि नतीजे को उससे मिलाया जा सके।"),
    )  # fmt: skip


class ColorizeRequest(SampleRequest):
    """Colour `image` [height, width] or [height, width, 3] of bytes; of a picture in colour only the luminance is used."""

    count: int = option(
        1, ge=1, le=16, unit="pictures",
        title=Text(en="Results", hi="नतीजे"),
        help=Text(en="How many to draw; each is another way to colour.", hi="कितने बनाने हैं; हर एक रंगने का एक अलग तरीका है।"),
    )  # fmt: skip
    steps: int = option(
        10, ge=1, le=10_000, unit="steps",
        title=Text(en="Sampler steps", hi="सैंपलर के स्टेप"),
        help=Text(en="Few give paler, safer colours, many give bolder ones.", hi="कम स्टेप से फीके, सुरक्षित रंग; ज़्यादा से गहरे।"),
    )  # fmt: skip
