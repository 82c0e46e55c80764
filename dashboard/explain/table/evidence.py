"""The evidence for an explanation of a row: does it add up, is it sure, is it the same again, does removal confirm it, do others agree.

Each finding is worked out by asking the model or the method again, and yielded as soon as it is there; the light comes with each.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dashboard.explain.contract import Array, Explanation, Finding
from dashboard.explain.evidence.light import light
from dashboard.explain.evidence.likeness import cosine, overlap
from dashboard.explain.evidence.removal import alone, removal
from dashboard.explain.table import findings
from dashboard.explain.table.subject import Asked, TableSubject
from dashboard.explain.telling import named
from data.catalog import Config, ExplainerCard

ADDS_UP = 1e-5
_ROWS = 32
_LOOKED_AT = 40
_SEED = 20_261
_SHIFT = 0.02
"""Small noise: this part of a column's deviation."""

Look = Callable[[TableSubject, ExplainerCard, Any, Explanation], dict[str, Finding]]


def evidence_of(subject: TableSubject, card: ExplainerCard, config: Config, one: Explanation) -> Iterator[Explanation]:
    """The explanation again, with more and more evidence. Ways that share nothing out (counterfactuals, curves) have none of it."""
    if card.name in ("counterfactual", "partial_dependence"):
        return
    asked = Asked(subject)
    for look in (_additivity, _certainty, _reasons, _removal, _other_seeds, _small_noise, _another_way):
        found = look(subject, card, config, one)
        if found:
            one = one.with_evidence(**found)
            one = one.with_evidence(light=light(one.evidence))
            yield dataclasses.replace(one, seconds=one.seconds + asked.seconds)


def _additivity(subject: TableSubject, card: ExplainerCard, config: Any, one: Explanation) -> dict[str, Finding]:
    error = one.additivity_error
    if error is None:
        return {}
    scale = max(abs(one.prediction), abs(one.base_value or 0.0), float(np.abs(one.attributions).max()), 1e-12)
    return {"additivity": findings.additivity(error / scale, error / scale <= ADDS_UP)}


def _certainty(subject: TableSubject, card: ExplainerCard, config: Any, one: Explanation) -> dict[str, Finding]:
    """How much of all that is said is surely not nothing."""
    if one.half_width is None or not one.half_width.any():
        return {}
    size = np.abs(one.attributions)
    sure = float(size[size > one.half_width].sum() / max(size.sum(), 1e-300))
    return {"certainty": findings.finding("certainty", sure, _judged(sure, good=0.8, bad=0.5))}


def _reasons(subject: TableSubject, card: ExplainerCard, config: Any, one: Explanation) -> dict[str, Finding]:
    """Each column taken away by itself in random situations: do the named ones move the model as said, and no other more than they?"""
    asked = Asked(dataclasses.replace(subject, background=subject.background[:_ROWS]))
    said = contributions(one)
    looked_at = np.argsort(-np.abs(said), kind="stable")[:_LOOKED_AT]
    effect = np.zeros(len(said))
    effect[looked_at] = alone(asked.worth, looked_at, len(said), np.random.default_rng(_SEED))
    greatest = np.abs(effect).max()
    columns = named(one)
    confirmed = [j for j in columns if said[j] * effect[j] > 0 and abs(effect[j]) >= 0.1 * greatest]
    part = len(confirmed) / max(len(columns), 1)
    whole = any(abs(effect[j]) >= 0.9 * greatest for j in confirmed)
    judged = True if part == 1 and whole else False if part <= 0.5 or not whole else None
    return {"reasons": findings.finding("reasons", part, judged, confirmed=len(confirmed), named=len(columns))}


def _removal(subject: TableSubject, card: ExplainerCard, config: Any, one: Explanation) -> dict[str, Finding]:
    """Against random orders, with two stand-ins for what is taken away: background rows, and the row of their medians."""
    with np.errstate(all="ignore"):
        median = np.nan_to_num(np.nanquantile(subject.background, 0.5, axis=0, method="nearest"))
    beaten = []
    for background in (subject.background[:_ROWS], median[None]):
        asked = Asked(dataclasses.replace(subject, background=background))
        found = removal(asked.worth, contributions(one), np.random.default_rng(_SEED))
        beaten.append(found.beaten)
    worst = min(beaten)
    return {"removal": findings.removal(worst, _judged(worst, good=0.95, bad=0.75))}


def _other_seeds(subject: TableSubject, card: ExplainerCard, config: Any, one: Explanation) -> dict[str, Finding]:
    if "seed" not in type(config).model_fields:
        return {}
    again = [_last(card, subject, config.model_copy(update={"seed": _SEED + k})) for k in range(2)]
    alike = min(cosine(one.attributions, other) for other in again)
    return {"seeds": findings.finding("seeds", alike, _judged(alike, good=0.97, bad=0.85))}


def _small_noise(subject: TableSubject, card: ExplainerCard, config: Any, one: Explanation) -> dict[str, Finding]:
    numbers = np.array([feature.kind != "category" for feature in subject.features])
    with np.errstate(all="ignore"):
        spread = np.nan_to_num(np.nanstd(np.where(numbers, subject.background, 0.0), axis=0))
    moved = subject.x + _SHIFT * spread * np.random.default_rng(_SEED).choice([-1.0, 1.0], len(subject.x))
    if not spread.any():
        return {}
    alike = cosine(one.attributions, _last(card, dataclasses.replace(subject, x=moved), config))
    return {"noise": findings.finding("noise", alike, _judged(alike, good=0.9, bad=0.6))}


def _another_way(subject: TableSubject, card: ExplainerCard, config: Any, one: Explanation) -> dict[str, Finding]:
    """Shares are compared with LIME, and LIME with shares: two ways that have no step in common."""
    from dashboard.explain.table import kernel_shap, lime  # they are found by the catalogue, and so is this module

    other = kernel_shap.EXPLAINER if card.name == "lime" else lime.EXPLAINER
    *_, theirs = other.explain(subject, other.config())
    common = overlap(contributions(one), contributions(theirs))
    judged = True if common >= 0.6 else None
    return {"agreement": findings.finding("agreement", common, judged, en=other.title.en, hi=other.title.hi)}


def contributions(one: Explanation) -> Array:
    """What each column adds to the score; of ways whose attributions are something else (LIME's weights), what these come to."""
    found: Array = one.arrays.get("contributions", one.attributions)
    return found


def _last(card: ExplainerCard, subject: TableSubject, config: Config) -> Array:
    *_, found = card.explain(subject, config)
    attributions: Array = found.attributions
    return attributions


def _judged(value: float, *, good: float, bad: float) -> bool | None:
    return True if value >= good else False if value < bad else None
