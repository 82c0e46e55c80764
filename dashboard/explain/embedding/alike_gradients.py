"""What each pixel adds to a likeness: integrated gradients (arXiv:1703.01365) of the cosine, from a blank picture to this one.

The parts add up to s(x) - s(blank). The midpoint rule with 10, 30, 90 … steps, until what misses of the sum is at most 1 %.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from dashboard.explain.contract import Explanation
from dashboard.explain.embedding.answering import Way
from dashboard.explain.embedding.subject import EmbeddingSubject
from dashboard.explain.image.blanks import blank_of
from dashboard.explain.image.integrated_gradients import IntegratedGradientsConfig
from dashboard.explain.path import ENOUGH, FIRST_STEPS, completeness, new_places
from data.catalog import ExplainerCard
from data.text import Text

_BATCH = 16


def alike_gradients(subject: EmbeddingSubject, config: IntegratedGradientsConfig) -> Iterator[Explanation]:
    """A snapshot at 10, 30, 90 … steps."""
    base = blank_of(subject.x[0], config.blank)[None]
    way = subject.x - base
    start, end = (float(one) for one in subject.likeness(torch.cat([base, subject.x])))
    total, steps = torch.zeros_like(way[0], dtype=torch.float64), 0
    while True:
        wanted = steps * 3 if steps else FIRST_STEPS
        total += _slopes(subject, base, way, new_places(wanted, first=steps == 0))
        steps = wanted
        shown = (way[0].double() * total / steps).sum(dim=0).cpu().numpy()
        missing = abs(float(shown.sum()) - (end - start))
        enough = missing <= ENOUGH * abs(end - start)
        done = enough or steps * 3 > config.steps
        one = Explanation(shown, end, "likeness", base_value=start, converged=done, details={"path_steps": steps})
        yield one.with_evidence(completeness=completeness(missing, end - start, steps, enough))
        if done:
            return


def _slopes(subject: EmbeddingSubject, base: Tensor, way: Tensor, places: list[float]) -> Tensor:
    total = torch.zeros_like(way[0], dtype=torch.float64)
    for first in range(0, len(places), _BATCH):
        part = torch.tensor(places[first : first + _BATCH], dtype=way.dtype, device=way.device)
        total += subject.slope(base + part[:, None, None, None] * way).double().sum(dim=0)
    return total


EXPLAINER = ExplainerCard(
    name="alike_gradients",
    title=Text(en="Integrated gradients of the likeness", hi="समानता के इंटीग्रेटेड ग्रेडिएंट"),
    summary=Text(en="What each pixel adds to the likeness on the way from a blank picture to this one; the parts add up.",
                 hi="खाली तस्वीर से इस तस्वीर तक के रास्ते में हर पिक्सेल समानता में कितना जोड़ता है; सबका जोड़ सही।"),
    source="M. Sundararajan, A. Taly, Q. Yan: Axiomatic Attribution for Deep Networks, 2017, arXiv:1703.01365",
    kind="embedding",
    config=IntegratedGradientsConfig,
    explain=Way(alike_gradients),
)  # fmt: skip
