"""The options that every trained denoiser of images and points shares, and the networks they describe."""

from __future__ import annotations

from typing import Any, Literal

import torch

from data.catalog import Config, Dataset, option
from data.text import Problem, Text
from lightning_modules.blocks.mlp import PointDenoiser
from lightning_modules.blocks.unet import UNet, UNetShape

Optimizer = Literal["adamw", "muon"]

_MULTIPLIERS = (1, 2, 3, 4)


def told_labels() -> Any:
    """The option whether the network is told the class."""
    return option(
        True, advanced=True,
        title=Text(en="Use the labels", hi="लेबल काम में लें"),
        help=Text(en="Tell the network the class, where the data has classes; then a class can be asked for.",
                  hi="डेटा में क्लास हों तो नेटवर्क को बताएँ; फिर किसी एक क्लास के सैंपल माँगे जा सकते हैं।"),
    )  # fmt: skip


def optimizer_choice() -> Any:
    """What moves the weights."""
    return option(
        "adamw", advanced=True,
        title=Text(en="Optimiser", hi="ऑप्टिमाइज़र"),
        help=Text(en="AdamW moves every weight by itself; Muon turns the step of a whole matrix into a rotation: a seventh (images) to a third (points) slower, but farther a step.",
                  hi="AdamW हर वज़न को अलग-अलग बदलता है; Muon पूरे मैट्रिक्स के कदम को घुमाव में बदलता है: हर कदम सातवें हिस्से (तस्वीरें) से तिहाई (बिंदु) तक धीमा, पर ज़्यादा आगे।"),
        labels={"adamw": Text(en="AdamW, weight by weight", hi="AdamW, हर वज़न अलग"),
                "muon": Text(en="Muon, matrix by matrix", hi="Muon, पूरा मैट्रिक्स")},
        source="arXiv:2502.16982",
    )  # fmt: skip


class ImageNetworkOptions(Config):
    """The U-Net of images."""

    channels: int = option(
        32, ge=8, le=512, unit="channels", kinds=("image",),
        title=Text(en="Channels", hi="चैनल"),
        help=Text(en="Width of the U-Net at full resolution; deeper levels have 2, 3 and 4 times as many.",
                  hi="पूरे रिज़ॉल्यूशन पर U-Net की चौड़ाई; गहरे स्तरों पर 2, 3 और 4 गुना।"),
    )  # fmt: skip
    levels: int = option(
        2, ge=1, le=4, unit="levels", advanced=True, kinds=("image",),
        title=Text(en="Levels", hi="स्तर"),
        help=Text(en="Resolutions the U-Net works at, each half the one above.", hi="U-Net कितने रिज़ॉल्यूशन पर काम करे; हर स्तर पिछले का आधा।"),
    )  # fmt: skip
    blocks: int = option(
        1, ge=1, le=4, unit="blocks", advanced=True, kinds=("image",),
        title=Text(en="Blocks a level", hi="हर स्तर पर ब्लॉक"),
        help=Text(en="Residual blocks at each level on the way down.", hi="नीचे जाते समय हर स्तर पर कितने रेज़िड्युअल ब्लॉक।"),
    )  # fmt: skip
    attention: str = option(
        "", max_length=40, pattern=r"^(\d{1,3}(,\d{1,3})*)?$", unit="px", advanced=True, kinds=("image",),
        title=Text(en="Attention at", hi="अटेंशन कहाँ"),
        help=Text(en="Feature-map heights with self-attention, such as 4,7; the narrowest level always has it.",
                  hi="फ़ीचर मैप की वे ऊँचाइयाँ जहाँ सेल्फ़-अटेंशन हो, जैसे 4,7; सबसे छोटे स्तर पर हमेशा होता है।"),
        source="arXiv:2006.11239, appendix B",
    )  # fmt: skip
    patch: int = option(
        1, ge=1, le=8, unit="px", advanced=True, kinds=("image",),
        title=Text(en="Patch size", hi="पैच का आकार"),
        help=Text(en="The image enters as patches of this size: faster, a little coarser. Must divide height and width.",
                  hi="तस्वीर इस आकार के टुकड़ों में जाती है: तेज़, थोड़ा मोटा। ऊँचाई और चौड़ाई इससे पूरी बँटनी चाहिए।"),
    )  # fmt: skip
    dropout: float = option(
        0.0, ge=0, lt=1, advanced=True, kinds=("image",),
        title=Text(en="Dropout", hi="ड्रॉपआउट"),
        help=Text(en="Share of features switched off at random while training; works against memorising.",
                  hi="ट्रेनिंग में कितने फ़ीचर यूँ ही बंद रहें; रट लेने से बचाता है।"),
        source="arXiv:2006.11239, appendix B",
    )  # fmt: skip
    norm_groups: int = option(
        0, ge=0, le=32, unit="groups", advanced=True, kinds=("image",),
        title=Text(en="Groups of a norm", hi="नॉर्म के समूह"),
        help=Text(en="Groups that channels are normalised in; must divide the channels. 0: more, the wider a level is. Any other number lets the model be exported for diffusers.",
                  hi="नॉर्म में चैनल कितने समूहों में बँटें; चैनल इससे पूरे बँटने चाहिए। 0: स्तर जितना चौड़ा, उतने ज़्यादा। कोई और संख्या हो तो मॉडल diffusers के लिए एक्सपोर्ट हो सकता है।"),
        source="arXiv:1803.08494",
    )  # fmt: skip
    optimizer: Optimizer = optimizer_choice()


class DenoiserOptions(ImageNetworkOptions):
    """Network, labels and how the run is looked at."""

    width: int = option(
        128, ge=8, le=2048, unit="units", kinds=("points",),
        title=Text(en="Width", hi="चौड़ाई"),
        help=Text(en="Units of each layer of the network for points.", hi="बिंदुओं वाले नेटवर्क की हर परत में कितनी इकाइयाँ।"),
    )  # fmt: skip
    layers: int = option(
        3, ge=1, le=16, unit="layers", advanced=True, kinds=("points",),
        title=Text(en="Layers", hi="परतें"),
        help=Text(en="Layers of the network for points.", hi="बिंदुओं वाले नेटवर्क की परतें।"),
    )  # fmt: skip
    use_labels: bool = told_labels()
    label_dropout: float = option(
        0.1, ge=0, le=1, advanced=True,
        title=Text(en="Hidden labels", hi="छिपे लेबल"),
        help=Text(en="Share of the items whose class is hidden while training, so that samples can be guided later.",
                  hi="ट्रेनिंग में कितने आइटम की क्लास छिपाई जाए, ताकि बाद में सैंपल को दिशा दी जा सके।"),
        source="arXiv:2207.12598, algorithm 1",
    )  # fmt: skip
    quality_samples: int = option(
        500, ge=0, le=50_000, unit="items", advanced=True,
        title=Text(en="Samples for quality", hi="जाँच के सैंपल"),
        help=Text(en="Samples drawn at every evaluation to measure quality; 0 leaves it out, 32 or more make sense.",
                  hi="हर जाँच में गुणवत्ता नापने के लिए बने सैंपल; 0 से यह जाँच बंद, 32 या ज़्यादा ठीक हैं।"),
    )  # fmt: skip
    preview_steps: int = option(
        25, ge=1, le=1000, unit="steps", advanced=True,
        title=Text(en="Steps of a preview", hi="झलक के स्टेप"),
        help=Text(en="Sampler steps for the pictures and the quality measures of this run; half as many where the sampler looks twice.",
                  hi="इस रन की तस्वीरों और जाँच के लिए सैंपलर के स्टेप; जो सैंपलर दो बार देखता है उसके लिए आधे।"),
        source="arXiv:2010.02502, table 1",
    )  # fmt: skip
    preview_guidance: float = option(
        1.0, ge=0, le=20, symbol="s", advanced=True, kinds=("image",),
        title=Text(en="Guidance of a preview", hi="झलक की गाइडेंस"),
        help=Text(en="How strongly the pictures and the quality measures of this run, and samples for which nothing else is asked, follow the class, where the model knows classes; 1: as learned, more: clearer, with less variety.",
                  hi="मॉडल क्लास जानता हो तो इस रन की तस्वीरें, जाँच के सैंपल, और जिन सैंपल में कुछ और न कहा जाए, क्लास का कितना पालन करें; 1: जैसा सीखा, ज़्यादा: साफ़, पर विविधता कम।"),
        source="arXiv:2207.12598",
    )  # fmt: skip


def denoiser_network(options: DenoiserOptions, dataset: Dataset, classes: int) -> torch.nn.Module:
    """A U-Net for images, a multilayer perceptron for points: (x, time [batch] on 0..1000, y or None) -> the shape of x.

    Raises:
        Problem: The patch size does not divide the images (`patch_does_not_divide`).
    """
    if dataset.kind == "points":
        return PointDenoiser(dataset.shape[0], width=options.width, layers=options.layers, classes=classes)
    return image_network(options, dataset, classes=classes)


def image_network(options: ImageNetworkOptions, dataset: Dataset, *, classes: int = 0, beside: int = 0) -> UNet:
    """The U-Net of `options` for a data set's images; `beside` channels are told to it beside x.

    Raises:
        Problem: The patch size does not divide the images (`patch_does_not_divide`), or the groups of the norms do not
            divide the channels (`groups_do_not_divide`).
    """
    colours, height, width = dataset.shape
    if height % options.patch or width % options.patch:
        raise Problem(
            Text(
                en=f"Images of {height}×{width} pixels do not divide into patches of {options.patch}.",
                hi=f"{height}×{width} पिक्सेल की तस्वीरें {options.patch} के पैच में पूरी नहीं बँटतीं।",
            ),
            code="patch_does_not_divide",
            field="patch",
        )
    if options.norm_groups and options.channels % options.norm_groups:
        raise Problem(
            Text(
                en=f"{options.channels} channels do not divide into {options.norm_groups} groups.",
                hi=f"{options.channels} चैनल {options.norm_groups} समूहों में पूरे नहीं बँटते।",
            ),
            code="groups_do_not_divide",
            field="norm_groups",
        )
    shape = UNetShape(
        (colours, height, width),
        channels=options.channels,
        multipliers=_MULTIPLIERS[: options.levels],
        blocks=options.blocks,
        attention=tuple(int(size) for size in options.attention.split(",") if size),
        dropout=options.dropout,
        patch=options.patch,
        classes=classes,
        beside=beside,
        norm_groups=options.norm_groups,
    )
    network = UNet(shape)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # missing in torch's stubs
    return network
