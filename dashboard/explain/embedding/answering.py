"""What is the same for every way to explain a likeness: counting, both directions, the sentence, the evidence and the light."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from dashboard.explain.contract import Explanation, Finding
from dashboard.explain.embedding.subject import EmbeddingSubject
from dashboard.explain.embedding.telling import MOVES, Likeness, alike, cosine
from dashboard.explain.evidence.light import light
from dashboard.explain.image.config import HidingConfig
from dashboard.explain.image.maps import Map, region
from dashboard.explain.image.proof import adds_up, elsewhere, learned, moved, removed, steady, strongest
from dashboard.explain.image.randomisation import exchanged, parted, randomised
from dashboard.explain.image.sentence import place
from data.text import Problem, Text

Attribution = Callable[[EmbeddingSubject, Any], Iterator[Explanation]]

_NOISE = 0.02
"""Of the slight noise, as a share of the range from black to white, as for pictures before a classifier."""
_ADDS_UP = 1e-5
_TITLE = Text(en="the likeness", hi="समानता")


@dataclass(frozen=True)
class Way:
    """The `explain` of a card: `attribute` yields maps [height, width] of the first picture; the map of the second is made by it too."""

    attribute: Attribution

    def __call__(self, subject: EmbeddingSubject, config: HidingConfig) -> Iterator[Explanation]:
        """Each snapshot with the pictures, then both maps with the sentence."""
        began, last = time.perf_counter(), None
        for snapshot in self.attribute(subject, config):
            last = self._dressed(subject, snapshot)
            yield self._stamped(last, subject, began)
        assert last is not None, "an explanation has at least one snapshot"
        turned = subject.turned()
        back = self.last(turned, config)
        subject.calls = turned.calls
        where, there = region(last.attributions), region(back)
        left = subject.shown(config.blank)(~moved(where, config.seed)) if where.any() else np.full(2, last.prediction)
        hidden, hidden_elsewhere = _left(left)
        told = Likeness(
            likeness=last.prediction, more_than=subject.alike_than(), place=place(last.attributions, where), other=place(back, there),
            left=hidden, elsewhere=hidden_elsewhere, marked=bool(where.any()),
        )  # fmt: skip
        details = {
            **last.details, "sentence": alike(told).model_dump(), "left": told.left, "left_elsewhere": told.elsewhere, "more_than": told.more_than
        }  # fmt: skip
        arrays = {
            **last.arrays,
            "region": where.astype(np.uint8),
            "other_map": back,
            "other_region": there.astype(np.uint8),
        }
        yield self._stamped(replace(last, details=details, arrays=arrays), subject, began)

    def proven(self, subject: EmbeddingSubject, config: HidingConfig, one: Explanation) -> Iterator[Explanation]:
        """The finished explanation with one finding after another, and the light they make."""
        began = time.perf_counter() - one.seconds
        for name, finding in self._findings(subject, config, one):
            one = one.with_evidence(**{name: finding})
            one = one.with_evidence(light=light(one.evidence))
            yield self._stamped(one, subject, began)

    def last(self, subject: EmbeddingSubject, config: HidingConfig) -> Map:
        """The map alone."""
        *_, found = self.attribute(subject, config)
        return found.attributions

    def _findings(
        self, subject: EmbeddingSubject, config: HidingConfig, one: Explanation
    ) -> Iterator[tuple[str, Finding]]:
        if one.additivity_error is not None and "completeness" not in one.evidence:
            error = one.additivity_error / max(abs(one.prediction), 1e-12)
            yield (
                "additivity",
                adds_up(
                    error, _ADDS_UP, en="What all places add is the likeness, to", hi="सब जगहों का जोड़ समानता के बराबर है"
                ),
            )
        shown = subject.shown(config.blank)
        where = region(one.attributions)
        if (matters := elsewhere(shown, where, config.seed)) is not None:
            yield "reasons", _by_much(matters, *_left(shown(~moved(where, config.seed))))
            yield "strongest", strongest(shown, one.attributions)
        yield "removal", removed(shown, one.attributions, config.seed)
        generator = torch.Generator().manual_seed(config.seed)
        noisy = replace(subject, x=subject.x + 2 * _NOISE * torch.randn(subject.x.shape, generator=generator))
        other = self.last(noisy, config.lighter().model_copy(update={"seed": config.seed + 1}))
        subject.calls = noisy.calls
        yield (
            "seeds",
            steady(one.attributions, other, en="With slight noise on the picture", hi="तस्वीर पर हल्के नॉइज़ के साथ"),
        )
        blind = unlearned(subject, config.seed)
        found = learned(one.attributions, self.last(blind, config.lighter()))
        subject.calls = blind.calls
        yield "randomisation", found

    @staticmethod
    def _dressed(subject: EmbeddingSubject, one: Explanation) -> Explanation:
        if not np.isfinite(one.attributions).all() or not np.isfinite(one.prediction):
            raise Problem(
                Text(en="The model gave numbers that are not finite for these pictures; its weights may be damaged.",
                     hi="इन तस्वीरों पर मॉडल ने अनंत या ग़ैर-संख्या मान दिए; उसके वेट ख़राब हो सकते हैं।"),
                code="not_finite",
            )  # fmt: skip
        facts = {
            "model": subject.name,
            "weights": subject.weights,
            "likeness": one.prediction,
            "title": _TITLE.model_dump(),
        }
        return replace(
            one,
            details={**facts, **one.details},
            arrays={**one.arrays, "seen": subject.seen, "other_seen": subject.other_seen},
        )

    @staticmethod
    def _stamped(one: Explanation, subject: EmbeddingSubject, began: float) -> Explanation:
        return replace(one, seconds=time.perf_counter() - began, model_calls=subject.calls)


def _left(answers: npt.NDArray[np.float64]) -> tuple[float, float]:
    """The likeness with the region hidden, and with its shape hidden elsewhere, from the answers to `moved`."""
    return float(answers[0]), float(answers[1:].mean())


def _by_much(found: Finding, left: float, elsewhere_left: float) -> Finding:
    """The finding; against the map where hiding the region is surely more, but hardly changes anything: the sentence says so too."""
    if not found.speaks_for or elsewhere_left - left >= MOVES:
        return found
    ends = f"{cosine(left)}, {cosine(elsewhere_left)}"
    return replace(
        found, speaks_for=False,
        text=Text(en=f"{found.text.en} But it is hardly anything ({ends}).", hi=f"{found.text.hi} पर फ़र्क़ न के बराबर है ({ends})।"),
    )  # fmt: skip


def unlearned(subject: EmbeddingSubject, seed: int) -> EmbeddingSubject:
    """The same pictures before an encoder of the same shape and random weights."""
    encoder, entered = subject.model.best_network.get_submodule("encoder"), []
    watching = encoder.register_forward_pre_hook(lambda _, inputs: entered.append(inputs[0]))
    try:
        subject.vectors(subject.x)
    finally:
        watching.remove()
    network = parted(subject.model.best_network)
    network.encoder = randomised(encoder, entered[0][0], seed)
    return replace(subject, model=exchanged(subject.model, network))
