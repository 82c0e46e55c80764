"""What a text model is to an explainer: tokens with vectors, and scores made of those of them that are there.

Notation: e [tokens, width] the vectors of tokens, `there` [batch, tokens] true on tokens that the model sees; raw scores [batch, targets] are
those whose gradient is taken (a log-odds, a cosine, a logit), `said` the same as people read them (a probability, a cosine).
A word that is left out is gone, and what follows it moves up: what the model is asked then is a text that anybody could have typed.
"""

from __future__ import annotations

import abc
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from dashboard.explain.text.typed import Word
from data.text import Problem, Text

Scores = npt.NDArray[np.float64]
Owners = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Reading:
    """A text as a model reads it.

    Attributes:
        words: As they were typed.
        numbers: Of the tokens [tokens].
        names: What each token is called.
        owner: The word each token belongs to [tokens]; -1 where it is always there.
        at: The token at which a language model is asked what stands there or comes next.
    """

    words: tuple[Word, ...]
    numbers: Tensor
    names: tuple[str, ...]
    owner: Owners
    at: int = 0

    @property
    def players(self) -> npt.NDArray[np.bool_]:
        """Which words can be left out [words]: those that have a token of their own."""
        found: npt.NDArray[np.bool_] = np.isin(np.arange(len(self.words)), self.owner)
        return found


class TextModel(abc.ABC):
    """A network that reads texts, and what is asked of it.

    Attributes:
        name: As in a request.
        network: What is copied and made forget for the check with random weights.
        weights: SHA-256 of the weights.
        asks: "favour", "likeness", "next" or "blank": how its answer is put into words.
    """

    name: str
    network: nn.Module
    weights: str
    asks: str
    batch: int = 64

    @abc.abstractmethod
    def read(self, text: str) -> Reading:
        """The tokens of a text.

        Raises:
            Problem: It cannot be read.
        """

    @abc.abstractmethod
    def embed(self, numbers: Tensor) -> Tensor:
        """Vectors of tokens [tokens, width]."""

    @abc.abstractmethod
    def blank(self) -> Tensor:
        """The vector that says nothing [width]: where the path of integrated gradients begins."""

    @abc.abstractmethod
    def raw(self, embedded: Tensor, there: Tensor, at: Tensor) -> Tensor:
        """Raw scores of vectors [batch, tokens, width]; `at` [batch] is where a language model is asked."""

    @abc.abstractmethod
    def said(self, raw: Tensor) -> Tensor:
        """Raw scores as people read them."""

    @abc.abstractmethod
    def title(self, target: int) -> Text:
        """What a target is called."""

    @abc.abstractmethod
    def target(self, wanted: str, raw: Scores) -> int:
        """The target a person means; without one the likeliest.

        Raises:
            Problem: There is none of that name.
        """

    @abc.abstractmethod
    def attention(self, reading: Reading) -> tuple[Tensor, Tensor]:
        """Who looks where [layers, heads, tokens, tokens], and whose look the answer is made of: a share a token, [tokens]."""

    def answers(self, said: Scores) -> list[tuple[Text, float]]:
        """The likeliest answers with their shares."""
        return [(self.title(int(k)), float(said[k])) for k in np.argsort(-said, kind="stable")[:5]]


def unknown_target(wanted: str, known: str) -> Problem:
    """What is said of an answer that the model does not give."""
    return Problem(
        Text(en=f"The model does not tell “{wanted}”; it tells {known}.", hi=f"मॉडल “{wanted}” नहीं बताता; वह बताता है: {known}।"),
        code="unknown_class", field="target",
    )  # fmt: skip


def owners(starts: list[tuple[int, int]], words: tuple[Word, ...]) -> Owners:
    """The word each token belongs to, from where tokens start and end in the text; blanks go with the word after them.

    A token of blanks at the end, or one without signs, belongs to none: -1.
    """
    ends = np.array([word.end for word in words])
    found = []
    for start, end in starts:
        k = int(np.searchsorted(ends, start, side="right"))
        found.append(k if end > start and k < len(words) else -1)
    return np.array(found, dtype=np.int64)


def packed(embedded: Tensor, kept: Tensor, at: int) -> tuple[Tensor, Tensor, Tensor]:
    """Rows of the vectors that are kept, moved up: embedded [tokens, width], kept [batch, tokens], which always has token `at`.

    Returns:
        Vectors [batch, most kept, width], `there` [batch, most kept], and where token `at` went [batch].
    """
    order = (~kept).long().argsort(dim=1, stable=True)[:, : max(1, int(kept.sum(dim=1).max()))]
    return embedded[order], kept.gather(1, order), kept[:, :at].sum(dim=1)


def forgetful(network: nn.Module, generator: torch.Generator) -> None:
    """Draw every matrix of a network anew, as wide as it was; norms and biases begin anew too. In place."""
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if parameter.ndim > 1:
                spread = float(parameter.std()) or 0.02
                parameter.copy_(spread * torch.randn(parameter.shape, generator=generator))
            else:
                parameter.fill_(1.0 if name.endswith("weight") else 0.0)
