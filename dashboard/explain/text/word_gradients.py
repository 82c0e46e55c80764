"""Integrated gradients on the vectors of tokens (arXiv:1703.01365, equation 1), summed up over each word.

a_i = sum over the width of (e_i - b) ∫ dF(b + t (e - b)) / de_i dt: from a text whose words are all the blank vector to the text. Tokens that are
always there stand on the path from its beginning. The shares add up to F(x) - F(blank), and the steps are tripled until what misses is at most 1 %.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch

from dashboard.explain.contract import Explanation
from dashboard.explain.path import ENOUGH, FIRST_STEPS, completeness, new_places
from dashboard.explain.text.answering import answering, target_name
from dashboard.explain.text.config import TextExplainerConfig
from dashboard.explain.text.subject import TextSubject
from data.catalog import ExplainerCard, option
from data.text import Text

_AT_ONCE = 10


class WordGradientsConfig(TextExplainerConfig):
    """How many steps at most."""

    steps: int = option(
        270, ge=10, le=10_000, unit="steps", symbol="m",
        title=Text(en="Most steps", hi="ज़्यादा से ज़्यादा स्टेप"),
        help=Text(en="Steps of the path are tripled from 10 up to this, until the shares add up to within 1 %.",
                  hi="रास्ते के स्टेप 10 से शुरू होकर तिगुने होते हैं, जब तक जोड़ 1 % के भीतर सही न हो या यह सीमा न आए।"),
    )  # fmt: skip


def word_gradients(subject: TextSubject, config: WordGradientsConfig) -> Iterator[Explanation]:
    """A snapshot at 10, 30, 90 … steps."""
    with torch.no_grad():
        end = subject.model.embed(subject.reading.numbers)
        own = torch.from_numpy(subject.reading.owner >= 0)[:, None]
        base = torch.where(own, subject.model.blank(), end)
    way = end - base
    start, finish = float(subject.gradient(base[None])[0][0]), float(subject.raw[subject.target])
    total, steps = torch.zeros_like(way, dtype=torch.float64), 0
    while True:
        wanted = steps * 3 if steps else FIRST_STEPS
        places = torch.tensor(new_places(wanted, first=steps == 0), dtype=way.dtype)
        for part in torch.split(places, _AT_ONCE):
            total += subject.gradient(base + part[:, None, None] * way)[1].double().sum(dim=0)
        steps = wanted
        shares = subject.of_words((way.double() * total / steps).sum(dim=1).numpy())
        missing = abs(float(shares.sum()) - (finish - start))
        enough = missing <= ENOUGH * abs(finish - start)
        done = enough or steps * 3 > config.steps
        one = Explanation(
            shares, finish, target_name(subject), base_value=start, converged=done, details={"steps": steps}
        )
        yield one.with_evidence(completeness=completeness(missing, finish - start, steps, enough))
        if done:
            return


EXPLAINER = ExplainerCard(
    name="word_gradients",
    title=Text(en="Integrated gradients", hi="इंटीग्रेटेड ग्रेडिएंट"),
    summary=Text(en="What each word adds on the way from a text of blanks to this one; the parts add up to the score.",
                 hi="खाली शब्दों वाले टेक्स्ट से इस टेक्स्ट तक के रास्ते में हर शब्द कितना जोड़ता है; सबका जोड़ स्कोर के बराबर।"),
    source="M. Sundararajan, A. Taly, Q. Yan: Axiomatic Attribution for Deep Networks, 2017, arXiv:1703.01365",
    kind="text",
    config=WordGradientsConfig,
    explain=answering(word_gradients),
)  # fmt: skip
