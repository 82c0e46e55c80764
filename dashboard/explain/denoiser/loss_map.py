"""Where the loss of one picture lies: what each pixel adds to the training loss at step t, the mean over draws of the noise.

The parts add up to the loss of the picture, since the loss is a mean over pixels (arXiv:2006.11239, equation 14; its weight, where a method has
one, is the same for all pixels of a noise level). Noise is drawn with its mirror image -eps in turn: the mean is the same, and what is odd in
the noise is gone. Half widths are those of the mean over pairs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

import numpy as np
import torch

from dashboard.explain.contract import Explanation, Finding
from dashboard.explain.denoiser.answering import Way, stage_of
from dashboard.explain.denoiser.subject import DenoiserSubject, repeated
from dashboard.explain.denoiser.telling import SPREAD, losing
from dashboard.explain.image.config import ImageConfig
from dashboard.explain.image.maps import Map, Mask, region
from dashboard.explain.image.proof import PLACES, adds_up, matters, moved
from dashboard.explain.image.sentence import place
from dashboard.explain.image.smoothgrad import Running
from data.catalog import ExplainerCard, option
from data.text import Text
from lightning_modules.diffusion.process.item_noise import ItemNoise

_SHOWN_EVERY = 8
_ADDS_UP = 1e-5
_TITLE = Text(en="the loss", hi="लॉस")
_CHECKED = 32
"""Draws of the noise that a map is checked with."""
_NEAR = 0.25
"""How far the share that they find in its region may be from the one that was said, as a part of the greater of the two."""
_CLAIM = Text(en="Other noise says so too", hi="दूसरा नॉइज़ भी यही कहता है")


class LossMapConfig(ImageConfig):
    """How often the noise is drawn."""

    draws: int = option(
        32, ge=4, le=4096, unit="items",
        title=Text(en="Draws of the noise", hi="नॉइज़ कितनी बार"),
        help=Text(en="The loss is a mean over all noise; so many draws stand for it.", hi="लॉस सारे नॉइज़ पर औसत है; इतने नमूने उसकी जगह लिए जाते हैं।"),
    )  # fmt: skip

    def lighter(self) -> Self:
        """Fewer draws."""
        return self.model_copy(update={"draws": min(self.draws, 16)})


def loss_map(subject: DenoiserSubject, config: LossMapConfig) -> Iterator[Explanation]:
    """A snapshot after every eight draws."""
    maps, losses = Running(subject.size), Running(())
    pairs = config.draws // 2
    while maps.count < pairs:
        count = min(_SHOWN_EVERY // 2, pairs - maps.count)
        for one, loss in zip(*_drawn(subject, config.seed, maps.count, count), strict=True):
            maps.add(one)
            losses.add(loss)
        half = maps.half_width if maps.count > 1 else None
        yield Explanation(
            maps.mean, float(losses.mean), "loss", base_value=0.0, half_width=half, converged=maps.count >= pairs,
            details={"loss": float(losses.mean), "loss_half_width": float(losses.half_width) if losses.count > 1 else None, "draws": 2 * maps.count,
                     "title": _TITLE.model_dump()},
        )  # fmt: skip


def _drawn(subject: DenoiserSubject, seed: int, first: int, count: int) -> tuple[list[Any], list[Any]]:
    """Maps and losses of some draws of the noise, each the mean of the draw and its mirror image."""
    noise = ItemNoise(seed, first, count, tuple(subject.x0.shape[1:]), subject.x0.device)()
    noise = torch.cat([noise, -noise])
    x0, t, told = (
        subject.x0.expand(2 * count, *subject.x0.shape[1:]),
        subject.t.expand(2 * count),
        repeated(subject.condition, 2 * count),
    )
    subject.calls += 2 * count
    with torch.no_grad():
        shares = subject.model.loss_map(x0, t, noise, told).double()
    shares = (shares[:count] + shares[count:]) / 2
    return [subject.laid(one) for one in shares], [
        np.asarray(one) for one in shares.flatten(1).sum(dim=1).cpu().numpy()
    ]


def share_of(shown: Map, where: Mask) -> float:
    """Part of a map that lies in a region."""
    return float(shown[where].sum() / max(shown.sum(), 1e-300))


def _sentence(subject: DenoiserSubject, config: LossMapConfig, one: Explanation) -> tuple[Text, dict[str, Any]]:
    where = region(one.attributions)
    share = share_of(one.attributions, where)
    told = losing(
        stage_of(subject), loss=one.prediction, half=one.details["loss_half_width"] or 0.0, place=place(one.attributions, where),
        share=share, area=float(where.mean()),
    )  # fmt: skip
    return told, {"region_share": share, "region_area": float(where.mean())}


def _proof(subject: DenoiserSubject, config: LossMapConfig, one: Explanation) -> Iterator[tuple[str, Finding]]:
    error = abs(float(one.attributions.sum()) - one.prediction) / max(one.prediction, 1e-300)
    yield (
        "additivity",
        adds_up(error, _ADDS_UP, en="What all pixels add is the loss, to", hi="सब पिक्सेलों का जोड़ लॉस के बराबर है"),
    )
    yield "certainty", _certain(one)
    yield "reasons", _again(subject, config, one)


def _again(subject: DenoiserSubject, config: LossMapConfig, one: Explanation) -> Finding:
    """Whether noise that the map has not seen says of its region what the sentence says.

    A map that says the loss is spread is judged by a region of that other noise: found in half of it, looked at in the other half, since the region
    that is the largest of its own noise holds more than its share by chance.
    """
    fresh = np.stack(_drawn(subject, config.seed + 2, 0, _CHECKED // 2)[0])
    where = region(one.attributions)
    area, said = float(where.mean()), share_of(one.attributions, where)
    if said <= SPREAD * area:
        found, held = region(fresh[::2].mean(axis=0)), fresh[1::2].mean(axis=0)
        area, share = float(found.mean()), share_of(held, found)
        judged = share <= SPREAD * area
        text = Text(en=f"In {_CHECKED} other noises no part holds much more than its share: {share:.0%} of the loss in {area:.0%} of the picture.",
                    hi=f"{_CHECKED} दूसरे नॉइज़ में भी किसी हिस्से में उसके हिस्से से बहुत ज़्यादा लॉस नहीं: {area:.0%} तस्वीर में {share:.0%} लॉस।") if judged else Text(
            en=f"In {_CHECKED} other noises it is not spread: {share:.0%} of the loss in {area:.0%} of the picture.",
            hi=f"{_CHECKED} दूसरे नॉइज़ में लॉस फैला नहीं है: {area:.0%} तस्वीर में {share:.0%} लॉस।")  # fmt: skip
        return Finding(_CLAIM, text, share, judged)
    held = (moved(where, config.seed) * fresh.mean(axis=0)).sum(axis=(1, 2))
    beaten, share = int((held[1:] < held[0]).sum()), share_of(fresh.mean(axis=0), where)
    text = Text(
        en=f"In {_CHECKED} other noises the marked region holds {share:.0%} of the loss (said: {said:.0%}), and more than the same shape in {beaten} of {PLACES} other places.",
        hi=f"{_CHECKED} दूसरे नॉइज़ में दिखाए गए हिस्से में {share:.0%} लॉस है (बताया: {said:.0%}), और {PLACES} में से {beaten} दूसरी जगह उसी आकार से ज़्यादा।",
    )  # fmt: skip
    near = abs(share - said) <= _NEAR * max(share, said)
    judged_by = matters(beaten) if share > SPREAD * area else False
    return Finding(_CLAIM, text, share, judged_by if near or judged_by is False else None)


def _certain(one: Explanation) -> Finding:
    """How sure the loss is after so many draws."""
    half = one.details["loss_half_width"]
    share = half / max(one.prediction, 1e-300)
    return Finding(
        Text(en="Sure of the loss", hi="लॉस पक्का है"),
        Text(en=f"After {one.details['draws']} draws of the noise the loss is known to within {share:.1%} (95 % interval).",
             hi=f"नॉइज़ के {one.details['draws']} नमूनों के बाद लॉस {share:.1%} के भीतर पता है (95 % अंतराल)।"),
        share, True if share <= 0.1 else None,
    )  # fmt: skip


WAY = Way(loss_map, _sentence, _proof, needs="reasons")

EXPLAINER = ExplainerCard(
    name="loss_map",
    title=Text(en="Loss map", hi="लॉस का मैप"),
    summary=Text(en="What each pixel adds to the training loss of this picture at this noise; the parts add up to the loss.",
                 hi="इस नॉइज़ पर इस तस्वीर के ट्रेनिंग लॉस में हर पिक्सेल का हिस्सा; सबका जोड़ लॉस के बराबर।"),
    source="J. Ho, A. Jain, P. Abbeel: Denoising Diffusion Probabilistic Models, 2020, arXiv:2006.11239, equation 14",
    kind="denoiser",
    config=LossMapConfig,
    explain=WAY,
)  # fmt: skip
