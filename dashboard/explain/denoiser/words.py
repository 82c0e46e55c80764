"""The words of a prompt, one of them chosen, and what the picture becomes without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from torch import Tensor

from dashboard.explain.contract import Finding
from dashboard.explain.denoiser.subject import DenoiserSubject, distance, prompted
from dashboard.explain.denoiser.telling import NO_WORD
from dashboard.explain.image.config import ImageConfig
from dashboard.explain.image.maps import Map, region
from dashboard.explain.image.proof import PLACES, matters, moved
from data.catalog import option
from data.text import Problem, Text
from lightning_modules.diffusion.asking.word_maps import words_of
from lightning_modules.diffusion.parts.prompts import text_encoder


class WordConfig(ImageConfig):
    """Which word."""

    word: str = option(
        "", max_length=100,
        title=Text(en="Word", hi="शब्द"),
        help=Text(en="A word of the prompt; the first unless told.", hi="प्रॉम्प्ट का कोई शब्द; न बताएँ तो पहला।"),
    )  # fmt: skip


@dataclass(frozen=True)
class Words:
    """A prompt's words, for each of its tokens the number of its word, and which word is looked at."""

    words: tuple[str, ...]
    member: tuple[int, ...]
    chosen: int

    @classmethod
    def of(cls, subject: DenoiserSubject, config: WordConfig) -> Words:
        """Those of the subject's prompt.

        Raises:
            Problem: The model reads no words, nothing is told, or the prompt has no such word.
        """
        prompted(subject.model, subject.condition, subject.prompt)
        if not subject.prompt:
            raise Problem(NO_WORD, code="no_prompt", field="prompt")
        words, member = words_of(text_encoder().pieces(subject.prompt))
        named = [k for k, word in enumerate(words) if word.casefold() == config.word.strip().casefold()]
        if config.word.strip() and not named:
            known = ", ".join(words)
            raise Problem(
                Text(en=f"The prompt has no word “{config.word}”; its words are: {known}.", hi=f"प्रॉम्प्ट में “{config.word}” शब्द नहीं है; इसके शब्द हैं: {known}।"),
                code="unknown_word", field="word",
            )  # fmt: skip
        return cls(tuple(words), tuple(member), named[0] if named else 0)

    @property
    def word(self) -> str:
        """The word that is looked at."""
        return self.words[self.chosen]

    @property
    def others(self) -> str:
        """The prompt without it."""
        return " ".join(word for k, word in enumerate(self.words) if k != self.chosen)


@dataclass(frozen=True)
class Change:
    """What the picture loses without a word: the mean over colours of |difference| [height, width], and its root mean square; of several
    noises the means of both."""

    map: Map
    size: float

    @classmethod
    def of(cls, subject: DenoiserSubject, words: Words, *seeds: int) -> Change:
        """The prompt is read anew without the word: its other words no longer stand in its context."""
        without = prompted(subject.model, subject.condition, words.others)
        maps, sizes = [], []
        for seed in seeds:
            difference: Tensor = subject.drawn(None, seed) - subject.drawn(without, seed)
            maps.append(difference[0].abs().mean(dim=0).double().cpu().numpy())
            sizes.append(float(distance(difference)[0]))
        return cls(np.mean(maps, axis=0), float(np.mean(sizes)))

    def effect(self, slight: float) -> Finding:
        """Whether the word does anything at all; that it hardly does is what the sentence then says, and no fault of it."""
        counts = True if self.size >= slight else None
        return Finding(
            Text(en="The word counts", hi="शब्द का असर है"),
            Text(en=f"Without it the picture changes by {self.size:.3f} (root mean square, on a scale from −1 to 1).",
                 hi=f"इसके बिना तस्वीर {self.size:.3f} बदलती है (वर्ग-माध्य-मूल, −1 से 1 के पैमाने पर)।"),
            self.size, counts,
        )  # fmt: skip

    def there(self, shown: Map, seed: int) -> Finding | None:
        """Whether the region that a map marks changes more than its shape elsewhere; None where it marks none."""
        where = region(shown)
        if not where.any():
            return None
        inside = (moved(where, seed) * self.map).sum(axis=(1, 2))
        beaten = int((inside[1:] < inside[0]).sum())
        return Finding(
            Text(en="The word acts there", hi="शब्द का असर वहीं है"),
            Text(en=f"With {FRESH} other noises too, the marked region changes more without the word than the same shape in {beaten} of {PLACES} other places.",
                 hi=f"{FRESH} दूसरे नॉइज़ पर भी, शब्द के बिना दिखाया गया हिस्सा, {PLACES} में से {beaten} दूसरी जगह उसी आकार की तुलना में, ज़्यादा बदलता है।"),
            beaten / PLACES, matters(beaten),
        )  # fmt: skip


FRESH: Final = 4
"""Noises that a map of a word is checked with, none of them its own."""


def fresh(seed: int) -> range:
    """The seeds of those noises; that of the map, and the next, which the check of stability takes, are not among them."""
    return range(seed + 2, seed + 2 + FRESH)
