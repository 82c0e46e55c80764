"""What is explained of a picture: the model, the picture as the model sees it, and the class that is asked about.

A request gives `model` ("imagenet" or the id of a run, with `step` for one of its checkpoints), the picture as an array `picture`
[height, width, 1 or 3] of bytes, or its name as `sample`, and `target`, a class by name or number; without one, what the model
says itself. Notation: x [colours, height, width]; F_c the score of class c before the softmax, p_c its probability after.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from dashboard.explain.contract import Explanation
from dashboard.explain.image.fitting import checked
from dashboard.explain.image.models import IMAGENET, ImageModel, Pixels, find
from data.catalog import ExplainerCard
from data.pictures import sample
from data.text import Problem, Text

Scores = npt.NDArray[np.float64]


@dataclass
class ImageSubject:
    """One picture before one model. `calls` counts the pictures the model was asked about."""

    model: ImageModel
    seen: Pixels
    x: Tensor
    target: int
    scores: Scores
    calls: int = field(default=1)

    @property
    def network(self) -> nn.Module:
        """x [batch, …] -> scores [batch, classes]."""
        return self.model.network

    @property
    def probabilities(self) -> Scores:
        """Of every class, [classes]."""
        return softmax(self.scores)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of what the model sees."""
        return self.x.shape[1], self.x.shape[2]

    def ask(self, x: Tensor) -> Scores:
        """Probabilities [batch, classes] of any number of pictures x, without gradients."""
        found = []
        for part in torch.split(x, self.model.batch):
            with torch.inference_mode():
                found.append(softmax(self.network(_in_order(part)).double().numpy()))
        self.calls += len(x)
        return np.concatenate(found)

    def gradient(self, x: Tensor) -> tuple[Scores, Tensor]:
        """F_target of pictures x, [batch], and its gradient at each, [batch, colours, height, width]; no weight is touched."""
        values, slopes = [], []
        for part in torch.split(x, self.model.batch):
            leaf = _in_order(part).detach().requires_grad_()
            with torch.enable_grad():
                score = self.network(leaf)[:, self.target]
                (slope,) = torch.autograd.grad(score.sum(), leaf)
            values.append(score.detach().double().numpy())
            slopes.append(slope)
        self.calls += len(x)
        return np.concatenate(values), torch.cat(slopes)


def subject_of(values: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> ImageSubject:
    """The subject of a request.

    Raises:
        Problem: There is no such model, picture or class.
    """
    step = values.get("step")
    model = find(str(values.get("model", IMAGENET)), None if step is None else int(step))
    picture = sample(str(values["sample"])) if "sample" in values else checked(arrays.get("picture"))
    return subject_for(model, picture, values.get("target"))


def evidence_of(subject: ImageSubject, card: ExplainerCard, config: Any, one: Explanation) -> Iterator[Explanation]:
    """The finished explanation again, with more and more evidence."""
    from dashboard.explain.image.judging import judged  # which needs a subject

    yield from judged(card.explain, subject, config, one)


def about_model(subject: ImageSubject) -> dict[str, Any]:
    """What the model is, in plain values, for the record of an explanation."""
    model = subject.model
    return {"name": model.name, "weights": model.weights, "classes": len(model.classes)}


def subject_for(model: ImageModel, picture: Pixels, target: object = None) -> ImageSubject:
    """A picture before a model; `target` None: the class the model finds most likely."""
    seen = model.prepare(picture)
    x = model.enter(seen)
    with torch.inference_mode():
        scores = model.network(_in_order(x[None]))[0].double().numpy()
    return ImageSubject(model, seen, x, _target(model, target, scores), scores)


def softmax(scores: Scores) -> Scores:
    """Probabilities along the last axis."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    found: Scores = raised / raised.sum(axis=-1, keepdims=True)
    return found


def _in_order(x: Tensor) -> Tensor:
    return x.contiguous(memory_format=torch.channels_last)


def _target(model: ImageModel, wanted: object, scores: Scores) -> int:
    if wanted is None or wanted == "":
        return int(scores.argmax())
    by_name = {name.casefold(): k for k, name in enumerate(model.classes)}
    if (found := by_name.get(str(wanted).casefold())) is not None:
        return found
    if str(wanted).isdecimal() and int(str(wanted)) < len(model.classes):
        return int(str(wanted))
    raise Problem(
        Text(en=f"The model knows no class “{wanted}”; it tells {len(model.classes)} classes, such as “{model.classes[0]}”.",
             hi=f"मॉडल “{wanted}” नाम की क्लास नहीं जानता; वह {len(model.classes)} क्लास बताता है, जैसे “{model.classes[0]}”।"),
        code="unknown_class", field="target",
    )  # fmt: skip
