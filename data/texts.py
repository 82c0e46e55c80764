"""Text as a data set: windows of characters as numbers, and the way back.

A character is its Unicode code point, which float32 holds exactly. Training windows overlap, so that a method that takes a
random part of a window meets every character in every place; held-out windows do not, so that each is judged once.
"""

from __future__ import annotations

import codecs

import numpy as np

from data.arrays import make_dataset
from data.catalog import Config, Dataset, FloatArray, Split, option
from data.images import shown_name
from data.text import Problem, Text

FEWEST_CHARACTERS = 1000
"""Less teaches nothing and leaves nothing to test on."""
LAST_CODE_POINT = 0x10FFFF


class TextConfig(Config):
    """How a text is cut into items."""

    window: int = option(
        512, ge=32, le=8192, unit="characters", advanced=True,
        title=Text(en="Characters in a window", hi="एक खंड में अक्षर"),
        help=Text(en="Length of an item; a model sees at most so much at a time.", hi="एक आइटम की लंबाई; मॉडल एक बार में इससे ज़्यादा नहीं देखता।"),
    )  # fmt: skip
    test_share: float = option(
        0.1, ge=0.02, le=0.5, advanced=True,
        title=Text(en="Held-out share", hi="अलग रखा हिस्सा"),
        help=Text(en="Share of the text, its end, that is kept for testing and never trained on.",
                  hi="टेक्स्ट का आख़िरी हिस्सा जो सिर्फ़ जाँच के लिए रखा जाता है, ट्रेनिंग में नहीं आता।"),
    )  # fmt: skip


def code_points(text: str) -> FloatArray:
    """A text as numbers [characters]."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.float32)


def text_of(numbers: FloatArray) -> str:
    """The text of numbers [characters]."""
    return numbers.astype("<u4").tobytes().decode("utf-32-le", "replace")


def windows(text: str, length: int, overlap: int = 0) -> FloatArray:
    """[items, length]: each window shares `overlap` characters with the one before; what fills no window at the end is left out."""
    every = np.lib.stride_tricks.sliding_window_view(code_points(text), length)
    return np.ascontiguousarray(every[:: length - overlap])


def joined(x: FloatArray, overlap: int = 0) -> str:
    """The text that was cut into windows x [items, length]."""
    return text_of(np.concatenate([x[0], x[1:, overlap:].reshape(-1)])) if len(x) else ""


def make_text(text: str, config: TextConfig) -> Dataset:
    """A text as a data set: windows that overlap by half to train on, and its end in windows to test on.

    Raises:
        Problem: The text is too short (`text_too_short`).
    """
    if len(text) < FEWEST_CHARACTERS:
        raise too_short(len(text))
    tested = max(round(len(text) * config.test_share), 64)
    length = min(config.window, tested)
    overlap = length // 2
    train, test = windows(text[:-tested], length, overlap), windows(text[-tested:], length)
    return make_dataset("text", Split(train), Split(test), overlap=overlap)


def too_short(characters: int) -> Problem:
    """What is said of a text that teaches nothing."""
    return Problem(
        Text(
            en=f"The text has only {characters} characters; at least {FEWEST_CHARACTERS:,} are needed to train and to test.",
            hi=f"टेक्स्ट में सिर्फ़ {characters} अक्षर हैं; ट्रेनिंग और जाँच के लिए कम से कम {FEWEST_CHARACTERS:,} चाहिए।",
        ),
        code="text_too_short",
    )


def decoded(content: bytes, name: str) -> str:
    """The text in UTF-8, or in UTF-16 when a mark says so.

    Raises:
        Problem: It is in another encoding, or no text at all.
    """
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    shown = shown_name(name)
    try:
        text = content.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem(
            Text(
                en=f"“{shown}” is not text in UTF-8 (byte {error.start + 1:,} is wrong); save it again in UTF-8.",
                hi=f"“{shown}” UTF-8 में लिखा टेक्स्ट नहीं है (बाइट {error.start + 1:,} ग़लत है); इसे UTF-8 में दोबारा सेव करें।",
            ),
            code="wrong_encoding",
        ) from error
    if "\0" in text:
        raise Problem(
            Text(en=f"“{shown}” is no plain text: it holds zero bytes.", hi=f"“{shown}” सादा टेक्स्ट नहीं है: उसमें शून्य बाइट हैं।"),
            code="not_text",
        )  # fmt: skip
    return text.replace("\r\n", "\n").replace("\r", "\n")
