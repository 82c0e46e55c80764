"""What a word of the prompt does to the picture at step t: the prompt is read without it, and the two answers are compared, pixel by pixel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dashboard.explain.contract import Explanation, Finding
from dashboard.explain.denoiser.answering import Way, stage_of
from dashboard.explain.denoiser.subject import DenoiserSubject
from dashboard.explain.denoiser.telling import SLIGHT_WORD, wording
from dashboard.explain.denoiser.words import Change, WordConfig, Words, fresh
from dashboard.explain.image.maps import region
from dashboard.explain.image.proof import strongest_of
from dashboard.explain.image.sentence import place
from data.catalog import ExplainerCard
from data.text import Text


def word_left_out(subject: DenoiserSubject, config: WordConfig) -> Iterator[Explanation]:
    """Two passes: with the word and without it."""
    words = Words.of(subject, config)
    change = Change.of(subject, words, config.seed)
    yield Explanation(change.map, change.size, words.word, details={"words": list(words.words), "word": words.word})


def _sentence(subject: DenoiserSubject, config: WordConfig, one: Explanation) -> tuple[Text, dict[str, Any]]:
    where = region(one.attributions)
    told = wording(
        stage_of(subject),
        word=one.target,
        place=place(one.attributions, where),
        moved=one.prediction,
        marked=bool(where.any()),
        confirmed=True,
    )
    return told, {"moved": one.prediction}


def _proof(subject: DenoiserSubject, config: WordConfig, one: Explanation) -> Iterator[tuple[str, Finding]]:
    effect = Change(one.attributions, one.prediction).effect(SLIGHT_WORD)
    yield "effect", effect
    if not effect.speaks_for:
        return
    change = Change.of(subject, Words.of(subject, config), *fresh(config.seed))
    if (there := change.there(one.attributions, config.seed)) is not None:
        yield "reasons", there
        yield "strongest", strongest_of(change.map, one.attributions)


WAY = Way(word_left_out, _sentence, _proof, needs="reasons")

EXPLAINER = ExplainerCard(
    name="word_left_out",
    title=Text(en="Leave a word out", hi="शब्द हटाकर देखना"),
    summary=Text(en="Reads the prompt without the word and shows where the picture changes. Exact, and one word at a time.",
                 hi="प्रॉम्प्ट को उस शब्द के बिना पढ़ता है और दिखाता है कि तस्वीर कहाँ बदली। सटीक, एक बार में एक शब्द।"),
    source="M. Zeiler, R. Fergus, 2013, arXiv:1311.2901, section 4.2, of words in place of windows",
    kind="denoiser",
    config=WordConfig,
    explain=WAY,
)  # fmt: skip
