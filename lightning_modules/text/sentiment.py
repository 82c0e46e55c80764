"""Whether a text is favourable: logistic regression on MiniLM's sentence vector, learned from rated snippets that ship.

`python -m lightning_modules.text.sentiment` learns it anew (about eight minutes) and writes `sentiment_head.json`: 385 numbers, what they
were learned from, and how often they are right on snippets that were held out. Snippets are those rated for VADER (C. Hutto, E. Gilbert:
VADER, ICWSM 2014): reviews of films, tweets, reviews of products, each the mean of about twenty ratings from -4 to 4. Texts rated within
`UNDECIDED` of 0 are left out: people did not agree about them.

Score: F = w · u + b, u [384] the vector of length 1; P(positive) = 1 / (1 + exp(-F)).
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from lightning_modules.text import reading
from lightning_modules.text.corpus import BUNDLED
from lightning_modules.text.pretrained import MiniLM

DATA = BUNDLED / "sentiment_vader.csv.gz"
HEAD = BUNDLED / "sentiment_head.json"
UNDECIDED = 0.5
HELD_OUT = 5
"""One snippet in so many, chosen by the hash of its text, is never learned from."""
RIDGE = 3e-4
"""Weight of |w|² / 2 beside the mean cross-entropy; among the best on a fifth of the snippets that are learned from."""
_AT_ONCE = 64


@dataclass(frozen=True)
class Head:
    """The direction of favour [384] and its bias; `accuracy` on `held_out` snippets and `commonest`, that of always the commoner answer."""

    weight: Tensor
    bias: float
    accuracy: float
    commonest: float
    held_out: int
    learned_from: int
    data: str


@dataclass(frozen=True)
class Snippets:
    """Texts, whether people rated them above zero, and which are held out, all [snippets]."""

    texts: tuple[str, ...]
    positive: npt.NDArray[np.bool_]
    apart: npt.NDArray[np.bool_]


def read_snippets() -> Snippets:
    """The rated snippets that MiniLM can read; equal texts once."""
    with gzip.open(DATA, "rt", encoding="utf-8", newline="") as lines:
        rows = [(reading.normalise(row["text"]), float(row["score"])) for row in csv.DictReader(lines)]
    kept = {text: score for text, score in rows if abs(score) > UNDECIDED and text and set(text) <= reading.LATIN}
    texts = tuple(kept)
    apart = [int(hashlib.sha256(text.encode()).hexdigest(), 16) % HELD_OUT == 0 for text in texts]
    return Snippets(texts, np.array([score > 0 for score in kept.values()]), np.array(apart))


@cache
def load() -> Head:
    """The head that ships; read once a process."""
    told = json.loads(HEAD.read_text(encoding="utf-8"))
    return Head(torch.tensor(told.pop("weight")), **told)


def learned(vectors: Tensor, positive: npt.NDArray[np.bool_], ridge: float = RIDGE) -> tuple[Tensor, float]:
    """The logistic regression of `positive` [snippets] on vectors [snippets, width]: weight [width] and bias, to convergence by L-BFGS."""
    x, y = vectors.double(), torch.from_numpy(positive).double()
    solution = torch.zeros(x.shape[1] + 1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([solution], max_iter=500, tolerance_grad=1e-9, line_search_fn="strong_wolfe")

    def missed() -> Tensor:
        optimizer.zero_grad()
        weight, bias = solution[:-1], solution[-1]
        loss = torch.nn.functional.binary_cross_entropy_with_logits(x @ weight + bias, y) + ridge / 2 * weight @ weight
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(missed)  # type: ignore[no-untyped-call]
    return solution[:-1].detach().float(), solution[-1].item()


def vectors_of(texts: Sequence[str]) -> Tensor:
    """MiniLM's vectors [texts, width]; texts of like length go through together, so that little padding is computed."""
    encoder = MiniLM.load()
    order = sorted(range(len(texts)), key=lambda k: len(texts[k]))
    found = torch.empty(len(texts), encoder.width)
    for first in range(0, len(order), _AT_ONCE):
        part = order[first : first + _AT_ONCE]
        found[part] = encoder.encode_checked([texts[k] for k in part]).pooled
    return found


def learn() -> Head:
    """The head, learned from all that is not held out."""
    found = read_snippets()
    vectors = vectors_of(found.texts)
    weight, bias = learned(vectors[~found.apart], found.positive[~found.apart])
    says = (vectors[found.apart] @ weight + bias > 0).numpy()
    truth = found.positive[found.apart]
    return Head(
        weight, bias, float((says == truth).mean()), float(max(truth.mean(), 1 - truth.mean())), int(found.apart.sum()),
        int((~found.apart).sum()), hashlib.sha256(DATA.read_bytes()).hexdigest(),
    )  # fmt: skip


def write(head: Head, path: Path = HEAD) -> None:
    """The head as JSON; seven digits are all that a float32 holds."""
    told = {**vars(head), "weight": [float(f"{value:.7g}") for value in head.weight.tolist()]}
    path.write_text(json.dumps(told, indent=None) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(learn())
