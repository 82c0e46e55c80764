"""Integrated gradients (arXiv:1703.01365, equation 1): a_i = (x_i - b_i) ∫ dF_c(b + t (x - b)) / dx_i dt, t from 0 to 1.

The attributions sum to F_c(x) - F_c(b) (completeness). The integral is the midpoint rule; the number of steps is tripled, and with
it every step taken so far is kept, until what misses of the sum is at most 1 %. Gradients are summed as they come: memory does not
grow with the steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import torch
from torch import Tensor

from dashboard.explain.contract import Explanation
from dashboard.explain.image.answering import answering, target_name
from dashboard.explain.image.blanks import blank_of
from dashboard.explain.image.config import HidingConfig
from dashboard.explain.image.subject import ImageSubject
from dashboard.explain.path import ENOUGH, FIRST_STEPS, completeness, new_places
from data.catalog import ExplainerCard, option
from data.text import Text


class IntegratedGradientsConfig(HidingConfig):
    """How many steps at most."""

    steps: int = option(
        270, ge=10, le=100_000, unit="steps", symbol="m",
        title=Text(en="Most steps", hi="ज़्यादा से ज़्यादा स्टेप"),
        help=Text(en="Steps of the path are tripled from 10 up to this, until the attributions add up to within 1 %.",
                  hi="रास्ते के स्टेप 10 से शुरू होकर तिगुने होते हैं, जब तक जोड़ 1 % के भीतर सही न हो या यह सीमा न आए।"),
    )  # fmt: skip

    def lighter(self) -> Self:
        """The fewest steps."""
        return self.model_copy(update={"steps": FIRST_STEPS})


def integrated_gradients(subject: ImageSubject, config: IntegratedGradientsConfig) -> Iterator[Explanation]:
    """A snapshot at 10, 30, 90 … steps."""
    base = blank_of(subject.x, config.blank)
    way = subject.x - base
    start = float(subject.network(base[None])[0, subject.target].detach())
    end = float(subject.scores[subject.target])
    total, steps = torch.zeros_like(way, dtype=torch.float64), 0
    while True:
        wanted = steps * 3 if steps else FIRST_STEPS
        total += _gradients(subject, base, way, new_places(wanted, first=steps == 0))
        steps = wanted
        shown = (way.double() * total / steps).sum(dim=0).numpy()
        missing = abs(float(shown.sum()) - (end - start))
        enough = missing <= ENOUGH * abs(end - start)
        done = enough or steps * 3 > config.steps
        one = Explanation(shown, end, target_name(subject), base_value=start, converged=done, details={"steps": steps})
        yield one.with_evidence(completeness=completeness(missing, end - start, steps, enough))
        if done:
            return


def _gradients(subject: ImageSubject, base: Tensor, way: Tensor, places: list[float]) -> Tensor:
    """The sum of the gradients at places of the path, [colours, height, width] float64."""
    total = torch.zeros_like(way, dtype=torch.float64)
    for first in range(0, len(places), subject.model.batch):
        part = torch.tensor(places[first : first + subject.model.batch], dtype=way.dtype)
        _, slopes = subject.gradient(base + part[:, None, None, None] * way)
        total += slopes.double().sum(dim=0)
    return total


EXPLAINER = ExplainerCard(
    name="integrated_gradients",
    title=Text(en="Integrated gradients", hi="इंटीग्रेटेड ग्रेडिएंट"),
    summary=Text(en="What each pixel adds on the way from a blank picture to this one; the parts add up to the score.",
                 hi="खाली तस्वीर से इस तस्वीर तक के रास्ते में हर पिक्सेल कितना जोड़ता है; सबका जोड़ स्कोर के बराबर।"),
    source="M. Sundararajan, A. Taly, Q. Yan: Axiomatic Attribution for Deep Networks, 2017, arXiv:1703.01365",
    kind="image",
    config=IntegratedGradientsConfig,
    explain=answering(integrated_gradients),
)  # fmt: skip
