"""What is explained of a text: the model, the text as it reads it, and the answer that is asked about.

A request gives `model` ("sentiment", "minilm", "english_hindi", or the id of a run with `step` for one of its checkpoints), `text`, for
"minilm" and "english_hindi" the text it is compared with as `other`, and `target`, an answer by name; without one the likeliest.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from dashboard.explain.contract import Explanation
from dashboard.explain.games import Coalitions, Worth
from dashboard.explain.text.language_models import trained_here
from dashboard.explain.text.models import Reading, Scores, TextModel, packed
from dashboard.explain.text.sentence_models import ENGLISH_HINDI, MINILM, SENTIMENT, Favour, Likeness
from data.catalog import Config, ExplainerCard


@dataclass
class TextSubject:
    """One text before one model.

    Attributes:
        model: Who is asked.
        reading: The text.
        target: The answer that is explained.
        scores: Of the whole text, as people read them [targets].
        raw: The same before that.
        calls: Texts the model was asked about.
    """

    model: TextModel
    reading: Reading
    target: int
    scores: Scores
    raw: Scores
    calls: int = 1
    began: float = field(default_factory=time.perf_counter)
    _known: dict[bytes, float] = field(default_factory=dict, repr=False)

    @property
    def players(self) -> npt.NDArray[np.int64]:
        """The words that can be left out, by number."""
        return np.flatnonzero(self.reading.players)

    @property
    def prediction(self) -> float:
        """What is said of the target."""
        return float(self.scores[self.target])

    @property
    def seconds(self) -> float:
        """Since the subject was made."""
        return time.perf_counter() - self.began

    def kept(self, there: Coalitions) -> Tensor:
        """Tokens that stay [batch, tokens] when these of `players` are there [batch, players]."""
        words = np.zeros((len(there), len(self.reading.words) + 1), dtype=bool)
        words[:, self.players] = there
        words[:, -1] = True  # of tokens that belong to no word
        return torch.from_numpy(words[:, self.reading.owner])

    def worth(self, there: Coalitions) -> Worth:
        """What is said of the target when only these of `players` are there, the others left out [batch]. Equal questions are asked once."""
        keys = [row.tobytes() for row in np.packbits(there, axis=1)]
        new = [k for k, key in enumerate(keys) if key not in self._known and key not in keys[:k]]
        new.sort(key=lambda k: int(there[k].sum()))  # rows of like length go through together
        embedded = self.model.embed(self.reading.numbers)
        for first in range(0, len(new), self.model.batch):
            part = new[first : first + self.model.batch]
            said = self._said(*packed(embedded, self.kept(there[part]), self.reading.at))
            self._known.update(zip([keys[k] for k in part], said.tolist(), strict=True))
        return np.array([self._known[key] for key in keys])

    def unseen(self, there: Coalitions) -> Worth:
        """The same where the others keep their place and nothing looks at them: another stand-in for a word that is not there."""
        embedded = self.model.embed(self.reading.numbers)
        found = []
        for first in range(0, len(there), self.model.batch):
            kept = self.kept(there[first : first + self.model.batch])
            at = torch.full((len(kept),), self.reading.at)
            found.append(self._said(embedded.expand(len(kept), *embedded.shape), kept, at))
        return np.concatenate(found)

    def _said(self, embedded: Tensor, there: Tensor, at: Tensor) -> Worth:
        with torch.inference_mode():
            said = self.model.said(self.model.raw(embedded, there, at).double())
        self.calls += len(embedded)
        found: Worth = said[:, self.target].numpy()
        return found

    def gradient(self, embedded: Tensor) -> tuple[Scores, Tensor]:
        """Raw scores of the target at vectors [batch, tokens, width], and their gradients there; no weight is touched."""
        leaf = embedded.detach().requires_grad_()
        there = torch.ones(leaf.shape[:2], dtype=torch.bool)
        with torch.enable_grad():
            raw = self.model.raw(leaf, there, torch.full((len(leaf),), self.reading.at))[:, self.target]
            (slope,) = torch.autograd.grad(raw.sum(), leaf)
        self.calls += len(leaf)
        return raw.detach().double().numpy(), slope

    def of_words(self, of_tokens: Worth) -> Worth:
        """Numbers of tokens [tokens], summed up over each word [words]."""
        found = np.zeros(len(self.reading.words))
        owned = self.reading.owner >= 0
        np.add.at(found, self.reading.owner[owned], of_tokens[owned])
        return found

    def of_players(self, shares: Worth) -> Worth:
        """Numbers of players, among 0 for words that are always there [words]."""
        found = np.zeros(len(self.reading.words))
        found[self.players] = shares
        return found


def subject_of(values: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> TextSubject:
    """The subject of a request.

    Raises:
        Problem: There is no such model or answer, or the text cannot be read.
    """
    step = values.get("step")
    model = find(
        str(values.get("model") or SENTIMENT), str(values.get("other", "")), None if step is None else int(step)
    )
    return subject_for(model, str(values.get("text", "")), str(values.get("target") or ""))


def find(name: str, other: str = "", step: int | None = None) -> TextModel:
    """The model of this name.

    Raises:
        Problem: There is no such run, or it reads no texts.
    """
    if name == SENTIMENT:
        return _favour()
    if name in (MINILM, ENGLISH_HINDI):
        return Likeness(name, other)
    from dashboard.compute.requests import method_of  # which imports the request "explain", and through it this module

    return trained_here(name, method_of(name, step))


@lru_cache(maxsize=1)
def _favour() -> Favour:
    return Favour()


def subject_for(model: TextModel, text: str, target: str = "") -> TextSubject:
    """A text before a model; `target` empty: the likeliest answer."""
    return subject_from(model, model.read(text), target)


def subject_from(model: TextModel, reading: Reading, target: str | int = "") -> TextSubject:
    """A text that was read before a model; the target by name or number."""
    embedded = model.embed(reading.numbers)[None]
    with torch.inference_mode():
        raw = model.raw(embedded, torch.ones(embedded.shape[:2], dtype=torch.bool), torch.tensor([reading.at])).double()
        said = model.said(raw)[0].numpy()
    found = raw[0].numpy()
    return TextSubject(model, reading, target if isinstance(target, int) else model.target(target, found), said, found)


def evidence_of(subject: TextSubject, card: ExplainerCard, config: Config, one: Explanation) -> Iterator[Explanation]:
    """The explanation again, with more and more evidence (`dashboard/explain/text/evidence.py`)."""
    from dashboard.explain.text import evidence  # it explains again, by other methods, which need this module

    return evidence.evidence_of(subject, card, config, one)


def about_model(subject: TextSubject) -> dict[str, Any]:
    """What the model is, in plain values, for the record of an explanation."""
    model = subject.model
    told: dict[str, Any] = {"name": model.name, "weights": model.weights, "asks": model.asks}
    if isinstance(model, Favour):
        told["figures"] = {
            "held-out accuracy": model.head.accuracy, "commonest answer": model.head.commonest, "held-out texts": model.head.held_out,
            "learned from": model.head.learned_from,
        }  # fmt: skip
    return told
