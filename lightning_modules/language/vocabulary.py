"""Text as token numbers and back: characters, or byte pairs (arXiv:1508.07909) learned from the text that is trained on.

Byte pairs are built over bytes, as in GPT-2, so that no text holds anything unknown. GPT-2's own rule for words splits Devanagari at each vowel
sign, since signs are marks and no letters in Unicode; here letters and marks belong together.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from data.catalog import Dataset
from data.texts import LAST_CODE_POINT, code_points, joined, text_of

FEWEST_BYTE_PAIRS = 257
_WORDS = r" ?[\p{L}\p{M}]+| ?\p{N}| ?[^\s\p{L}\p{M}\p{N}]+|\s+"
_MOST_READ = 2_000_000
"""Characters that byte pairs are learned from at most; more changes them little and takes long."""


class Vocabulary(Protocol):
    """Token numbers 0 … size - 1."""

    @property
    def size(self) -> int:
        """Number of tokens."""
        ...

    def encode(self, text: str) -> list[int]:
        """The tokens of a text."""
        ...

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of tokens."""
        ...

    def surprise(self, tokens: Sequence[int]) -> float:
        """Further nats that it takes to say what unknown tokens stand for."""
        ...


class Characters:
    """A token is a character of the training text; token 0 is any other."""

    def __init__(self, text: str) -> None:
        self.letters = np.unique(code_points(text))

    @property
    def size(self) -> int:
        """Characters, and one for all others."""
        return len(self.letters) + 1

    def encode(self, text: str) -> list[int]:
        """One token a character."""
        points = code_points(text)
        place = np.searchsorted(self.letters, points).clip(max=len(self.letters) - 1)
        tokens: list[int] = np.where(self.letters[place] == points, place + 1, 0).tolist()
        return tokens

    def decode(self, tokens: Sequence[int]) -> str:
        """One character a token; an unknown one is “�”."""
        known = np.concatenate([[ord("�")], self.letters])
        return text_of(known[np.asarray(tokens, dtype=np.int64)].astype(np.float32))

    def surprise(self, tokens: Sequence[int]) -> float:
        """As much for each unknown character as an even choice among all others of Unicode."""
        return tokens.count(0) * float(np.log(LAST_CODE_POINT + 1 - len(self.letters)))


class BytePairs:
    """A token is a frequent run of bytes; all 256 single bytes are tokens too."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer

    @classmethod
    def learned(cls, text: str, size: int) -> BytePairs:
        """At most `size` tokens that write `text` in few."""
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # no threads: this process may still have to fork
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Split(Regex(_WORDS), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
        )  # fmt: skip
        tokenizer.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=size, min_frequency=2, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
        )
        tokenizer.train_from_iterator(text[:_MOST_READ].splitlines(keepends=True), trainer)
        return cls(tokenizer)

    @property
    def size(self) -> int:
        """Tokens there are; fewer than asked for where the text is short."""
        return int(self.tokenizer.get_vocab_size())

    def encode(self, text: str) -> list[int]:
        """Fewer tokens than characters, as a rule."""
        return list(self.tokenizer.encode(text).ids)

    def decode(self, tokens: Sequence[int]) -> str:
        """The text; “�” where bytes make no character."""
        return str(self.tokenizer.decode(list(tokens)))

    def surprise(self, tokens: Sequence[int]) -> float:
        """Nothing is unknown."""
        return 0.0


def vocabulary_of(dataset: Dataset, kind: str, size: int) -> Vocabulary:
    """The vocabulary of a data set's training text: "characters", or "bpe" with at most `size` tokens."""
    return Characters(training_text(dataset)) if kind == "characters" else _byte_pairs(_Named(dataset), size)


def training_text(dataset: Dataset) -> str:
    """The text that is trained on, in one piece."""
    return joined(dataset.train.x, dataset.overlap)


def held_out_text(dataset: Dataset, longest: int | None = None) -> str:
    """The beginning of the held-out text."""
    return joined(dataset.test.x)[:longest]


def told_token(token: str, spaced: bool) -> str:
    """A token as it is read: blanks and line ends made visible, `…` before one that goes on the word before it."""
    word = token
    if spaced:
        word = token[1:] if token.startswith(" ") else f"…{token}"
    return word.replace("\n", "↵").replace(" ", "␣") or "␣"


class _Named:
    """A data set that is told apart by its fingerprint, so that its byte pairs are learned once a process."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset

    def __hash__(self) -> int:
        return hash(self.dataset.fingerprint)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Named) and other.dataset.fingerprint == self.dataset.fingerprint


@functools.lru_cache(maxsize=2)
def _byte_pairs(named: _Named, size: int) -> BytePairs:
    return BytePairs.learned(training_text(named.dataset), size)
