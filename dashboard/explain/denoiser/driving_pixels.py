"""Which pixels drive the denoiser at step t: integrated gradients (arXiv:1703.01365) of what the picture adds to the answer.

Notation: b = level eps, the noise alone; x_t = b + signal x_0; D the denoiser; d = D(x_t) - D(b), what the picture adds to the answer;
F(x) = <D(x) - D(b), d> / (|d| sqrt(n)) with n numbers in d, so that F(b) = 0 and F(x_t) is the root mean square of d. The path from b
to x_t lets the picture rise out of one and the same noise; a_i = signal x_0i ∫ dF / dx_i along it, and the a_i sum to F(x_t). Of a part
of the answer, d is 0 outside it. Where D is linear, D(x) = A x + c, a = signal x_0 · A^T d / (|d| sqrt(n)) at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
import torch
from torch import Tensor

from dashboard.explain.contract import Explanation, Finding
from dashboard.explain.denoiser.answering import Way, stage_of
from dashboard.explain.denoiser.subject import DenoiserSubject
from dashboard.explain.denoiser.telling import SLIGHT, driving
from dashboard.explain.games import Worth
from dashboard.explain.image.config import ImageConfig
from dashboard.explain.image.maps import region
from dashboard.explain.image.places import PLACES
from dashboard.explain.image.proof import Masks, elsewhere, moved, removed, strongest
from dashboard.explain.image.sentence import place
from dashboard.explain.path import ENOUGH, FIRST_STEPS, completeness, new_places
from data.catalog import ExplainerCard, option
from data.text import Text

_BATCH = 16
_PARTS = ("all", "0", "1", "2", "3", "4", "5", "6", "7", "8")


class DrivingConfig(ImageConfig):
    """Of which part of the answer, and how exactly."""

    part: Literal["all", "0", "1", "2", "3", "4", "5", "6", "7", "8"] = option(
        "all",
        title=Text(en="Part of the answer", hi="जवाब का हिस्सा"),
        help=Text(en="Whether all of the denoised picture is explained, or one ninth of it.", hi="नॉइज़ हटी पूरी तस्वीर की वजह, या उसके एक-नौवें हिस्से की।"),
        labels=dict(zip(_PARTS, (Text(en="All of it", hi="पूरा"), *(place for row in PLACES for place in row)), strict=True)),
    )  # fmt: skip
    steps: int = option(
        270, ge=10, le=100_000, unit="steps", symbol="m",
        title=Text(en="Most steps", hi="ज़्यादा से ज़्यादा स्टेप"),
        help=Text(en="Steps of the path are tripled from 10 up to this, until the attributions add up to within 1 %.",
                  hi="रास्ते के स्टेप 10 से शुरू होकर तिगुने होते हैं, जब तक जोड़ 1 % के भीतर सही न हो या यह सीमा न आए।"),
    )  # fmt: skip

    def lighter(self) -> Self:
        """The fewest steps."""
        return self.model_copy(update={"steps": FIRST_STEPS})


@dataclass(frozen=True)
class Added:
    """What a picture adds to the answer: F of noisy pictures, and the direction d / (|d| sqrt(n)) it is measured along."""

    subject: DenoiserSubject
    ground: Tensor
    without: Tensor
    direction: Tensor
    whole: float

    @classmethod
    def of(cls, subject: DenoiserSubject, config: DrivingConfig) -> Added:
        """Of the picture under the noise of the config's seed."""
        ground = subject.noise(config.seed)
        without, answer = subject.denoised(torch.cat([ground, ground + subject.clean])).chunk(2)
        added = _within(answer - without, config.part)
        size = float(added.double().norm())
        root = np.sqrt(added.numel())
        direction = added / (size * root) if size > 0 else added
        return cls(subject, ground, without, direction, size / root)

    def __call__(self, masks: Masks) -> Worth:
        """F where of the picture only some pixels stand out of the noise."""
        x = self.ground + self.subject.kept(masks).to(self.ground.dtype) * self.subject.clean
        found: Worth = (
            ((self.subject.denoised(x) - self.without) * self.direction).flatten(1).double().sum(dim=1).cpu().numpy()
        )
        return found


def driving_pixels(subject: DenoiserSubject, config: DrivingConfig) -> Iterator[Explanation]:
    """A snapshot at 10, 30, 90 … steps."""
    added = Added.of(subject, config)
    total, steps = torch.zeros_like(subject.clean[0], dtype=torch.float64), 0
    while True:
        wanted = steps * 3 if steps else FIRST_STEPS
        total += _slopes(added, new_places(wanted, first=steps == 0))
        steps = wanted
        shares = subject.clean[0].double() * total / steps
        missing = abs(float(shares.sum()) - added.whole)
        enough = missing <= ENOUGH * added.whole
        done = enough or steps * 3 > config.steps
        one = Explanation(
            subject.laid(shares),
            added.whole,
            _named(config.part).en,
            base_value=0.0,
            converged=done,
            details={"path_steps": steps, "title": _named(config.part).model_dump()},
        )
        yield one.with_evidence(completeness=completeness(missing, added.whole, steps, enough)) if added.whole else one
        if done:
            return


def _slopes(added: Added, places: list[float]) -> Tensor:
    total = torch.zeros_like(added.ground[0], dtype=torch.float64)
    for first in range(0, len(places), _BATCH):
        part = torch.tensor(places[first : first + _BATCH], dtype=added.ground.dtype, device=added.ground.device)
        x = added.ground + part.view(-1, *[1] * (added.ground.ndim - 1)) * added.subject.clean
        total += added.subject.slope(x, added.direction).double().sum(dim=0)
    return total


def _within(difference: Tensor, part: str) -> Tensor:
    """A difference of answers, 0 outside the part that is explained."""
    if part == "all":
        return difference
    rows, columns = (torch.arange(side) * 3 // side for side in difference.shape[-2:])
    inside = (rows[:, None] * 3 + columns[None]) == int(part)
    return difference * inside.to(difference)


def _named(part: str) -> Text:
    """What is explained."""
    if part == "all":
        return Text(en="the denoised picture", hi="नॉइज़ हटी तस्वीर")
    where = PLACES[int(part) // 3][int(part) % 3]
    return Text(en=f"{where.en} of the denoised picture", hi=f"नॉइज़ हटी तस्वीर का {where.hi}")


def _sentence(subject: DenoiserSubject, config: DrivingConfig, one: Explanation) -> tuple[Text, dict[str, Any]]:
    where = region(one.attributions)
    added, marked = Added.of(subject, config), bool(where.any())
    left = added(~moved(where, config.seed)) / added.whole if marked and added.whole else np.ones(2)
    told = driving(
        stage_of(subject), moved=added.whole, place=place(one.attributions, where), left=float(left[0]), chance=float(left[1:].mean()), marked=marked
    )  # fmt: skip
    return told, {"moved": added.whole, "left": float(left[0]), "left_elsewhere": float(left[1:].mean())}


def _proof(subject: DenoiserSubject, config: DrivingConfig, one: Explanation) -> Iterator[tuple[str, Finding]]:
    added = Added.of(subject, config)
    if added.whole < SLIGHT:
        yield "effect", _slight(added.whole)
        return
    if (found := elsewhere(added, region(one.attributions), config.seed)) is not None:
        yield "reasons", found
        yield "strongest", strongest(added, one.attributions)
    yield "removal", removed(added, one.attributions, config.seed)


def _slight(moved: float) -> Finding:
    """That the picture hardly counts is what the sentence then says; where the little that it adds comes from is not judged."""
    return Finding(
        Text(en="The picture hardly counts", hi="तस्वीर का असर नाममात्र है"),
        Text(en=f"It moves the answer by {moved:.3f} (root mean square, on a scale from −1 to 1): too little to ask which pixels do.",
             hi=f"इससे जवाब {moved:.3f} बदलता है (वर्ग-माध्य-मूल, −1 से 1 के पैमाने पर): इतना कम कि पिक्सेल पूछना बेमानी है।"),
        moved,
    )  # fmt: skip


WAY = Way(driving_pixels, _sentence, _proof)

EXPLAINER = ExplainerCard(
    name="driving_pixels",
    title=Text(en="Pixels that drive the denoiser", hi="नॉइज़ हटाने वाले को चलाने वाले पिक्सेल"),
    summary=Text(en="Lets the picture rise out of one and the same noise, and shares what it adds to the answer among its pixels; the parts add up.",
                 hi="एक ही नॉइज़ में से तस्वीर को उभरने देता है, और जवाब पर उसका असर पिक्सेलों में बाँटता है; सबका जोड़ सही।"),
    source="M. Sundararajan, A. Taly, Q. Yan: Axiomatic Attribution for Deep Networks, 2017, arXiv:1703.01365",
    kind="denoiser",
    config=DrivingConfig,
    explain=WAY,
)  # fmt: skip
