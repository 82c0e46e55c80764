"""Encoders that make one vector of a text: is it favourable (MiniLM and a head that ships), is it like another text (MiniLM, English-Hindi).

F of favour is the log-odds w · u + b; F of likeness the cosine u · v, v the other text. u is the pooled vector.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from torch import Tensor

from dashboard.explain.text.models import Reading, Scores, TextModel, owners, unknown_target
from dashboard.explain.text.typed import check, check_script, words_of
from data.text import Problem, Text
from lightning_modules.exact import weights_sha256
from lightning_modules.text import reading, sentiment
from lightning_modules.text.encoder import TextEncoder
from lightning_modules.text.network import TextNetwork, pooled
from lightning_modules.text.pretrained import LONGEST, MiniLM, MiniLMNetwork

SENTIMENT: Final = "sentiment"
MINILM: Final = "minilm"
ENGLISH_HINDI: Final = "english_hindi"
FAVOUR: Final = (Text(en="favourable", hi="अच्छी राय"), Text(en="unfavourable", hi="ख़राब राय"))
_MASK, _UNKNOWN = "[MASK]", "[UNK]"


class SentenceModel(TextModel):
    """Tokens -> one vector of length 1, whose parts are told apart by a subclass."""

    def __init__(self, encoder: MiniLM | TextEncoder) -> None:
        self.encoder = encoder
        self.network = encoder.network
        self.hindi = isinstance(encoder, TextEncoder)
        self.weights = weights_sha256(encoder.network.state_dict())

    def read(self, text: str) -> Reading:
        """As `TextModel`; more tokens than the encoder was trained on are refused."""
        text = check(text)
        check_script(text, hindi=self.hindi)
        spelt = reading.normalise(text)
        words, typed = words_of(spelt), words_of(text)
        found = self.encoder.tokenizer.encode(spelt)
        if len(found.ids) > LONGEST:
            raise Problem(
                Text(en=f"The text falls into {len(found.ids)} parts of words; the model reads {LONGEST} at a time. Shorten it.",
                     hi=f"टेक्स्ट शब्दों के {len(found.ids)} टुकड़ों में बँटता है; मॉडल एक बार में {LONGEST} पढ़ता है। इसे छोटा करें।"),
                code="text_too_long", field="text",
            )  # fmt: skip
        shown = typed if len(typed) == len(words) else words
        return Reading(shown, torch.tensor(found.ids), tuple(found.tokens), owners(list(found.offsets), words))

    def embed(self, numbers: Tensor) -> Tensor:
        """As `TextModel`."""
        vectors: Tensor = self.network.embedding(numbers)  # type: ignore[operator]
        return vectors

    def blank(self) -> Tensor:
        """The sign for a hidden word where there is one, else that for an unknown one."""
        name = _UNKNOWN if self.hindi else _MASK
        return self.embed(torch.tensor(self.encoder.tokenizer.token_to_id(name)))

    def vector(self, embedded: Tensor, there: Tensor) -> Tensor:
        """The pooled vectors [batch, width]; a text with nothing left in it is read as one unknown word."""
        empty = ~there.any(dim=1)
        if bool(empty.any()):
            embedded, there = embedded.clone(), there.clone()
            embedded[empty, 0], there[empty, 0] = self.blank(), True
        assert isinstance(self.network, MiniLMNetwork | TextNetwork)
        return pooled(self.network.read(embedded, there), there)

    def attention(self, reading: Reading) -> tuple[Tensor, Tensor]:
        """The pooled vector is the mean over all tokens, so each of them looks with the same weight."""
        numbers = reading.numbers[None]
        assert isinstance(self.network, MiniLMNetwork | TextNetwork)
        _, weights = self.network.watch(numbers, torch.ones_like(numbers, dtype=torch.bool))
        return weights[:, 0], torch.full((numbers.shape[1],), 1 / numbers.shape[1])


class Favour(SentenceModel):
    """Whether a text speaks well of something: targets "positive" and "negative"."""

    name, asks = SENTIMENT, "favour"

    def __init__(self) -> None:
        super().__init__(MiniLM.load())
        self.head = sentiment.load()

    def raw(self, embedded: Tensor, there: Tensor, at: Tensor) -> Tensor:
        """Log-odds of both [batch, 2], one the negative of the other."""
        odds = self.vector(embedded, there) @ self.head.weight + self.head.bias
        return torch.stack([odds, -odds], dim=-1)

    def said(self, raw: Tensor) -> Tensor:
        """Probabilities."""
        return torch.sigmoid(raw)

    def title(self, target: int) -> Text:
        """As `TextModel`."""
        return FAVOUR[target]

    def target(self, wanted: str, raw: Scores) -> int:
        """By number, or by a word of either language."""
        if not wanted:
            return int(raw.argmax())
        names = {"positive": 0, "negative": 1, "0": 0, "1": 1}
        names |= {said: k for k, title in enumerate(FAVOUR) for said in (title.en, title.hi)}
        if (found := names.get(wanted.casefold())) is None:
            raise unknown_target(wanted, "positive, negative")
        return found


class Likeness(SentenceModel):
    """How alike a text is to `other`: one target, the cosine."""

    asks = "likeness"

    def __init__(self, name: str, other: str) -> None:
        super().__init__(MiniLM.load() if name == MINILM else TextEncoder.load())
        self.name, self.other = name, check(other, "other")
        check_script(self.other, hindi=self.hindi, field="other")
        spelt = self.encoder.tokenizer.encode(reading.normalise(self.other)).ids[:LONGEST]
        numbers = torch.tensor([spelt])
        with torch.no_grad():
            self.direction = self.vector(self.embed(numbers), torch.ones_like(numbers, dtype=torch.bool))[0]

    def raw(self, embedded: Tensor, there: Tensor, at: Tensor) -> Tensor:
        """The cosine [batch, 1]."""
        return (self.vector(embedded, there) @ self.direction)[:, None]

    def said(self, raw: Tensor) -> Tensor:
        """The same."""
        return raw

    def title(self, target: int) -> Text:
        """The other text."""
        return Text(en=self.other, hi=self.other)

    def target(self, wanted: str, raw: Scores) -> int:
        """There is but one."""
        if wanted not in ("", "0", self.other):
            raise unknown_target(wanted, f"“{self.other}”")
        return int(np.int64(0))
