"""Byte-pair tokens of English and Hindi words (arXiv:1508.07909), over characters, never split inside a known word part.

The alphabet is exactly what `reading` lets through, so that no prompt that is accepted holds an unknown token.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from torch import Tensor

from lightning_modules.text.reading import DEVANAGARI, LATIN

PADDING = "[PAD]"
UNKNOWN = "[UNK]"
VOCABULARY = 4800
MAX_TOKENS = 64


def train_tokenizer(texts: Iterable[str], vocabulary: int = VOCABULARY) -> Tokenizer:
    """A tokenizer of at most `vocabulary` tokens for normalised `texts`; padding is token 0."""
    tokenizer = Tokenizer(models.BPE(unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(prepend_scheme="always"),
            pre_tokenizers.Punctuation("isolated"),
            pre_tokenizers.Digits(individual_digits=True),
        ]
    )
    alphabet = sorted((LATIN | DEVANAGARI) - {" "} | {"▁"})
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        min_frequency=2,
        special_tokens=[PADDING, UNKNOWN],
        initial_alphabet=alphabet,
        limit_alphabet=len(alphabet),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def load_tokenizer(path: Path) -> Tokenizer:
    """The tokenizer of a `tokenizer.json`, without padding and cutting, which are done here."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def numbers_of(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    """The token numbers of each text.

    One call a text: `encode_batch` would start threads, and this process may still have to fork.
    """
    return [list(tokenizer.encode(text).ids) for text in texts]


def padded(numbers: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Token numbers [batch, tokens] filled up with 0 to the longest, and the mask [batch, tokens], true on real tokens."""
    longest = max(map(len, numbers))
    filled = torch.tensor([[*row, *[0] * (longest - len(row))] for row in numbers], dtype=torch.long)
    lengths = torch.tensor([len(row) for row in numbers])
    return filled, torch.arange(longest)[None] < lengths[:, None]
