"""What speaks for and against a map: curves against controls, the comparison with untrained networks, and a little noise."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from dashboard.explain.contract import Explanation, Finding
from dashboard.explain.image import curves
from dashboard.explain.image.blanks import TITLES, Blank, blank_of
from dashboard.explain.image.maps import Map, rank_correlation, region, softened
from dashboard.explain.image.proof import UNLEARNED_BELOW, Masks, elsewhere
from dashboard.explain.image.randomisation import unlearned
from dashboard.explain.image.subject import ImageSubject, Scores
from data.text import Text

Attribution = Callable[[ImageSubject, Any], Iterator[Explanation]]

BLANKS: tuple[Blank, ...] = ("blur", "mean", "black")
QUICK_BLANKS: tuple[Blank, ...] = ("blur",)
STABLE_ABOVE = 0.6
"""Rank correlation with the map of the picture under slight noise, above which a map is stable."""
_NOISE = 0.02
"""Of the slight noise, as a share of the range from black to white: less than is seen in a photograph taken at dusk."""


_LIGHTS = {
    "green": (
        Text(en="You can rely on this", hi="इस पर भरोसा कर सकते हैं"),
        Text(en="Nothing that was tested speaks against this map.", hi="जाँची गई कोई बात इस मैप के ख़िलाफ़ नहीं है।"),
    ),
    "amber": (
        Text(en="Take this with care", hi="इसे सावधानी से लें"),
        Text(en="The map marks what matters to the model, and not every test speaks for it.", hi="मैप वही दिखाता है जो मॉडल के लिए मायने रखता है, पर हर जाँच इसके पक्ष में नहीं है।"),
    ),
    "red": (
        Text(en="Do not rely on this", hi="इस पर भरोसा न करें"),
        Text(en="What the map marks matters no more than chance, or it looks the same for a model that has learned nothing.",
             hi="मैप जो दिखाता है वह संयोग से ज़्यादा मायने नहीं रखता, या बिना सीखे मॉडल के लिए भी वैसा ही दिखता है।"),
    ),
}  # fmt: skip


def judged(
    attribute: Attribution, subject: ImageSubject, config: Any, one: Explanation, *, thorough: bool = False
) -> Iterator[Explanation]:
    """The explanation with more and more evidence, and at the end with the light that is made of it."""
    began = time.perf_counter() - one.seconds

    def stamped(more: Explanation) -> Explanation:
        return replace(more, seconds=time.perf_counter() - began, model_calls=subject.calls)

    effort = {"points": 21, "randoms": 5} if thorough else {"points": 11, "randoms": 2}
    for blank in BLANKS if thorough else QUICK_BLANKS:
        found = curves.measured(subject, one.attributions, blank=blank, seed=config.seed, **effort)
        told = {f"{how}_{blank}": _removed(how, found, blank) for how in _REMOVALS}
        drawn = {**one.arrays, f"curves_{blank}": np.stack([found.by_map, found.random, found.reversed])}
        one = replace(one.with_evidence(**told), arrays=drawn)
        yield stamped(one)
    if (elsewhere := _elsewhere(subject, config, one)) is not None:
        one = one.with_evidence(elsewhere=elsewhere)
        yield stamped(one)
    one = one.with_evidence(randomisation=_randomisation(attribute, subject, config, one, 3 if thorough else 1))
    yield stamped(one)
    one = one.with_evidence(stability=_stability(attribute, subject, config, one))
    yield stamped(one.with_evidence(light=light(one)))


def light(one: Explanation) -> Finding:
    """All of the evidence in one word: red when the map does not know the model, or hiding what it marks does no more than chance; green when
    nothing speaks against it and hiding the region does more than hiding it elsewhere; else in between. How often each is right, on networks whose
    reasons are known, is measured by `tests/benchmarks/bench_picture_evidence.py` and told in decision 0053."""
    against = [name for name, found in one.evidence.items() if found.speaks_for is False]
    grave = bool({"randomisation", "elsewhere"} & set(against)) or any(name.startswith("deletion") for name in against)
    told = "elsewhere" in one.evidence and one.evidence["elsewhere"].speaks_for
    colour = "red" if grave else "green" if told and not against else "amber"
    title, text = _LIGHTS[colour]
    score = 1 - len(against) / max(1, len(one.evidence))
    return Finding(title, text, score, {"red": False, "amber": None, "green": True}[colour])


def last_map(attribute: Attribution, subject: ImageSubject, config: Any) -> Map:
    """The map of a way with little effort."""
    *_, last = attribute(subject, config.lighter())
    return last.attributions


_REMOVALS = {
    "deletion": (
        Text(en="Deletion", hi="हटाने की जाँच"),
        Text(en="Hiding the marked parts first takes the score away sooner than hiding at random", hi="दिखाए गए हिस्से पहले छिपाने से स्कोर, बेतरतीब छिपाने की तुलना में जल्दी गिरता है"),
        Text(en="Hiding the marked parts first is no better than hiding at random", hi="दिखाए गए हिस्से पहले छिपाना, बेतरतीब छिपाने से बेहतर नहीं है"),
    ),
    "insertion": (
        Text(en="Insertion", hi="जोड़ने की जाँच"),
        Text(en="Showing the marked parts first brings the score back sooner than showing at random", hi="दिखाए गए हिस्से पहले दिखाने से स्कोर, बेतरतीब दिखाने की तुलना में जल्दी लौटता है"),
        Text(en="Showing the marked parts first is no better than showing at random", hi="दिखाए गए हिस्से पहले दिखाना, बेतरतीब दिखाने से बेहतर नहीं है"),
    ),
}  # fmt: skip
"""What each curve is called, and what it says for and against a map."""


def _removed(how: str, found: curves.Curves, blank: Blank) -> Finding:
    """Deletion, whose area a true map makes small, or insertion, whose area it makes large, against chance and the reversed order."""
    by_map, chance, backwards = found.deletion if how == "deletion" else found.insertion
    sign = -1 if how == "deletion" else 1
    for_it = sign * by_map > max(sign * chance, sign * backwards)
    title, yes, no = _REMOVALS[how]
    verdict, told = (yes if for_it else no), TITLES[blank]
    return Finding(
        Text(en=f"{title.en} ({_lower(told.en)})", hi=f"{title.hi} ({told.hi})"),
        Text(en=f"{verdict.en}: area {by_map:.3f}, at random {chance:.3f}, least marked first {backwards:.3f}.",
             hi=f"{verdict.hi}: क्षेत्रफल {by_map:.3f}, बेतरतीब {chance:.3f}, सबसे कम दिखाए गए पहले {backwards:.3f}।"),
        by_map, for_it,
    )  # fmt: skip


def _elsewhere(subject: ImageSubject, config: Any, one: Explanation) -> Finding | None:
    """Whether hiding the marked region takes more from the answer than hiding the same shape in other places; None where nothing is marked."""

    def shown(masks: Masks) -> Scores:
        seen = torch.from_numpy(masks)[:, None]
        return subject.ask(torch.where(seen, subject.x, blank_of(subject.x, "blur")))[:, subject.target]

    return elsewhere(shown, region(one.attributions), config.seed)


def similarity_to_unlearned(
    attribute: Attribution, subject: ImageSubject, config: Any, shown: Map, count: int
) -> float:
    """Mean rank correlation of the map with those of `count` networks of random weights; softened, so that single pixels do not count.

    Signs stay: |a| of a map that multiplies by the picture, such as integrated gradients, correlates through the picture alone.
    """
    own = softened(shown)
    found = []
    for k in range(count):
        other = last_map(attribute, unlearned(subject, config.seed + k), config)
        found.append(rank_correlation(own, softened(other)))
    return float(np.mean(found))


def _randomisation(attribute: Attribution, subject: ImageSubject, config: Any, one: Explanation, count: int) -> Finding:
    rho = similarity_to_unlearned(attribute, subject, config, one.attributions, count)
    for_it = rho < UNLEARNED_BELOW
    said = Text(
        en="An untrained network gives another map, so this one tells of what was learned",
        hi="बिना ट्रेनिंग का नेटवर्क अलग मैप देता है, यानी यह मैप सीखी हुई बात बताता है",
    )
    if not for_it:
        said = Text(en="An untrained network gives nearly the same map, so this one tells of the picture and not of the model", hi="बिना ट्रेनिंग का नेटवर्क लगभग यही मैप देता है, यानी यह मैप मॉडल की नहीं, तस्वीर की बात करता है")  # fmt: skip
    return Finding(
        Text(en="Random weights", hi="बेतरतीब वेट"),
        Text(en=f"{said.en} (rank correlation {rho:.2f}).", hi=f"{said.hi} (रैंक कोरिलेशन {rho:.2f})।"),
        rho, for_it,
    )  # fmt: skip


def _stability(attribute: Attribution, subject: ImageSubject, config: Any, one: Explanation) -> Finding:
    generator = torch.Generator().manual_seed(config.seed)
    noisy = subject.x + 2 * _NOISE * torch.randn(subject.x.shape, generator=generator)
    again = last_map(attribute, replace(subject, x=noisy), config.model_copy(update={"seed": config.seed + 1}))
    rho = rank_correlation(softened(one.attributions), softened(again))
    for_it = rho >= STABLE_ABOVE
    first, second = region(one.attributions), region(again)
    shared = int(100 * (first & second).sum() / max(1, first.sum()))
    said = Text(
        en="Slight noise on the picture and another seed leave the map nearly as it is",
        hi="तस्वीर पर हल्के नॉइज़ और दूसरे सीड से मैप लगभग वही रहता है",
    )
    if not for_it:
        said = Text(
            en="Slight noise on the picture or another seed changes the map",
            hi="तस्वीर पर हल्के नॉइज़ या दूसरे सीड से मैप बदल जाता है",
        )
    return Finding(
        Text(en="Stability", hi="स्थिरता"),
        Text(en=f"{said.en} (rank correlation {rho:.2f}; {shared} % of the region stays).", hi=f"{said.hi} (रैंक कोरिलेशन {rho:.2f}; {shared} % हिस्सा वही रहता है)।"),
        rho, for_it,
    )  # fmt: skip


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
