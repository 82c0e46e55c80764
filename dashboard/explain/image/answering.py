"""What is the same for every way to explain a picture: counting, the facts, and the sentence.

A way is an `Attribution`: a generator of `Explanation`s with a map [height, width]. `answering` makes of it what a card declares:
each snapshot with the facts of model and picture, then the finished map with its sentence.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from dashboard.explain.contract import Explanation
from dashboard.explain.image.blanks import blank_of
from dashboard.explain.image.maps import region
from dashboard.explain.image.sentence import Told, place, sentence
from dashboard.explain.image.subject import ImageSubject
from data.text import Problem, Text

Attribution = Callable[[ImageSubject, Any], Iterator[Explanation]]
_TOP = 5


def answering(attribute: Attribution) -> Attribution:
    """The `explain` of a card, made of the way itself."""

    def explain(subject: ImageSubject, config: Any) -> Iterator[Explanation]:
        began = time.perf_counter()

        def stamped(one: Explanation) -> Explanation:
            return replace(one, seconds=time.perf_counter() - began, model_calls=subject.calls)

        last: Explanation | None = None
        for snapshot in attribute(subject, config):
            _check_finite(snapshot)
            last = replace(
                snapshot,
                details={**facts(subject), **snapshot.details},
                arrays={**snapshot.arrays, "seen": subject.seen},
            )
            yield stamped(last)
        assert last is not None, "an explanation has at least one snapshot"
        yield stamped(with_sentence(subject, last))

    return explain


def facts(subject: ImageSubject) -> dict[str, Any]:
    """Model and prediction in plain values."""
    probabilities = subject.probabilities
    order = probabilities.argsort()[::-1][:_TOP]
    return {
        "model": subject.model.name,
        "weights": subject.model.weights,
        "class": subject.target,
        "probability": float(probabilities[subject.target]),
        "top": [[subject.model.classes[k], float(probabilities[k])] for k in order],
    }


def target_name(subject: ImageSubject) -> str:
    """The class that is explained, by name."""
    return subject.model.classes[subject.target]


def with_sentence(subject: ImageSubject, one: Explanation) -> Explanation:
    """The explanation with its sentence, and with the region that was hidden for it."""
    where = region(one.attributions)
    hidden = torch.where(torch.from_numpy(where), blank_of(subject.x, "blur"), subject.x)
    after, before = subject.ask(hidden[None])[0], subject.probabilities
    top, then = int(before.argmax()), int(after.argmax())
    classes = subject.model.classes
    told = Told(
        asked=target_name(subject), probability=float(before[subject.target]), top=classes[top], top_probability=float(before[top]),
        hidden_probability=float(after[subject.target]), hidden_top=classes[then], hidden_top_probability=float(after[then]),
        place=place(one.attributions, where), share=float(where.mean()),
    )  # fmt: skip
    details = {
        **one.details,
        "sentence": sentence(told).model_dump(),
        "hidden": {"top": told.hidden_top, "top_probability": told.hidden_top_probability, "probability": told.hidden_probability,
                   "share": told.share, "place": told.place.model_dump()},
    }  # fmt: skip
    return replace(one, details=details, arrays={**one.arrays, "region": where.astype(np.uint8)})


def _check_finite(one: Explanation) -> None:
    if not np.isfinite(one.attributions).all():
        raise Problem(
            Text(en="The model gave numbers that are not finite for this picture; its weights may be damaged.",
                 hi="इस तस्वीर पर मॉडल ने अनंत या ग़ैर-संख्या मान दिए; उसके वेट ख़राब हो सकते हैं।"),
            code="not_finite",
        )  # fmt: skip
