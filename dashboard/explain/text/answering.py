"""What is the same for every way to explain a text: counting, the facts, and the sentence.

A way is an `Attribution`: a generator of `Explanation`s with a number a word [words]. `answering` makes of it what a card declares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from dashboard.explain.contract import Explanation
from dashboard.explain.telling import named
from dashboard.explain.text.sentence import Told, sentence
from dashboard.explain.text.sentence_models import Favour
from dashboard.explain.text.subject import TextSubject
from dashboard.explain.text.typed import bare
from data.text import Problem, Text

Attribution = Callable[[TextSubject, Any], Iterator[Explanation]]


def answering(attribute: Attribution) -> Attribution:
    """The `explain` of a card, made of the way itself."""

    def explain(subject: TextSubject, config: Any) -> Iterator[Explanation]:
        last: Explanation | None = None
        for snapshot in attribute(subject, config):
            if not np.isfinite(snapshot.attributions).all():
                raise Problem(
                    Text(en="The model gave numbers that are not finite for this text; its weights may be damaged.",
                         hi="इस टेक्स्ट पर मॉडल ने अनंत या ग़ैर-संख्या मान दिए; उसके वेट ख़राब हो सकते हैं।"),
                    code="not_finite",
                )  # fmt: skip
            last = replace(snapshot, details={**facts(subject), **snapshot.details})
            yield replace(last, seconds=subject.seconds, model_calls=subject.calls)
        assert last is not None, "an explanation has at least one snapshot"
        last = with_sentence(subject, last)
        yield replace(last, seconds=subject.seconds, model_calls=subject.calls)

    return explain


def facts(subject: TextSubject) -> dict[str, Any]:
    """Model, text and answer in plain values."""
    model = subject.model
    told: dict[str, Any] = {
        "model": model.name,
        "weights": model.weights,
        "asks": model.asks,
        "words": [word.text for word in subject.reading.words],
        "always": (~subject.reading.players).tolist(),
        "tokens": len(subject.reading.numbers),
        "title": model.title(subject.target).model_dump(),
        "score": subject.prediction,
        "top": [[title.model_dump(), share] for title, share in model.answers(subject.scores)],
    }
    if isinstance(model, Favour):
        head = model.head
        told["held_out"] = {
            "accuracy": head.accuracy, "commonest": head.commonest, "texts": head.held_out, "learned_from": head.learned_from,
        }  # fmt: skip
    return told


def target_name(subject: TextSubject) -> str:
    """The answer that is explained, by name."""
    return subject.model.title(subject.target).en


def with_sentence(subject: TextSubject, one: Explanation) -> Explanation:
    """The explanation with its sentence, and with what is said without the words that speak for the answer."""
    weighty = [k for k in named(one) if subject.reading.players[k]]
    pro = [k for k in weighty if one.attributions[k] > 0]
    contra = [k for k in weighty if one.attributions[k] < 0]
    words = [bare(word.text) for word in subject.reading.words]
    without = subject.prediction
    if pro:
        without = float(subject.worth(~np.isin(subject.players, pro)[None])[0])
    told = Told(
        subject.model.asks, subject.model.title(subject.target), subject.prediction,
        [words[k] for k in pro], [words[k] for k in contra], without,
        looked=bool(one.details.get("looked")),
    )  # fmt: skip
    details = {
        **one.details, "sentence": sentence(told).model_dump(), "without": {"words": told.pro, "score": without},
    }  # fmt: skip
    return replace(one, details=details)
