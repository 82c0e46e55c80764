"""What the source document says of GANs and diffusion models, row by row, and what a contest measured about it.

The claims stand in the chapter "Diffusion Models", table "Difference from GANs". A row is judged by its figures: where the
worst seed of one beats the best seed of the other, the order is taken as seen; where the seeds overlap it is open. A claim
about use cannot be measured here, and that is said.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dashboard.contests.standings import Standing
from dashboard.contests.statistics import Spread, share_interval
from data.text import Text

GAN, DIFFUSION = "adversarial", "diffusion"
"""The families of methods the document speaks of; others (a VAE) are measured beside them."""


class Verdict(StrEnum):
    """What the measurement says about a claim."""

    AGREES = "agrees"
    DIFFERS = "differs"
    OPEN = "open"
    NOT_MEASURED = "not_measured"


VERDICTS = {
    Verdict.AGREES: Text(en="as measured", hi="माप से मेल"),
    Verdict.DIFFERS: Text(en="measured otherwise", hi="माप इसके उलट"),
    Verdict.OPEN: Text(en="open: the seeds overlap", hi="तय नहीं: सीड के नतीजे आपस में मिलते हैं"),
    Verdict.NOT_MEASURED: Text(en="not measured", hi="मापा नहीं गया"),
}


@dataclass(frozen=True)
class Claim:
    """One row of the document's table, in its own words."""

    key: str
    feature: Text
    gan: Text
    diffusion: Text


CLAIMS = (
    Claim("stable", Text(en="Stable", hi="स्थिरता"),
          Text(en="hard to train", hi="ट्रेनिंग मुश्किल"), Text(en="more stable", hi="ज़्यादा स्थिर")),
    Claim("quality", Text(en="Output quality", hi="नतीजे की गुणवत्ता"),
          Text(en="medium to high", hi="मध्यम से ऊँची"), Text(en="high", hi="ऊँची")),
    Claim("collapse", Text(en="Mode collapse", hi="मोड कोलैप्स"),
          Text(en="possible", hi="हो सकता है"), Text(en="rare", hi="कम होता है")),
    Claim("time", Text(en="Training time", hi="ट्रेनिंग का समय"),
          Text(en="faster", hi="कम"), Text(en="slower", hi="ज़्यादा")),
    Claim("use", Text(en="Use case", hi="उपयोग"),
          Text(en="image, video, text", hi="तस्वीर, वीडियो, टेक्स्ट"), Text(en="mostly high-fidelity images", hi="ज़्यादातर बारीक, असली जैसी तस्वीरें")),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A claim beside its measurement: one figure for each entrant, and the verdict on GAN against diffusion."""

    claim: Claim
    measured: dict[str, Text]
    verdict: Verdict


def beside(entrants: Sequence[Standing], families: Mapping[str, str]) -> tuple[Row, ...]:
    """The document's rows, each with the measured figure of every entrant.

    The verdict compares the first GAN with the first diffusion model that was entered.

    Args:
        entrants: What came of the contest.
        families: The family of each method, from the catalogue.
    """
    gan = next((one for one in entrants if families.get(one.method) == GAN), None)
    diffusion = next((one for one in entrants if families.get(one.method) == DIFFUSION), None)
    rows = []
    for claim in CLAIMS:
        tell, judge = _MEASURES.get(claim.key, (_nothing, None))
        measured = {standing.label: tell(standing) for standing in entrants}
        ready = judge is not None and gan is not None and diffusion is not None and gan.ended and diffusion.ended
        verdict = judge(gan, diffusion) if ready and judge and gan and diffusion else Verdict.NOT_MEASURED
        rows.append(Row(claim, measured, verdict))
    return tuple(rows)


def told(found: Spread | None, unit: str = "") -> Text:
    """A mean with its interval: "0.21 [0.18, 0.24]"."""
    if found is None:
        return Text(en="–", hi="–")
    low, high = found.interval  # of few seeds it may reach below 0, where none of these quantities can be
    shown = f"{found.mean:.3g}{unit}" + ("" if math.isnan(low) else f" [{max(0, low):.3g}, {high:.3g}]")
    return Text(en=shown, hi=shown)


def each_seed(found: Spread) -> str:
    """The value of every seed, for counts: "8/7/8"."""
    return "/".join(f"{value:g}" for value in found.values)


def counted(hits: int, count: int) -> Text:
    """So many of so many runs, with the interval of the share."""
    low, high = share_interval(hits, count)
    shown = f"{hits}/{count} [{low:.0%}, {high:.0%}]"
    return Text(en=shown, hi=shown)


def _stability(one: Standing) -> Text:
    diverged = counted(one.diverged, len(one.ended))
    en, hi = f"diverged {diverged.en}", f"बिगड़े {diverged.hi}"
    if one.distance is not None and not math.isnan(one.distance.deviation):  # one seed does not differ from itself
        en, hi = f"{en}; seeds differ by {one.distance.deviation:.2g}", f"{hi}; सीड में अंतर {one.distance.deviation:.2g}"
    if one.wobble is not None:
        en, hi = f"{en}; wavers {one.wobble.mean:.0%}", f"{hi}; डगमगाहट {one.wobble.mean:.0%}"
    return Text(en=en, hi=hi)


def _steadier(gan: Standing, diffusion: Standing) -> Verdict:
    if gan.diverged != diffusion.diverged:
        return Verdict.AGREES if gan.diverged > diffusion.diverged else Verdict.DIFFERS
    return _order(diffusion.wobble, gan.wobble)


def _quality(one: Standing) -> Text:
    near = told(one.distance)
    on_data = one.metric("on_data")
    if on_data is None:
        return Text(en=f"distance {near.en}", hi=f"दूरी {near.hi}")
    return Text(
        en=f"distance {near.en}; on the data {on_data.mean:.0%}", hi=f"दूरी {near.hi}; डेटा पर {on_data.mean:.0%}"
    )


def _collapse(one: Standing) -> Text:
    if one.collapsed is None:
        return Text(en="no modes to count", hi="गिनने को मोड नहीं")
    lost, modes, uneven = counted(one.collapsed, len(one.ended)), one.metric("modes"), one.metric("mode_spread")
    en, hi = f"lost a mode in {lost.en}", f"{lost.hi} में कोई मोड खोया"
    if modes is not None:
        each = each_seed(modes)
        en, hi = f"{en}; modes {each}", f"{hi}; मोड {each}"
    if uneven is not None:
        en, hi = f"{en}; unevenness {uneven.mean:.2g}", f"{hi}; असमानता {uneven.mean:.2g}"
    return Text(en=en, hi=hi)


def _collapses(gan: Standing, diffusion: Standing) -> Verdict:
    if gan.collapsed is None or diffusion.collapsed is None:
        return Verdict.NOT_MEASURED
    if gan.collapsed > 0:
        return Verdict.AGREES if diffusion.collapsed == 0 else Verdict.OPEN
    return Verdict.OPEN if diffusion.collapsed == 0 else Verdict.DIFFERS


def _time(one: Standing) -> Text:
    train, draw = told(one.training_s, " s"), told(one.sampling_s, " s")
    if one.sampling_s is None:
        return train
    return Text(en=f"{train.en}; 1,000 samples in {draw.en}", hi=f"{train.hi}; 1,000 सैंपल {draw.hi} में")


def _nothing(one: Standing) -> Text:
    return VERDICTS[Verdict.NOT_MEASURED]


def _order(smaller: Spread | None, larger: Spread | None) -> Verdict:
    """Whether every value of the first lies below every value of the second."""
    if smaller is None or larger is None:
        return Verdict.NOT_MEASURED
    if smaller.high < larger.low:
        return Verdict.AGREES
    return Verdict.DIFFERS if larger.high < smaller.low else Verdict.OPEN


_MEASURES: dict[str, tuple[Callable[[Standing], Text], Callable[[Standing, Standing], Verdict]]] = {
    "stable": (_stability, _steadier),
    "quality": (_quality, lambda gan, diffusion: _order(diffusion.distance, gan.distance)),
    "collapse": (_collapse, _collapses),
    "time": (_time, lambda gan, diffusion: _order(gan.training_s, diffusion.training_s)),
}
