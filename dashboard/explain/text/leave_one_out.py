"""Leave one out: what the model says without each word in turn; a_i = f(x) - f(x without word i).

The simplest question one can ask, and one that anybody can repeat by typing. It misses what two words say together: of two that say the
same neither seems to matter (J. Li, W. Monroe, D. Jurafsky, arXiv:1612.08220).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dashboard.explain.contract import Explanation
from dashboard.explain.text.answering import answering, target_name
from dashboard.explain.text.config import TextExplainerConfig
from dashboard.explain.text.subject import TextSubject
from data.catalog import ExplainerCard
from data.text import Text


class LeaveOneOutConfig(TextExplainerConfig):
    """Nothing of its own to choose."""


def leave_one_out(subject: TextSubject, config: LeaveOneOutConfig) -> Iterator[Explanation]:
    """One answer, from as many questions as there are words."""
    shares = subject.prediction - subject.worth(~np.eye(len(subject.players), dtype=bool))
    yield Explanation(subject.of_players(shares), subject.prediction, target_name(subject))


EXPLAINER = ExplainerCard(
    name="leave_one_out",
    title=Text(en="Leave one out", hi="एक शब्द हटाकर"),
    summary=Text(en="Takes each word away in turn and sees how the answer moves; quick, and blind to words that say the same.",
                 hi="हर शब्द बारी-बारी हटाकर देखता है कि जवाब कितना बदला; तेज़ है, पर एक ही बात कहने वाले दो शब्द इससे छूट जाते हैं।"),
    source="J. Li, W. Monroe, D. Jurafsky: Understanding Neural Networks through Representation Erasure, 2016, arXiv:1612.08220",
    kind="text",
    config=LeaveOneOutConfig,
    explain=answering(leave_one_out),
)  # fmt: skip
