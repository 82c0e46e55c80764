"""Text models whose reasons are known, and ways to explain them, good, starved and broken: what the light of texts is tried on.

A planted model looks at 2 to 4 of 6 to 14 words: each moves the log-odds by its size, sometimes two of them together by some more (as "not"
and "good" do). The Shapley values of the probability follow from the few words it looks at. What is *right* is said in `planted`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from dashboard.explain.contract import Explanation
from dashboard.explain.games.exact import exact
from dashboard.explain.text import leave_one_out, word_gradients, word_lime, word_shap
from dashboard.explain.text.answering import answering
from dashboard.explain.text.config import TextExplainerConfig
from dashboard.explain.text.models import Reading, Scores, TextModel
from dashboard.explain.text.subject import TextSubject, subject_for
from dashboard.explain.text.typed import words_of
from data.catalog import ExplainerCard
from data.text import Text

Array = npt.NDArray[np.float64]

_WIDTH = 24
_NAME = Text(en="Way", hi="तरीका")


class _Weights(nn.Module):
    """Vectors of the words, and three directions: what a word is worth, and the two that count together."""

    def __init__(self, vectors: Tensor, worth: Tensor, pair: Tensor) -> None:
        super().__init__()
        self.vectors, self.worth, self.pair = (nn.Parameter(one) for one in (vectors, worth[None], pair))


class PlantedText(TextModel):
    """Log-odds = bias + Σ worth·e + together · (Σ p·e)(Σ q·e), over the words that are there."""

    name, weights, asks = "planted", "", "favour"
    network: _Weights

    def __init__(
        self, sizes: Array, pair: tuple[int, int], together: float, bias: float, rng: np.random.Generator
    ) -> None:
        words = len(sizes)
        basis = np.linalg.qr(rng.normal(size=(_WIDTH, _WIDTH)))[
            0
        ]  # row k is the direction of word k, the others of none
        vectors = basis[:words] + rng.normal(size=(words, _WIDTH - words)) @ basis[words:] * 0.5
        worth = sizes @ basis[:words]
        self.together, self.bias = together, bias
        self.network = _Weights(*(torch.from_numpy(one) for one in (vectors, worth, basis[list(pair)])))

    def read(self, text: str) -> Reading:
        """A token a word."""
        words = words_of(text)
        return Reading(words, torch.arange(len(words)), tuple(word.text for word in words), np.arange(len(words)))

    def embed(self, numbers: Tensor) -> Tensor:
        """Their vectors."""
        found: Tensor = self.network.vectors[numbers]
        return found

    def blank(self) -> Tensor:
        """Nothing."""
        return torch.zeros(_WIDTH, dtype=torch.float64)

    def raw(self, embedded: Tensor, there: Tensor, at: Tensor) -> Tensor:
        """Log-odds of both."""
        all_there = (embedded * there[..., None]).sum(dim=1)
        pair = all_there @ self.network.pair.T
        odds = self.bias + (all_there @ self.network.worth.T)[:, 0] + self.together * pair[:, 0] * pair[:, 1]
        return torch.stack([odds, -odds], dim=-1)

    def said(self, raw: Tensor) -> Tensor:
        """Probabilities."""
        return torch.sigmoid(raw)

    def title(self, target: int) -> Text:
        """For or against."""
        return Text(en=("for", "against")[target], hi=("पक्ष", "विपक्ष")[target])

    def target(self, wanted: str, raw: Scores) -> int:
        """The likelier."""
        return int(raw.argmax())

    def attention(self, reading: Reading) -> tuple[Tensor, Tensor]:
        """It has none: all are looked at alike."""
        tokens = len(reading.numbers)
        return torch.full((1, 1, tokens, tokens), 1 / tokens), torch.full((tokens,), 1 / tokens)


@dataclass(frozen=True)
class Planted:
    """A subject, and what its words truly contribute [words]."""

    subject: TextSubject
    truth: Array


def planted(seed: int) -> Planted:
    """A model with known reasons before a text."""
    rng = np.random.default_rng(seed)
    words = int(rng.integers(6, 15))
    active = rng.permutation(words)[: int(rng.integers(2, 5))]
    sizes = np.zeros(words)
    sizes[active] = rng.choice([-1, 1], size=len(active)) * rng.uniform(0.5, 2, size=len(active))
    together = float(rng.choice([-1, 1]) * rng.uniform(0.5, 2)) if rng.random() < 0.4 else 0.0
    pair = (int(active[0]), int(active[1]))
    model = PlantedText(sizes, pair, together, float(rng.normal() * 0.5), rng)
    subject = subject_for(model, " ".join(f"w{k}" for k in range(words)))

    def worth(there: npt.NDArray[np.bool_]) -> Array:
        full = np.zeros((len(there), words), dtype=bool)
        full[:, active] = there
        odds = model.bias + full @ sizes + together * full[:, pair[0]] * full[:, pair[1]]
        said: Array = 1 / (1 + np.exp(-odds if subject.target == 0 else odds))
        return said

    truth = np.zeros(words)
    truth[active] = exact(worth, len(active))
    return Planted(subject, truth)


def _fixed(subject: TextSubject, seed: int = 0) -> np.random.Generator:
    """Another for each model and seed."""
    return np.random.default_rng([int(abs(subject.prediction) * 1e9), seed])


def spoiled(name: str, spoil: Callable[[Array, TextSubject, int], Array]) -> ExplainerCard:
    """A way that spoils a good explanation; what it spoils it with may depend on the seed."""

    def explain(subject: TextSubject, config: TextExplainerConfig) -> Iterator[Explanation]:
        *_, good = word_shap.word_shap(subject, word_shap.WordShapConfig())
        found = spoil(good.attributions, subject, config.seed)
        yield dataclasses.replace(good, attributions=found, half_width=None, base_value=None)

    return ExplainerCard(name, _NAME, _NAME, "made", "text", TextExplainerConfig, answering(explain))


def _noised(share: float, *, stable: bool) -> Callable[[Array, TextSubject, int], Array]:
    return lambda good, subject, seed: (
        good + share * np.abs(good).max() * _fixed(subject, 0 if stable else seed + 1).normal(size=len(good))
    )


WAYS: dict[str, tuple[ExplainerCard, dict[str, Any]]] = {
    "word_shap": (word_shap.EXPLAINER, {}),
    "word_lime": (word_lime.EXPLAINER, {}),
    "word_gradients": (word_gradients.EXPLAINER, {}),
    "leave_one_out": (leave_one_out.EXPLAINER, {}),
    "word_shap starved": (word_shap.EXPLAINER, {"most_questions": 32}),
    "word_lime starved": (word_lime.EXPLAINER, {"samples": 32}),
    "noise of a tenth": (spoiled("s1", _noised(0.1, stable=False)), {}),
    "noise of a half": (spoiled("s2", _noised(0.5, stable=False)), {}),
    "stable noise of a half": (spoiled("s3", _noised(0.5, stable=True)), {}),
    "nothing but noise": (spoiled("s4", lambda good, subject, seed: _fixed(subject, seed).normal(size=len(good))), {}),
    "words mixed up": (spoiled("s5", lambda good, subject, seed: good[_fixed(subject).permutation(len(good))]), {}),
    "signs turned": (spoiled("s6", lambda good, subject, seed: -good), {}),
    "the first words": (spoiled("s7", lambda good, subject, seed: np.linspace(1, 0, len(good)) ** 3), {}),
}
"""Each with its settings; `bench_text_evidence` runs all on the same models."""
