"""Colour emoji, 32×32, each with its name in English and Hindi as caption; shipped with the project.

The pictures are those of Noto Color Emoji over white, the names those of Unicode's CLDR. There is one picture a name,
so what is held out are names: preferably such whose every word is trained in other names ("purple circle" when purple
squares and red circles are known), because only these can be asked of a model that has not seen them.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from data.arrays import images_from_bytes, make_dataset
from data.catalog import Config, Dataset, DatasetCard, IntArray, Split, option
from data.text import Text

FILE = Path(__file__).parent.parent / "bundled" / "emoji_32.npz"
FEWEST_HELD_OUT = 4
ALWAYS_TRAINED = frozenset({0x2764, 0x1F600, 0x1F431, 0x1F34E})
"""Red heart, grinning face, cat face, red apple: the examples everybody tries first."""

Theme = Literal["simple", "faces", "animals", "food", "all"]
SMALL_PX = 12
"""Side of a small emoji: of 64 patches of 4 pixels it covers 9 to 16."""

_SHAPES = re.compile(r"\b(hearts?|circle|square|diamond|triangle|star(?!-)|book|apple|flag|envelope|exclamation)\b")
_NO_SHAPES = re.compile(r"\b(face|cat|couple|anatomical|hands|button|David|crescent|in hole|dot|arrow|mark|mailbox)\b")
UNNAMED = {"keycap ten": "कीकैप: 10"}
"""CLDR has no Hindi name for one emoji; this one is made like its neighbours'."""
_FACES = re.compile(r"\bface\b|^(star-struck|exploding head|rolling on the floor laughing)$")
_NO_FACES = re.compile(
    r"\b(moon|sun|wind|cat|dog|cow|tiger|rabbit|mouse|dragon|horse|monkey|pig|clown|cowboy|disguised)\b"
)
_ANIMALS = ((0x1F400, 0x1F43F), (0x1F980, 0x1F9AD), (0x1FAB0, 0x1FAB3))
_FOOD = (
    (0x1F32D, 0x1F330),
    (0x1F33D, 0x1F33D),
    (0x1F344, 0x1F37F),
    (0x1F950, 0x1F96F),
    (0x1F9C0, 0x1F9CB),
    (0x1FAD0, 0x1FAD9),
)
_WORD = re.compile(r"[^\W_]+")


class EmojiConfig(Config):
    """Which emoji, and how many of the names are held out."""

    theme: Theme = option(
        "simple",
        title=Text(en="Which emoji", hi="कौन से इमोजी"),
        help=Text(en="Hearts and shapes in many colours are learned in minutes; all 1,360 need a GPU or patience.",
                  hi="कई रंगों के दिल और आकार मिनटों में सीखे जाते हैं; पूरे 1,360 के लिए GPU या धैर्य चाहिए।"),
        labels={
            "simple": Text(en="Hearts and shapes in colours", hi="रंग-बिरंगे दिल और आकार"),
            "faces": Text(en="Faces", hi="चेहरे"),
            "animals": Text(en="Animals", hi="जानवर"),
            "food": Text(en="Food and drink", hi="खाना-पीना"),
            "all": Text(en="All 1,360", hi="पूरे 1,360"),
        },
    )  # fmt: skip
    placing: Literal["whole", "small"] = option(
        "whole", advanced=True,
        title=Text(en="How they stand", hi="कैसे रखे हों"),
        help=Text(en="Small ones stand anywhere on white: whether attention finds the object can be told only when it is not always in the middle.",
                  hi="छोटे इमोजी सफ़ेद पर कहीं भी होते हैं: अटेंशन वस्तु को ढूँढता है या नहीं, यह तभी पता चलता है जब वह हमेशा बीच में न हो।"),
        labels={
            "whole": Text(en="Filling the picture", hi="पूरी तस्वीर में"),
            "small": Text(en="Small, anywhere", hi="छोटे, कहीं भी"),
        },
    )  # fmt: skip
    test_share: float = option(
        0.1, ge=0.05, le=0.5, advanced=True,
        title=Text(en="Held-out share", hi="अलग रखा हिस्सा"),
        help=Text(en="Share of the emoji that is kept for testing, picture and name, and never trained on.",
                  hi="इमोजी का वह हिस्सा, तस्वीर और नाम दोनों, जो सिर्फ़ जाँच के लिए रखा जाता है, ट्रेनिंग में नहीं आता।"),
    )  # fmt: skip


def load(config: EmojiConfig) -> Dataset:
    """The emoji of a theme as [items, 3, 32, 32] in [-1, 1]; item and caption are one to one."""
    with np.load(FILE) as arrays:
        code, english = arrays["codepoint"], arrays["en"].tolist()
        hindi = [name or UNNAMED[english[k]] for k, name in enumerate(arrays["hi"].tolist())]
        fitting = [k for k, name in enumerate(english) if _belongs(config.theme, int(code[k]), name)]
        chosen = np.array(
            sorted(fitting, key=lambda k: int(code[k]) not in ALWAYS_TRAINED)
        )  # the best known come first
        images = arrays["images"][chosen]
        x = images_from_bytes(images if config.placing == "whole" else _placed(images))
    captions = [Text(en=english[k], hi=hindi[k]) for k in chosen]
    y = np.arange(len(chosen), dtype=np.int64)
    test = held_out_names(code[chosen], [text.en for text in captions], config.test_share)
    return make_dataset("image", Split(x[~test], y[~test]), Split(x[test], y[test]), captions=captions)


def _placed(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Each of the pictures [items, 32, 32, 3] made small and put somewhere on white, the same on every machine."""
    side = images.shape[1]
    places = np.random.Generator(np.random.PCG64(0)).integers(0, side - SMALL_PX + 1, (len(images), 2))
    found = np.full_like(images, 255)
    for one, image, (top, left) in zip(found, images, places, strict=True):
        small = Image.fromarray(image).resize((SMALL_PX, SMALL_PX), Image.Resampling.BOX)
        one[top : top + SMALL_PX, left : left + SMALL_PX] = np.asarray(small)
    return found


def held_out_names(code: IntArray, names: list[str], share: float) -> npt.NDArray[np.bool_]:
    """A mask of names to hold out, the same on every machine: first those that are mixes of trained words, then others."""
    wanted = max(FEWEST_HELD_OUT, round(share * len(names)))
    words = [set(_WORD.findall(name.lower())) for name in names]
    left = Counter(word for one in words for word in one)
    order = np.random.Generator(np.random.PCG64(0)).permutation(len(names)).tolist()
    free = [k for k in order if int(code[k]) not in ALWAYS_TRAINED]
    mask = np.zeros(len(names), dtype=bool)
    for need_known in (True, False):
        for k in free:
            known = all(left[word] > 1 for word in words[k])
            if not mask[k] and mask.sum() < wanted and (known or not need_known):
                mask[k] = True
                left.subtract(words[k])
    return mask


def _belongs(theme: Theme, code: int, name: str) -> bool:
    if theme == "all":
        return True
    if theme == "simple":
        return bool(_SHAPES.search(name)) and not _NO_SHAPES.search(name)
    if theme == "faces":
        return bool(_FACES.search(name)) and not _NO_FACES.search(name)
    return any(low <= code <= high for low, high in (_ANIMALS if theme == "animals" else _FOOD))


DATASET = DatasetCard(
    name="emoji",
    title=Text(en="Emoji with names", hi="नाम वाले इमोजी"),
    summary=Text(
        en="Colour emoji on white, 32×32 pixels, each with its name in English and Hindi; for pictures from words.",
        hi="सफ़ेद पर रंगीन इमोजी, 32×32 पिक्सेल, हर एक का नाम हिंदी और अंग्रेज़ी में; शब्दों से तस्वीर बनाने के लिए।",
    ),
    kind="image",
    licence=Text(
        en="pictures: SIL OFL 1.1 (Noto Color Emoji, Google); names: Unicode-3.0 (CLDR)",
        hi="तस्वीरें: SIL OFL 1.1 (Noto Color Emoji, Google); नाम: Unicode-3.0 (CLDR)",
    ),
    source="Noto Color Emoji, github.com/googlefonts/noto-emoji; Unicode CLDR annotations, cldr.unicode.org",
    config=EmojiConfig,
    load=load,
    captioned=True,
)
