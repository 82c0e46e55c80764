"""GradientSHAP of a network: gradients on the way from each background row to the row, averaged over ways and rows.

S. Lundberg, S. Lee, arXiv:1705.07874; as expected gradients G. Erion et al., arXiv:1906.10670: phi_i = E[(x_i - b_i) df/dx_i at
b + a (x - b)], b a background row, a even on 0..1. The usual estimate draws b and a; with 64 background rows the mean over b is taken in
full and the integral over a by Gauss-Legendre, so nothing is drawn and the shares add up. Points are doubled until they do.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from dashboard.explain.contract import Explanation
from dashboard.explain.table.gradients import as_design, network_of, of_features
from dashboard.explain.table.subject import Asked, TableSubject
from data.catalog import Config, ExplainerCard, option
from data.text import Text

_FIRST = 4
_ADDS_UP = 1e-8
"""Of the prediction's distance from the average."""


class GradientShapConfig(Config):
    """How finely the ways are followed at most."""

    points: int = option(
        64, ge=4, le=512,
        title=Text(en="Most points of a way", hi="रास्ते के अधिकतम बिंदु"),
        help=Text(en="Places on the way from each background row; doubled from 4 until the shares add up.",
                  hi="हर बैकग्राउंड पंक्ति से आने वाले रास्ते की जगहें; 4 से दुगुनी होती जाती हैं, जब तक जोड़ सही न हो।"),
    )  # fmt: skip


def explain(subject: TableSubject, config: GradientShapConfig) -> Iterator[Explanation]:
    """Snapshots at twice as many points each, until the shares add up."""
    score, design = network_of(subject)
    asked = Asked(subject)
    end, base = float(asked(subject.x[None])[0]), float(asked(subject.background).mean())
    x, background = as_design(design, subject.x[None]), as_design(design, subject.background)
    points, calls = _FIRST, 0
    while True:
        places, weights = np.polynomial.legendre.leggauss(points)
        total = torch.zeros_like(x)
        for place, weight in zip((places + 1) / 2, weights / 2, strict=True):
            z = (background + place * (x - background)).requires_grad_()
            (gradient,) = torch.autograd.grad(score(z).sum(), z)
            total += weight * ((x - background) * gradient).mean(dim=0)
        calls += points * len(background)
        phi = of_features(design, total[0])
        done = abs(phi.sum() - (end - base)) <= _ADDS_UP * max(abs(end - base), 1e-9)
        yield Explanation(
            phi, end, subject.target, base_value=base, half_width=np.zeros_like(phi), seconds=asked.seconds,
            model_calls=asked.calls + calls, converged=done, details={"points": points},
        )  # fmt: skip
        if done or points * 2 > config.points:
            return
        points *= 2


EXPLAINER = ExplainerCard(
    name="gradient_shap",
    title=Text(en="GradientSHAP", hi="GradientSHAP (ग्रेडिएंट शैप)"),
    summary=Text(
        en="For a neural network: follows its gradients from typical rows to this one; the shares add up to the prediction.",
        hi="न्यूरल नेटवर्क के लिए: आम पंक्तियों से इस पंक्ति तक उसके ग्रेडिएंट जोड़ता है; हिस्सों का जोड़ मॉडल के अनुमान तक पहुँचता है।",
    ),
    source="arXiv:1705.07874, arXiv:1906.10670",
    kind="table",
    config=GradientShapConfig,
    explain=explain,
)
