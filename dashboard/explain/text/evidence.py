"""The evidence for an explanation of a text: does it add up, is it sure, does leaving words out confirm it, is it the same with other seeds, does a
network that has learned nothing say the same, does another way agree.

Each finding is worked out by asking the model or the method again, and yielded as soon as it is there; the light comes with each.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from dashboard.explain.contract import Array, Explanation, Finding
from dashboard.explain.evidence.light import light
from dashboard.explain.evidence.likeness import cosine, overlap
from dashboard.explain.evidence.removal import alone, removal
from dashboard.explain.table.findings import finding
from dashboard.explain.telling import named
from dashboard.explain.text import findings
from dashboard.explain.text.models import forgetful
from dashboard.explain.text.subject import TextSubject, subject_from
from data.catalog import Config, ExplainerCard

ADDS_UP = 1e-5
ORDERS = 10
SITUATIONS = 12
_LOOKED_AT = 6
_SEED = 20_261
_WIDE = 100.0
"""Kernel width of the LIME that others are compared with: they too look at texts with few words and with many."""
UNLEARNED_BELOW = 0.5
"""Likeness (cosine of the shares less their mean) to what networks of random weights give, below which an explanation tells of the model."""

Look = Callable[[TextSubject, ExplainerCard, Any, Explanation], dict[str, Finding]]


def evidence_of(subject: TextSubject, card: ExplainerCard, config: Config, one: Explanation) -> Iterator[Explanation]:
    """The explanation again, with more and more evidence."""
    for look in (_additivity, _certainty, _reasons, _removal, _randomisation, _other_seeds, _another_way):
        found = look(subject, card, config, one)
        if found:
            one = one.with_evidence(**found)
            one = one.with_evidence(light=light(one.evidence))
            yield dataclasses.replace(one, seconds=subject.seconds, model_calls=subject.calls)


def _additivity(subject: TextSubject, card: ExplainerCard, config: Any, one: Explanation) -> dict[str, Finding]:
    error = one.additivity_error
    if error is None or "completeness" in one.evidence:  # an integral adds up to within what it says itself
        return {}
    scale = max(abs(one.prediction), abs(one.base_value or 0.0), float(np.abs(one.attributions).max()), 1e-12)
    return {"additivity": findings.additivity(error / scale, error / scale <= ADDS_UP)}


def _certainty(subject: TextSubject, card: ExplainerCard, config: Any, one: Explanation) -> dict[str, Finding]:
    """How much of all that is said is surely not nothing."""
    if one.half_width is None or not one.half_width.any():
        return {}
    size = np.abs(one.attributions)
    sure = float(size[size > one.half_width].sum() / max(size.sum(), 1e-300))
    return {"certainty": finding("certainty", sure, _judged(sure, good=0.8, bad=0.5))}


def _reasons(subject: TextSubject, card: ExplainerCard, config: Any, one: Explanation) -> dict[str, Finding]:
    """Each word left out by itself in random situations: do the named ones move the answer as said, and no other more than they?"""
    said = one.attributions[subject.players]
    looked_at = np.argsort(-np.abs(said), kind="stable")[:_LOOKED_AT]
    effect = np.zeros(len(said))
    effect[looked_at] = alone(subject.worth, looked_at, len(said), np.random.default_rng(_SEED), situations=SITUATIONS)
    greatest = np.abs(effect).max()
    place = {int(word): k for k, word in enumerate(subject.players)}
    words = [place[k] for k in named(one) if k in place]
    confirmed = [k for k in words if said[k] * effect[k] > 0 and abs(effect[k]) >= 0.1 * greatest]
    part = len(confirmed) / max(len(words), 1)
    whole = any(abs(effect[k]) >= 0.9 * greatest for k in confirmed)
    judged = True if part == 1 and whole else False if part <= 0.5 or not whole else None
    return {"reasons": findings.reasons(len(confirmed), len(words), judged)}


def _removal(subject: TextSubject, card: ExplainerCard, config: Any, one: Explanation) -> dict[str, Finding]:
    """Against random orders, with two stand-ins for what is taken away: the word gone, and the word there but not looked at."""
    said = one.attributions[subject.players]
    if len(said) < 2:
        return {}
    beaten = min(
        removal(worth, said, np.random.default_rng(_SEED), orders=ORDERS).beaten
        for worth in (subject.worth, subject.unseen)
    )
    return {"removal": findings.removal(beaten, _judged(beaten, good=0.95, bad=0.75), orders=ORDERS)}


def _randomisation(subject: TextSubject, card: ExplainerCard, config: Any, one: Explanation) -> dict[str, Finding]:
    if len(one.attributions) < 3:
        return {}
    own = one.attributions - one.attributions.mean()
    found = []
    for k in range(2):
        other = _last(card, unlearned(subject, _SEED + k), config)
        found.append(cosine(own, other - other.mean()))
    alike = float(np.mean(found))
    return {"randomisation": findings.randomisation(alike, alike < UNLEARNED_BELOW)}


def unlearned(subject: TextSubject, seed: int) -> TextSubject:
    """The same text and answer before a network of random weights."""
    model = copy.copy(subject.model)
    model.network = copy.deepcopy(subject.model.network).requires_grad_(False).eval()
    forgetful(model.network, torch.Generator().manual_seed(seed))
    return subject_from(model, subject.reading, subject.target)


def _other_seeds(subject: TextSubject, card: ExplainerCard, config: Any, one: Explanation) -> dict[str, Finding]:
    if one.half_width is None:
        return {}
    again = [_last(card, subject, config.model_copy(update={"seed": _SEED + k})) for k in range(2)]
    alike = min(cosine(one.attributions, other) for other in again)
    return {"seeds": finding("seeds", alike, _judged(alike, good=0.97, bad=0.85))}


def _another_way(subject: TextSubject, card: ExplainerCard, config: Any, one: Explanation) -> dict[str, Finding]:
    """Each is compared with LIME, and LIME with Shapley values: two ways that have no step in common."""
    from dashboard.explain.text import word_lime, word_shap  # they are found by the catalogue, and so is this module

    other = word_shap.EXPLAINER if card.name == "word_lime" else word_lime.EXPLAINER
    wide = {"width": _WIDE} if other is word_lime.EXPLAINER else {}
    theirs = _last(other, subject, other.config(**wide))
    common = overlap(one.attributions, theirs)
    return {
        "agreement": finding("agreement", common, True if common >= 0.6 else None, en=other.title.en, hi=other.title.hi)
    }


def _last(card: ExplainerCard, subject: TextSubject, config: Any) -> Array:
    *_, found = card.explain(subject, config)
    attributions: Array = found.attributions
    return attributions


def _judged(value: float, *, good: float, bad: float) -> bool | None:
    return True if value >= good else False if value < bad else None
