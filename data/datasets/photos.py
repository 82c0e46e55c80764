"""Patches of six colour photographs that come with scikit-learn and scikit-image: for super-resolution and colorization.

Read straight from the packages' files, because importing them costs seconds. Each photograph is cut into tiles that do not
overlap; the tiles of its right-hand strip are held out, so no region that is tested was trained on.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from data.arrays import images_from_bytes, make_dataset
from data.catalog import Config, Dataset, DatasetCard, Split, option
from data.text import Problem, Text

Pixels = npt.NDArray[np.uint8]

FLAT = 4.0
"""Standard deviation in grey levels below which a tile is empty sky or darkness and is left out."""


@dataclass(frozen=True)
class Photograph:
    """One photograph: the package and the file in it, who took it, and on what terms it is given."""

    package: str
    file: str
    author: str
    licence: str


PHOTOGRAPHS = (
    Photograph("sklearn", "datasets/images/china.jpg", "danielbuechele, flickr.com/photos/danielbuechele/6061409035", "CC BY 2.0"),
    Photograph("sklearn", "datasets/images/flower.jpg", "vultilion, flickr.com/photos/vultilion/6056698931", "CC BY 2.0"),
    Photograph("skimage", "data/chelsea.png", "Stefan van der Walt", "CC0"),
    Photograph("skimage", "data/coffee.png", "Rachel Michetti, Pikolo Espresso Bar", "CC0"),
    Photograph("skimage", "data/astronaut.png", "NASA (Eileen Collins)", "public domain"),
    Photograph("skimage", "data/rocket.jpg", "SpaceX", "public domain"),
)  # fmt: skip


class PhotosConfig(Config):
    """How the photographs are cut."""

    size: int = option(
        32, ge=16, le=64, unit="px",
        title=Text(en="Size of a patch", hi="टुकड़े का आकार"),
        help=Text(en="Height and width of a patch. Smaller patches are more and train faster, larger ones show more.",
                  hi="टुकड़े की ऊँचाई और चौड़ाई। छोटे टुकड़े ज़्यादा बनते हैं और ट्रेनिंग तेज़ होती है; बड़ों में ज़्यादा दिखता है।"),
    )  # fmt: skip
    most: int = option(
        2000, ge=50, le=5000, unit="patches", advanced=True,
        title=Text(en="Patches to train on, at most", hi="ट्रेनिंग के टुकड़े, ज़्यादा से ज़्यादा"),
        help=Text(en="If there are more, these are drawn from all photographs at random, the same each time.",
                  hi="इससे ज़्यादा हों तो सभी तस्वीरों में से यूँ ही इतने चुने जाते हैं, हर बार वही।"),
    )  # fmt: skip
    test_share: float = option(
        0.2, ge=0.1, le=0.5, advanced=True,
        title=Text(en="Held-out share", hi="अलग रखा हिस्सा"),
        help=Text(en="Width of the right-hand strip of each photograph that is kept for testing and never trained on.",
                  hi="हर तस्वीर की दाईं पट्टी कितनी चौड़ी हो, जो सिर्फ़ जाँच के लिए रखी जाती है, ट्रेनिंग में नहीं आती।"),
    )  # fmt: skip


def load(config: PhotosConfig) -> Dataset:
    """The patches as [items, 3, size, size] in [-1, 1], without classes.

    Raises:
        Problem: A photograph is not where its package keeps it.
    """
    parts = [split_tiles(pixels_of(one), config.size, config.test_share) for one in PHOTOGRAPHS]
    train, test = (np.concatenate([part[k] for part in parts]) for k in (0, 1))
    order = np.random.Generator(np.random.PCG64(0)).permutation(len(train))[: config.most]
    return make_dataset("image", Split(images_from_bytes(train[order])), Split(images_from_bytes(test)))


def split_tiles(pixels: Pixels, size: int, test_share: float) -> tuple[Pixels, Pixels]:
    """The tiles [n, size, size, 3] left and right of the line between training and testing; flat ones are left out.

    The grid of each part starts at its own edge, so no tile has pixels of both.
    """
    line = round(pixels.shape[1] * (1 - test_share))
    return tiles(pixels[:, :line], size), tiles(pixels[:, line:], size)


def tiles(pixels: Pixels, size: int) -> Pixels:
    """[height, width, 3] cut into [n, size, size, 3], what is left over at the lower and right edge dropped."""
    rows, columns = pixels.shape[0] // size, pixels.shape[1] // size
    grid = pixels[: rows * size, : columns * size].reshape(rows, size, columns, size, 3)
    cut: Pixels = grid.transpose(0, 2, 1, 3, 4).reshape(-1, size, size, 3)
    kept: Pixels = cut[cut.std(axis=(1, 2)).max(axis=1) >= FLAT]
    return kept


@lru_cache(maxsize=len(PHOTOGRAPHS))
def pixels_of(one: Photograph) -> Pixels:
    """A photograph [height, width, 3].

    Raises:
        Problem: It is not where its package keeps it.
    """
    found = importlib.util.find_spec(one.package)
    path = Path(found.origin).parent / one.file if found and found.origin else Path(one.file)
    try:
        with Image.open(path) as image:
            pixels: Pixels = np.asarray(image.convert("RGB"))
            return pixels
    except OSError as error:
        raise Problem(
            Text(
                en=f"The photograph “{path.name}” of the package {one.package} is missing; install the package again.",
                hi=f"पैकेज {one.package} की तस्वीर “{path.name}” नहीं मिली; पैकेज दोबारा इंस्टॉल करें।",
            ),
            code="photo_missing",
        ) from error


_CREDITS = "; ".join(f"{Path(one.file).name}: {one.author}, {one.licence}" for one in PHOTOGRAPHS)

DATASET = DatasetCard(
    name="photos",
    title=Text(en="Patches of photographs", hi="फ़ोटो के टुकड़े"),
    summary=Text(
        en="Small colour patches of six photographs (a palace, a flower, a cat, a cup, an astronaut, a rocket); for super-resolution and colorization.",
        hi="छह फ़ोटो (महल, फूल, बिल्ली, कप, अंतरिक्ष यात्री, रॉकेट) के छोटे रंगीन टुकड़े; सुपर-रिज़ॉल्यूशन और रंग भरने के लिए।",
    ),
    kind="image",
    licence=Text(
        en="CC BY 2.0, CC0 and public domain; each photograph is credited in the source",
        hi="CC BY 2.0, CC0 और पब्लिक डोमेन; हर फ़ोटो का श्रेय स्रोत में है",
    ),
    source=_CREDITS,
    config=PhotosConfig,
    load=load,
)
