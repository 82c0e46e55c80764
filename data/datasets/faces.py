"""400 photographs of 40 people, ten each: the ORL database of faces, halved to 46×56 pixels; shipped with the project.

The last photographs of each person are held out, so every person is known and no photograph is seen twice. The width of
46 is padded to 48 by repeating the outermost columns, so that networks can halve the picture four times.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from data.arrays import images_from_bytes, make_dataset
from data.catalog import Config, Dataset, DatasetCard, FloatArray, Split, option
from data.text import Text

FILE = Path(__file__).parent.parent / "bundled" / "faces_orl_56x46.npz"
_EACH = 10


class FacesConfig(Config):
    """How large the faces are, and how many photographs are held out."""

    size: Literal["56x48", "28x24"] = option(  # height x width, as shapes are written
        "56x48",
        title=Text(en="Size", hi="आकार"),
        help=Text(en="Width × height in pixels. Half the size trains about four times as fast.",
                  hi="चौड़ाई × ऊँचाई, पिक्सेल में। आधे आकार में ट्रेनिंग क़रीब चार गुना तेज़ है।"),
        labels={"56x48": Text(en="48×56 px", hi="48×56 पिक्सेल"), "28x24": Text(en="24×28 px", hi="24×28 पिक्सेल")},
    )  # fmt: skip
    test_photos: int = option(
        2, ge=1, le=5, unit="photos", advanced=True,
        title=Text(en="Held-out photographs", hi="अलग रखी तस्वीरें"),
        help=Text(en="How many of the ten photographs of each person are kept for testing and never trained on.",
                  hi="हर व्यक्ति की दस तस्वीरों में से कितनी सिर्फ़ जाँच के लिए रखी जाएँ, ट्रेनिंग में न आएँ।"),
    )  # fmt: skip


def load(config: FacesConfig) -> Dataset:
    """The faces as [items, 1, height, width] in [-1, 1]; classes are the people, 1 to 40."""
    with np.load(FILE) as arrays:
        x, y = images_from_bytes(padded(arrays["images"])), arrays["person"].astype(np.int64)
    if config.size == "28x24":
        x = halved(x)
    test = np.arange(len(y)) % _EACH >= _EACH - config.test_photos  # the file holds each person's ten in a row
    people = [str(k + 1) for k in range(int(y.max()) + 1)]
    return make_dataset("image", Split(x[~test], y[~test]), Split(x[test], y[test]), people)


def padded(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """[items, 56, 46] to [items, 56, 48]: the outermost columns twice."""
    return np.pad(images, ((0, 0), (0, 0), (1, 1)), mode="edge")


def halved(x: FloatArray) -> FloatArray:
    """[items, channels, height, width] to half the height and width: each pixel the mean of four."""
    items, channels, height, width = x.shape
    smaller: FloatArray = x.reshape(items, channels, height // 2, 2, width // 2, 2).mean(axis=(3, 5))
    return smaller


DATASET = DatasetCard(
    name="faces",
    title=Text(en="Faces", hi="चेहरे"),
    summary=Text(
        en="400 grey photographs of the faces of 40 people, ten each, 48×56 or 24×28 pixels.",
        hi="40 लोगों के चेहरों की 400 ग्रे तस्वीरें, हर व्यक्ति की दस, 48×56 या 24×28 पिक्सेल।",
    ),
    kind="image",
    licence=Text(
        en="credit: AT&T Laboratories Cambridge; no formal licence was found",
        hi="श्रेय: AT&T Laboratories Cambridge; कोई औपचारिक लाइसेंस नहीं मिला",
    ),
    source="F. Samaria, A. Harter: Parameterisation of a stochastic model for human face identification, 1994, the ORL Database of Faces",
    config=FacesConfig,
    load=load,
)
