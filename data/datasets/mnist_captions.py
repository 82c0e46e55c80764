"""MNIST digits with written captions in English and Hindi: several wordings a digit, some pairs of both never trained on."""

from __future__ import annotations

import numpy as np

from data.arrays import held_out, images_from_bytes, make_dataset
from data.catalog import Dataset, DatasetCard, IntArray, Split
from data.datasets.mnist import DATASET as MNIST
from data.datasets.mnist import FILE, MnistConfig
from data.text import Text

DIGITS = (
    Text(en="zero", hi="शून्य"), Text(en="one", hi="एक"), Text(en="two", hi="दो"), Text(en="three", hi="तीन"),
    Text(en="four", hi="चार"), Text(en="five", hi="पाँच"), Text(en="six", hi="छह"), Text(en="seven", hi="सात"),
    Text(en="eight", hi="आठ"), Text(en="nine", hi="नौ"),
)  # fmt: skip
WORDINGS = (
    Text(en="{word}", hi="{word}"),
    Text(en="the digit {digit}", hi="अंक {digit}"),
    Text(en="a handwritten {word}", hi="हाथ से लिखा {word}"),
    Text(en="a picture of the number {word}", hi="संख्या {word} की तस्वीर"),
    Text(en="{word} in white on black", hi="काले पर सफ़ेद {word}"),
    Text(en="the digit {digit}, written by hand", hi="हाथ से लिखा अंक {digit}"),
)


def captions() -> list[Text]:
    """Every caption: that of digit k in wording w stands at k · wordings + w."""
    return [
        Text(en=wording.en.format(word=word.en, digit=k), hi=wording.hi.format(word=word.hi, digit=k))
        for k, word in enumerate(DIGITS)
        for wording in WORDINGS
    ]


def unseen(digit: int) -> int:
    """The caption of `digit` that is never trained on; its wording is trained with other digits."""
    return digit * len(WORDINGS) + digit % len(WORDINGS)


def load(config: MnistConfig) -> Dataset:
    """The digits as [items, 1, 28, 28] in [-1, 1], `y` a caption of each; held-out items use every caption evenly."""
    with np.load(FILE) as arrays:
        x, label = images_from_bytes(arrays["images"]), arrays["label"].astype(np.int64)
    test = held_out(label, config.test_share)
    numbers = list(range(len(WORDINGS)))
    trained = {k: [k * len(WORDINGS) + w for w in numbers if k * len(WORDINGS) + w != unseen(k)] for k in range(10)}
    every = {k: [k * len(WORDINGS) + w for w in numbers] for k in range(10)}
    return make_dataset(
        "image",
        Split(x[~test], _dealt(label[~test], trained)),
        Split(x[test], _dealt(label[test], every)),
        [str(k) for k in range(10)],
        captions=captions(),
        caption_class=[k for k in range(10) for _ in WORDINGS],
    )


def _dealt(label: IntArray, choices: dict[int, list[int]]) -> IntArray:
    """A caption for each item: the choices of its digit in turn, in an order that is the same on every machine."""
    y = np.empty_like(label)
    generator = np.random.Generator(np.random.PCG64(0))
    for digit, offered in choices.items():
        members = generator.permutation(np.flatnonzero(label == digit))
        y[members] = np.resize(offered, len(members))
    return y


DATASET = DatasetCard(
    name="mnist_captions",
    title=Text(en="MNIST digits with captions", hi="कैप्शन वाले MNIST अंक"),
    summary=Text(
        en="5,000 handwritten digits, 28×28 pixels, described in six wordings in English and Hindi.",
        hi="हाथ से लिखे 5,000 अंक, 28×28 पिक्सेल, हिंदी और अंग्रेज़ी में छह तरह से बताए हुए।",
    ),
    kind="image",
    licence=Text(en=f"{MNIST.licence.en}; captions made here", hi=f"{MNIST.licence.hi}; कैप्शन यहीं बने"),
    source=MNIST.source,
    config=MnistConfig,
    load=load,
    captioned=True,
)
