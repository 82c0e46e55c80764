"""Handwritten digits, 8×8: those of scikit-learn's `load_digits` (the test set of UCI's optical recognition of digits).

Shipped as a file of 40 kB, because importing scikit-learn would be the slowest part of starting a run.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from data.arrays import held_out, make_dataset
from data.catalog import Config, Dataset, DatasetCard, Split, option
from data.text import Text

FILE = Path(__file__).parent.parent / "bundled" / "digits_8x8.npz"
_DEEPEST = 16


class DigitsConfig(Config):
    """How the 1,797 digits are divided."""

    test_share: float = option(
        0.2, ge=0.05, le=0.5, advanced=True,
        title=Text(en="Held-out share", hi="अलग रखा हिस्सा"),
        help=Text(en="Share of each digit that is kept for testing and never trained on.",
                  hi="हर अंक का वह हिस्सा जो सिर्फ़ जाँच के लिए रखा जाता है, ट्रेनिंग में नहीं आता।"),
    )  # fmt: skip
    few: int = option(
        0, ge=0, le=1700, unit="items", advanced=True,
        title=Text(en="Train on few", hi="थोड़े पर ट्रेनिंग"),
        help=Text(en="Only so many training images, each digit equally often, to see a model learn them by heart; 0: all.",
                  hi="सिर्फ़ इतनी ट्रेनिंग तस्वीरें, हर अंक बराबर बार, ताकि दिखे कि मॉडल कैसे रटता है; 0: सब।"),
    )  # fmt: skip


def load(config: DigitsConfig) -> Dataset:
    """The digits as [items, 1, 8, 8] in [-1, 1]."""
    with np.load(FILE) as arrays:
        x = arrays["images"][:, None].astype(np.float32) * (2 / _DEEPEST) - 1
        y = arrays["label"].astype(np.int64)
    test = held_out(y, config.test_share)
    train = np.flatnonzero(~test)
    if config.few:
        rank = np.array(
            [np.sum(y[train[:k]] == y[train[k]]) for k in range(len(train))]
        )  # the how-many-eth of its digit
        train = np.sort(train[np.lexsort((y[train], rank))][: config.few])
    return make_dataset("image", Split(x[train], y[train]), Split(x[test], y[test]), [str(k) for k in range(10)])


DATASET = DatasetCard(
    name="digits",
    title=Text(en="Handwritten digits", hi="हाथ से लिखे अंक"),
    summary=Text(
        en="1,797 grey images of the digits 0 to 9, 8×8 pixels. Small enough to train on in two minutes.",
        hi="0 से 9 तक के अंकों की 1,797 ग्रे तस्वीरें, 8×8 पिक्सेल। दो मिनट में ट्रेनिंग हो जाती है।",
    ),
    kind="image",
    licence=Text(en="CC BY 4.0 (UCI), through scikit-learn (BSD-3)", hi="CC BY 4.0 (UCI), scikit-learn (BSD-3) के ज़रिए"),
    source="E. Alpaydin, C. Kaynak, UCI Machine Learning Repository, 1998, doi:10.24432/C50P49",
    config=DigitsConfig,
    load=load,
)
