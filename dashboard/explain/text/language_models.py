"""Language models trained here: what GPT expects next, and what BERT would write in a blank. Targets are the tokens of the vocabulary."""

from __future__ import annotations

import re

import torch
from torch import Tensor

from dashboard.explain.text.models import Reading, Scores, TextModel, owners, unknown_target
from dashboard.explain.text.typed import check, words_of
from data.text import Problem, Text
from lightning_modules.exact import weights_sha256
from lightning_modules.language.bert import BERT
from lightning_modules.language.filling import blanks_of, without_blanks
from lightning_modules.language.modelling import LanguageMethod
from lightning_modules.language.network import LanguageNetwork
from lightning_modules.language.vocabulary import BytePairs, Vocabulary, told_token

_BLANK = re.compile(r"\[MASK\]|_{3,}")


class LanguageTextModel(TextModel):
    """A model that says something of a token; the tokens beside it are what it is told by."""

    def __init__(self, name: str, method: LanguageMethod) -> None:
        self.name, self.method = name, method
        self.network = method.best.requires_grad_(False).eval()
        self.weights = weights_sha256(self.network.state_dict())
        self.asks = "blank" if isinstance(method, BERT) else "next"

    @property
    def vocabulary(self) -> Vocabulary:
        """Of the training text."""
        return self.method.vocabulary

    def read(self, text: str) -> Reading:
        """GPT is asked at the last token, BERT at the first blank; there the model is asked, so these are never left out."""
        text = check(text)
        words = words_of(text)
        if isinstance(self.method, BERT):
            self.method.check_script(without_blanks(text))
            blanks = blanks_of(text, self.vocabulary, self.method.mask)  # refuses a sentence without a blank
            numbers, places = self._between_blanks(text)
            assert numbers == blanks.tokens, "tokens are those that the box of the run fills"
            at = blanks.places[0]
        else:
            self.method.check_script(text)
            text = text.rstrip("\n")
            numbers, places = self._placed(text)
            at = len(numbers) - 1
        self.method.check_length(len(numbers))
        owner = owners(places, words)
        owner[at] = -1
        masks = [k for k, one in enumerate(numbers) if one == getattr(self.method, "mask", None)]
        owner[masks] = -1
        return Reading(words, torch.tensor(numbers), tuple(self._name(one) for one in numbers), owner, at)

    def _placed(self, text: str, first: int = 0) -> tuple[list[int], list[tuple[int, int]]]:
        """Tokens of a text, and where each starts and ends."""
        if isinstance(self.vocabulary, BytePairs):
            found = self.vocabulary.tokenizer.encode(text)
            return list(found.ids), [
                (first + start, first + end) for start, end in _without_blanks(found.offsets, text)
            ]
        return self.vocabulary.encode(text), [(first + k, first + k + 1) for k in range(len(text))]

    def _between_blanks(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """The same of a text with blanks; one space before a blank belongs to it where tokens bring their spaces."""
        assert isinstance(self.method, BERT)
        numbers: list[int] = []
        places: list[tuple[int, int]] = []
        start = 0
        for blank in [*_BLANK.finditer(text), None]:
            part = text[start : blank.start() if blank else len(text)]
            spaced = blank is not None and part.endswith(" ") and isinstance(self.vocabulary, BytePairs)
            more, where = self._placed(part[:-1] if spaced else part, start)
            numbers += more
            places += where
            if blank is not None:
                numbers.append(self.method.mask)
                places.append((blank.start(), blank.start()))
                start = blank.end()
        return numbers, places

    def _name(self, token: int) -> str:
        if token == getattr(self.method, "mask", None):
            return "[MASK]"
        return told_token(self.vocabulary.decode([token]), spaced=False)

    def embed(self, numbers: Tensor) -> Tensor:
        """As `TextModel`."""
        assert isinstance(self.network, LanguageNetwork)
        vectors: Tensor = self.network.embedding(numbers)
        return vectors

    def blank(self) -> Tensor:
        """The sign for a hidden token; where there is none, the mean of all tokens."""
        assert isinstance(self.network, LanguageNetwork)
        mask = getattr(self.method, "mask", None)
        return self.network.embedding.weight.mean(dim=0) if mask is None else self.embed(torch.tensor(mask))

    def raw(self, embedded: Tensor, there: Tensor, at: Tensor) -> Tensor:
        """Logits of the tokens of the text [batch, vocabulary]; [MASK] is never said."""
        assert isinstance(self.network, LanguageNetwork)
        vectors = self.network.read_on(embedded, None if bool(there.all()) else there)
        logits: Tensor = self.network.head(vectors[torch.arange(len(at)), at])
        return logits[:, : self.vocabulary.size]

    def said(self, raw: Tensor) -> Tensor:
        """Probabilities."""
        return raw.softmax(dim=-1)

    def title(self, target: int) -> Text:
        """The token, its blanks made visible."""
        return Text(en=self._name(target), hi=self._name(target))

    def target(self, wanted: str, raw: Scores) -> int:
        """A token as it is shown, or as it is typed."""
        if not wanted:
            return int(raw.argmax())
        for token in raw.argsort()[::-1]:
            if wanted in (self._name(int(token)), self.vocabulary.decode([int(token)])):
                return int(token)
        raise unknown_target(wanted, ", ".join(f"“{self._name(int(k))}”" for k in raw.argsort()[::-1][:3]))

    def attention(self, reading: Reading) -> tuple[Tensor, Tensor]:
        """The answer is read at one token."""
        assert isinstance(self.network, LanguageNetwork)
        _, weights = self.network.watch(reading.numbers[None])
        looks = torch.zeros(len(reading.numbers))
        looks[reading.at] = 1.0
        return weights[:, 0], looks


def _without_blanks(offsets: list[tuple[int, int]], text: str) -> list[tuple[int, int]]:
    """Places of tokens without the blanks they begin with, unless they are nothing else."""
    found = []
    for start, end in offsets:
        first = start
        while first < end and text[first].isspace():
            first += 1
        found.append((first if first < end else start, end))
    return found


def trained_here(name: str, method: object) -> LanguageTextModel:
    """The language model of a run.

    Raises:
        Problem: What the run trained is no language model.
    """
    if not isinstance(method, LanguageMethod):
        raise Problem(
            Text(en="What this run trained does not read texts; choose a language model such as GPT or BERT.",
                 hi="इस रन का मॉडल टेक्स्ट नहीं पढ़ता; GPT या BERT जैसा भाषा मॉडल चुनें।"),
            code="no_language_model", field="model",
        )  # fmt: skip
    return LanguageTextModel(name, method)
