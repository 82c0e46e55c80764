"""What is the same for every way to explain a denoiser: counting, the facts, the pictures beside the map, the sentence and the light."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from torch import Tensor, nn

from dashboard.explain.contract import Explanation, Finding
from dashboard.explain.denoiser.subject import DenoiserSubject, repeated
from dashboard.explain.denoiser.telling import Stage
from dashboard.explain.evidence.light import light
from dashboard.explain.image.maps import Map, region
from dashboard.explain.image.proof import learned, steady
from dashboard.explain.image.randomisation import exchanged, randomised
from data.text import Problem, Text

Attribution = Callable[[DenoiserSubject, Any], Iterator[Explanation]]
Sentence = Callable[[DenoiserSubject, Any, Explanation], tuple[Text, dict[str, Any]]]
Proof = Callable[[DenoiserSubject, Any, Explanation], Iterator[tuple[str, Finding]]]


@dataclass(frozen=True)
class Way:
    """The `explain` of a card.

    Attributes:
        attribute: Explanations whose map is [height, width] of the picture, each sharper than the one before.
        sentence: What is said of the finished map, and plain values that go with it.
        proof: Findings about the finished map by name, one after another; those of other noise and of random weights follow for all ways alike.
        needs: The finding that a green light needs, and how many in all.
        enough: How many speak for it then.
    """

    attribute: Attribution
    sentence: Sentence
    proof: Proof
    needs: str = "removal"
    enough: int = 3

    def __call__(self, subject: DenoiserSubject, config: Any) -> Iterator[Explanation]:
        """Each snapshot with facts and pictures, then the finished map with its sentence."""
        began, last = time.perf_counter(), None
        xt = subject.clean + subject.noise(config.seed)
        told, drawn = facts(subject), pictures(subject, xt)
        for snapshot in self.attribute(subject, config):
            if not np.isfinite(snapshot.attributions).all():
                raise Problem(
                    Text(en="The model gave numbers that are not finite for this picture; its weights may be damaged.",
                         hi="इस तस्वीर पर मॉडल ने अनंत या ग़ैर-संख्या मान दिए; उसके वेट ख़राब हो सकते हैं।"),
                    code="not_finite",
                )  # fmt: skip
            last = replace(snapshot, details={**told, **snapshot.details}, arrays={**snapshot.arrays, **drawn})
            yield _stamped(last, subject, began)
        assert last is not None, "an explanation has at least one snapshot"
        said, more = self.sentence(subject, config, last)
        where = region(last.attributions).astype(np.uint8)
        details = {**last.details, "sentence": said.model_dump(), **more}
        yield _stamped(replace(last, details=details, arrays={**last.arrays, "region": where}), subject, began)

    def proven(self, subject: DenoiserSubject, config: Any, one: Explanation) -> Iterator[Explanation]:
        """The finished explanation with one finding after another, and the light they make."""
        began = time.perf_counter() - one.seconds
        for name, finding in self._findings(subject, config, one):
            one = one.with_evidence(**{name: finding})
            one = one.with_evidence(light=light(one.evidence, needs=self.needs, enough=self.enough))
            yield _stamped(one, subject, began)

    def _findings(self, subject: DenoiserSubject, config: Any, one: Explanation) -> Iterator[tuple[str, Finding]]:
        yield from self.proof(subject, config, one)
        if np.ptp(one.attributions) == 0:  # the same everywhere: there is no order that could change
            return
        other = self._lightly(subject, config.model_copy(update={"seed": config.seed + 1}))
        yield "seeds", steady(one.attributions, other, en="With other noise", hi="दूसरे नॉइज़ पर")
        blind = unlearned(subject, config.seed)
        found = learned(one.attributions, self._lightly(blind, config))
        subject.calls = blind.calls
        yield "randomisation", found

    def _lightly(self, subject: DenoiserSubject, config: Any) -> Map:
        """The map with little effort."""
        *_, last = self.attribute(subject, config.lighter())
        return last.attributions


def unlearned(subject: DenoiserSubject, seed: int) -> DenoiserSubject:
    """The same picture in the same noise before a denoiser of the same shape and random weights (arXiv:1810.03292)."""
    model, xt = subject.model, subject.clean + subject.noise(seed)

    def ask(network: nn.Module, x: Tensor) -> object:
        count = len(x)
        return model.respond(network, x, model.time_of(subject.t.expand(count)), repeated(subject.condition, count))

    return replace(subject, model=exchanged(model, randomised(model.best_network, xt[0], seed, ask=ask)))


def stage_of(subject: DenoiserSubject) -> Stage:
    """At which noise step the picture is."""
    return Stage(int(subject.t), subject.model.noising.steps)


def facts(subject: DenoiserSubject) -> dict[str, Any]:
    """Model and noise in plain values."""
    signal, level = subject.model.noising.factors(float(subject.t))
    at = stage_of(subject)
    return {
        "model": subject.name, "weights": subject.weights, "step": at.step, "steps": at.of, "signal": signal, "level": level,
        "prompt": subject.prompt,
    }  # fmt: skip


def pictures(subject: DenoiserSubject, xt: Tensor) -> dict[str, np.ndarray[Any, Any]]:
    """The picture, what is left of it in the noise, and what the model sees in that."""
    return {"seen": subject.seen, "noisy": subject.noisy(xt), "denoised": subject.picture(subject.denoised(xt))}


def _stamped(one: Explanation, subject: DenoiserSubject, began: float) -> Explanation:
    return replace(one, seconds=time.perf_counter() - began, model_calls=subject.calls)
