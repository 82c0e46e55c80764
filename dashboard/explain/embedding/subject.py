"""What is explained of an encoder: the model of a run, and two pictures that it finds more or less alike.

A request gives `model` (the id of a run) and two pictures as of `dashboard.explain.trained`: `item` or the array `picture`, and `other_item` or
the array `other`. Notation: e(x) the vector of a picture, s(x) = cos(e(x), e(o)) its likeness to the other one o.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from dashboard.explain.contract import Explanation
from dashboard.explain.games import Worth
from dashboard.explain.image.blanks import Blank, blank_of
from dashboard.explain.image.fitting import Pixels
from dashboard.explain.image.proof import Masks, Shown
from dashboard.explain.trained import Arrays, Item, item_of, model_of
from data.catalog import ExplainerCard
from data.text import Problem, Text
from lightning_modules.exact import weights_sha256
from lightning_modules.ssl.learner import RepresentationMethod

_BATCH = 64
_COMPARED = 200
"""Held-out pictures whose likeness is compared with that of the two."""


@dataclass
class EmbeddingSubject:
    """Two pictures before one encoder. `calls` counts the pictures the model was asked about."""

    model: RepresentationMethod
    name: str
    weights: str
    seen: Pixels
    other_seen: Pixels
    x: Tensor
    other: Tensor
    calls: int = 0

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the pictures."""
        return self.x.shape[2], self.x.shape[3]

    def vectors(self, x: Tensor) -> Tensor:
        """e of any number of pictures [n, features], without gradients."""
        self.calls += len(x)
        with torch.no_grad():
            return torch.cat([self.model.represent(part) for part in torch.split(x, _BATCH)]).double()

    def likeness(self, x: Tensor) -> Worth:
        """s of pictures [n]."""
        found: Worth = F.cosine_similarity(self.vectors(x), self.vectors(self.other)).cpu().numpy()
        return found

    def slope(self, x: Tensor) -> Tensor:
        """The gradient of s at each picture [n, colours, height, width]; no weight is touched."""
        other = self.vectors(self.other).to(x.dtype)
        self.calls += len(x)
        leaf = x.detach().requires_grad_()
        with torch.enable_grad():
            (found,) = torch.autograd.grad(F.cosine_similarity(self.model.represent(leaf), other).sum(), leaf)
        return found

    def shown(self, blank: Blank) -> Shown:
        """s where only some pixels of the picture are shown."""
        covered = blank_of(self.x[0], blank)

        def worth(masks: Masks) -> Worth:
            return self.likeness(torch.where(torch.from_numpy(masks)[:, None], self.x, covered))

        return worth

    def turned(self) -> EmbeddingSubject:
        """The same two with their parts exchanged."""
        return replace(self, seen=self.other_seen, other_seen=self.seen, x=self.other, other=self.x)

    def alike_than(self) -> float:
        """Share of held-out pictures that are less like the first picture than the second is."""
        items = self.model.data.test.x
        chosen = np.random.default_rng(0).permutation(len(items))[:_COMPARED]
        others = self.turned_likeness(torch.from_numpy(np.ascontiguousarray(items[chosen])))
        return float((others < self.likeness(self.x)[0]).mean())

    def turned_likeness(self, x: Tensor) -> Worth:
        """How alike pictures are to the first one [n]."""
        found: Worth = F.cosine_similarity(self.vectors(x), self.vectors(self.x)).cpu().numpy()
        return found


def subject_of(values: Mapping[str, Any], arrays: Arrays) -> EmbeddingSubject:
    """The subject of a request.

    Raises:
        Problem: The run has no encoder of pictures, or there are no such pictures.
    """
    model = model_of(values)
    if not isinstance(model, RepresentationMethod):
        raise Problem(
            Text(en="What this run trained makes no vectors of pictures; choose a self-supervised model.",
                 hi="इस रन का मॉडल तस्वीरों के वेक्टर नहीं बनाता; कोई सेल्फ़-सुपरवाइज़्ड मॉडल चुनें।"),
            code="no_encoder", field="model",
        )  # fmt: skip
    shape = tuple(model.data.shape)
    one = item_of(values, arrays, shape)
    other = item_of(values, arrays, shape, array="other", number="other_item")
    return subject_for(model, one, other, name=str(values["model"]))


def subject_for(model: RepresentationMethod, one: Item, other: Item, *, name: str = "") -> EmbeddingSubject:
    """Two pictures before an encoder."""
    weights = weights_sha256(model.best_network.state_dict())
    x, o = one.x.to(model.device), other.x.to(model.device)
    return EmbeddingSubject(model, name, weights, one.seen, other.seen, x, o)


def evidence_of(subject: EmbeddingSubject, card: ExplainerCard, config: Any, one: Explanation) -> Iterator[Explanation]:
    """The finished explanation again, with more and more evidence, where its way says how to find some."""
    proven = getattr(card.explain, "proven", None)
    if proven is not None:
        yield from proven(subject, config, one)


def about_model(subject: EmbeddingSubject) -> dict[str, Any]:
    """What the model is, in plain values, for the record of an explanation."""
    return {"name": subject.name, "weights": subject.weights}
