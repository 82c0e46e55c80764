"""Blanks in a sentence, and what a masked language model would write there.

A blank is `[MASK]` or three underscores and more; one token stands in it. Byte pairs bring the space before a word with them, so a
space before a blank belongs to the blank, and says that a word begins there: the chances are then those among such tokens.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from data.catalog import Config, option
from data.text import Problem, Text
from lightning_modules.language.network import LanguageNetwork
from lightning_modules.language.vocabulary import BytePairs, Vocabulary

LONGEST_SENTENCE = 2000
_BLANK = re.compile(r"\[MASK\]|_{3,}")


class FillRequest(Config):
    """Fill the blanks of a sentence."""

    prompt: str = option(
        ..., max_length=LONGEST_SENTENCE,
        title=Text(en="Sentence with blanks", hi="खाली जगह वाला वाक्य"),
        help=Text(en="Write [MASK] or ____ where a token is missing.", hi="जहाँ टोकन छूटा है वहाँ [MASK] या ____ लिखें।"),
    )  # fmt: skip
    expected: int = option(
        8, ge=1, le=50, unit="tokens",
        title=Text(en="Answers shown", hi="दिखाए गए जवाब"),
        help=Text(en="How many of the likeliest tokens are told with their chances.", hi="सबसे संभावित टोकन में से कितने दिखाए जाएँ।"),
    )  # fmt: skip


@dataclass(frozen=True)
class Blanks:
    """A sentence with blanks: the tokens before, between and after them, and whether a space was typed before each."""

    tokens: list[int]
    places: list[int]
    spaced: list[bool]


def blanks_of(sentence: str, vocabulary: Vocabulary, mask: int) -> Blanks:
    """The tokens of a sentence with `mask` in its blanks.

    Raises:
        Problem: The sentence is empty or has no blank.
    """
    if not sentence.strip():
        raise Problem(
            Text(en="Type a sentence with a blank: [MASK] or ____.", hi="खाली जगह वाला एक वाक्य लिखें: [MASK] या ____।"),
            code="empty_prompt", field="prompt",
        )  # fmt: skip
    parts = _BLANK.split(sentence)
    if len(parts) == 1:
        raise Problem(
            Text(en="There is no blank in this sentence: write [MASK] or ____ where a token is missing.",
                 hi="इस वाक्य में कोई खाली जगह नहीं है: जहाँ टोकन छूटा है वहाँ [MASK] या ____ लिखें।"),
            code="no_blank", field="prompt",
        )  # fmt: skip
    tokens: list[int] = []
    places: list[int] = []
    spaced: list[bool] = []
    for number, part in enumerate(parts):
        followed = number < len(parts) - 1
        space = followed and part.endswith(" ") and isinstance(vocabulary, BytePairs)
        tokens += vocabulary.encode(part[:-1] if space else part)
        if followed:
            places.append(len(tokens))
            spaced.append(space)
            tokens.append(mask)
    return Blanks(tokens, places, spaced)


def without_blanks(sentence: str) -> str:
    """What was typed around the blanks."""
    return _BLANK.sub(" ", sentence)


@torch.no_grad()
def answers(network: LanguageNetwork, tokens: Tensor, places: Sequence[int], size: int) -> Tensor:
    """Chances of each token of the vocabulary at some places of tokens [1, tokens], [places, size], in double precision."""
    vectors = network.vectors(tokens)[0, list(places)]
    chances: Tensor = network.head(vectors)[:, :size].double().softmax(-1)
    return chances
