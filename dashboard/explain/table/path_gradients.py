"""Integrated gradients of a network, by Captum: gradients on the straight way from the average row to this one.

M. Sundararajan, A. Taly, Q. Yan, arXiv:1703.01365, equation 1. Starting point: the mean of the background rows as the network sees
them, a category being there in the share of rows that have it. Captum's Gauss-Legendre rule; its steps are doubled until what misses of
the sum (its convergence delta) is small.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from captum.attr import IntegratedGradients

from dashboard.explain.contract import Explanation
from dashboard.explain.table.gradients import as_design, network_of, of_features
from dashboard.explain.table.subject import Asked, TableSubject
from data.catalog import Config, ExplainerCard, option
from data.text import Text

FIRST_STEPS = 32
_ADDS_UP = 1e-8
"""Of the score at the row less that at the starting point: a network of smooth units gets there in few steps."""


class PathGradientsConfig(Config):
    """How many steps at most."""

    steps: int = option(
        256, ge=FIRST_STEPS, le=4096, unit="steps", symbol="m",
        title=Text(en="Most steps", hi="ज़्यादा से ज़्यादा स्टेप"),
        help=Text(en="Steps of the way; doubled from 32 until the shares add up.",
                  hi="रास्ते के स्टेप; 32 से दुगुने होते जाते हैं, जब तक जोड़ सही न हो।"),
    )  # fmt: skip


def explain(subject: TableSubject, config: PathGradientsConfig) -> Iterator[Explanation]:
    """Snapshots at twice as many steps each, until the shares add up."""
    score, design = network_of(subject)
    asked = Asked(subject)
    end = float(asked(subject.x[None])[0])
    x = as_design(design, subject.x[None])
    start = as_design(design, subject.background).mean(dim=0, keepdim=True)
    base = float(score(start)[0].detach())
    method, steps, calls = IntegratedGradients(score), FIRST_STEPS, 2
    while True:
        columns, missing = method.attribute(
            x, start, n_steps=steps, method="gausslegendre", return_convergence_delta=True
        )
        calls += steps
        phi = of_features(design, columns[0])
        done = abs(float(missing[0])) <= _ADDS_UP * max(abs(end - base), 1e-9)
        yield Explanation(
            phi, end, subject.target, base_value=base, half_width=np.zeros_like(phi), seconds=asked.seconds,
            model_calls=calls, converged=done, details={"steps": steps},
        )  # fmt: skip
        if done or steps * 2 > config.steps:
            return
        steps *= 2


EXPLAINER = ExplainerCard(
    name="path_gradients",
    title=Text(en="Integrated gradients", hi="इंटीग्रेटेड ग्रेडिएंट"),
    summary=Text(
        en="For a neural network: adds up its gradients on the straight way from the average row to this one.",
        hi="न्यूरल नेटवर्क के लिए: औसत पंक्ति से इस पंक्ति तक सीधे रास्ते के ग्रेडिएंट जोड़ता है।",
    ),
    source="arXiv:1703.01365",
    kind="table",
    config=PathGradientsConfig,
    explain=explain,
)
