"""What the text encoder learns from: emoji names, mixes made of them, captions of digits, and sentence pairs.

Names are CLDR's, sentences those of LibreOffice's help and menus. Mixes such as “blue cat” are made here, so that the
encoder has met words apart from the one name they stand in.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data.datasets.emoji import UNNAMED
from data.text import Text
from lightning_modules.text.reading import DEVANAGARI, LATIN, MAX_CHARACTERS, normalise

BUNDLED = Path(__file__).parents[2] / "data" / "bundled"
NAMES = BUNDLED / "emoji_32.npz"
SENTENCES = BUNDLED / "translation_en_hi.csv.gz"

MOST_WORDS = 16
"""Longer sentences are left out: prompts are short, and length is what training costs."""

COLOURS = (
    ("red", ("लाल",)), ("blue", ("नीला", "नीली", "नीले")), ("green", ("हरा", "हरी", "हरे")), ("yellow", ("पीला", "पीली", "पीले")),
    ("orange", ("नारंगी",)), ("purple", ("बैंगनी",)), ("brown", ("भूरा", "भूरी", "भूरे")), ("black", ("काला", "काली", "काले")),
    ("white", ("सफ़ेद",)), ("pink", ("गुलाबी",)), ("gray", ("स्लेटी", "धूसर")),
    ("big", ("बड़ा", "बड़ी", "बड़े")), ("small", ("छोटा", "छोटी", "छोटे")),
)  # fmt: skip
DIGITS = (
    ("zero", "शून्य"), ("one", "एक"), ("two", "दो"), ("three", "तीन"), ("four", "चार"), ("five", "पाँच"), ("six", "छह"),
    ("seven", "सात"), ("eight", "आठ"), ("nine", "नौ"),
)  # fmt: skip
DIGIT_WORDINGS = (
    ("{word}", "{word}"), ("{digit}", "{digit}"), ("the digit {digit}", "अंक {digit}"), ("the digit {word}", "अंक {word}"),
    ("a handwritten {word}", "हाथ से लिखा {word}"), ("a handwritten {digit}", "हाथ से लिखा {digit}"),
    ("a picture of the number {word}", "संख्या {word} की तस्वीर"), ("the number {digit}", "संख्या {digit}"),
    ("{word} in white on black", "काले पर सफ़ेद {word}"), ("the digit {digit}, written by hand", "हाथ से लिखा अंक {digit}"),
)  # fmt: skip
NAME_WORDINGS = (
    ("a picture of {name}", "{name} की तस्वीर"), ("a picture of {name}", "{name} का चित्र"), ("{name} emoji", "{name} इमोजी"),
    ("an emoji of {name}", "{name} का इमोजी"), ("a drawing of {name}", "{name} का चित्र"), ("two {name}", "दो {name}"),
)  # fmt: skip

_MARKUP = re.compile(r"[$%<>{}~_\\|]|\([A-Z]\)")


@dataclass(frozen=True)
class Corpus:
    """Normalised pairs by kind; `held_out` are sentences that are never trained on."""

    names: list[Text]
    parts: list[Text]
    mixes: list[Text]
    digits: list[Text]
    sentences: list[Text]
    held_out: list[Text]

    def trained(self) -> list[Text]:
        """All pairs that are trained on."""
        return [*self.names, *self.parts, *self.mixes, *self.digits, *self.sentences]


def read_names() -> list[Text]:
    """The names of the 1,360 emoji, as they are written; the one without a Hindi name gets that of its like."""
    with np.load(NAMES) as arrays:
        pairs = zip(arrays["en"].tolist(), arrays["hi"].tolist(), strict=True)
        return [Text(en=en, hi=hi or UNNAMED[en]) for en, hi in pairs]


def read_corpus(*, mixes: int = 4_000, held_out: int = 500, seed: int = 0) -> Corpus:
    """Everything, the same on every machine."""
    dice = np.random.Generator(np.random.PCG64(seed))
    names = [_normalised(name) for name in read_names()]
    # CLDR gives some Hindi names with synonyms behind commas: the first one alone names the thing too.
    parts = [Text(en=name.en, hi=name.hi.split(",")[0].strip()) for name in names if "," in name.hi]
    digits = [
        Text(en=en.format(word=word, digit=k), hi=hi.format(word=said, digit=k))
        for k, (word, said) in enumerate(DIGITS)
        for en, hi in DIGIT_WORDINGS
    ]
    kept, apart = _divided(_read_sentences(), held_out, dice)
    taught = {text for name in (*names, *parts) for text in (name.en, name.hi)}
    return Corpus(
        names, parts, _mixes(names, mixes, dice), [_normalised(d) for d in digits], kept,
        [pair for pair in apart if pair.en not in taught and pair.hi not in taught],
    )  # fmt: skip


def _normalised(pair: Text) -> Text:
    return Text(en=normalise(pair.en), hi=normalise(pair.hi))


def _read_sentences() -> list[tuple[str, Text]]:
    """Source and pair; without repeats, markup, and letters that cannot be read."""
    with gzip.open(SENTENCES, "rt", encoding="utf-8", newline="") as lines:
        rows = [(row["source"], Text(en=row["en"], hi=row["hi"])) for row in csv.DictReader(lines)]
    found: dict[Text, str] = {}
    for source, raw in rows:
        pair = _normalised(raw)
        readable = (
            set(pair.en) <= LATIN and set(pair.hi) <= LATIN | DEVANAGARI and any(c in DEVANAGARI for c in pair.hi)
        )
        short = 0 < len(pair.en.split()) <= MOST_WORDS and max(len(pair.en), len(pair.hi)) <= MAX_CHARACTERS
        if readable and short and not _MARKUP.search(raw.en + raw.hi):
            found.setdefault(pair, source)
    return [(source, pair) for pair, source in found.items()]


def _divided(found: list[tuple[str, Text]], held_out: int, dice: np.random.Generator) -> tuple[list[Text], list[Text]]:
    """Pairs to train on and to hold out; held out are sentences of three words or more whose two sides stand nowhere else."""
    sides = Counter(side for _, pair in found for side in (pair.en, pair.hi))
    fitting = [
        k for k, (source, pair) in enumerate(found)
        if source != "cldr-emoji" and len(pair.en.split()) >= 3 and sides[pair.en] == sides[pair.hi] == 1
    ]  # fmt: skip
    apart = set(dice.permutation(fitting)[:held_out].tolist())
    return [pair for k, (_, pair) in enumerate(found) if k not in apart], [found[k][1] for k in sorted(apart)]


def _mixes(names: list[Text], count: int, dice: np.random.Generator) -> list[Text]:
    """Names with a colour or size before them, in a wording, or two joined by “and”."""
    made: list[Text] = []
    short = [Text(en=name.en, hi=name.hi.split(",")[0].strip()) for name in names if len(name.en.split()) <= 3]
    for k in range(count):
        name, other = (short[int(j)] for j in dice.integers(len(short), size=2))
        if k % 4 < 2:
            colour, forms = COLOURS[int(dice.integers(len(COLOURS)))]
            made.append(Text(en=f"{colour} {name.en}", hi=f"{forms[int(dice.integers(len(forms)))]} {name.hi}"))
        elif k % 4 == 2:
            made.append(Text(en=f"{name.en} and {other.en}", hi=f"{name.hi} और {other.hi}"))
        else:
            en, hi = NAME_WORDINGS[int(dice.integers(len(NAME_WORDINGS)))]
            made.append(Text(en=en.format(name=name.en), hi=hi.format(name=name.hi)))
    return made
