"""Exact Shapley values of a row: every coalition of features is asked, so there is no sampling error.

L. Shapley, 1953; v(S) as in S. Lundberg, S. Lee, arXiv:1705.07874, with features outside S taken from background rows.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashboard.explain.contract import Explanation
from dashboard.explain.games.exact import exact
from dashboard.explain.table import words
from dashboard.explain.table.subject import Asked, TableSubject
from data.catalog import Config, ExplainerCard, option
from data.text import Problem, Text


class ExactShapleyConfig(Config):
    """How many features are too many."""

    most_features: int = option(
        12, ge=1, le=16,
        title=Text(en="Most features", hi="अधिकतम फ़ीचर"), unit="",
        help=Text(en="With $d$ features $2^d$ coalitions are asked; beyond this many, use Kernel SHAP.",
                  hi="$d$ फ़ीचर पर $2^d$ समूह पूछे जाते हैं; इससे ज़्यादा हों तो Kernel SHAP लें।"), symbol="d",
    )  # fmt: skip


def explain(subject: TableSubject, config: ExactShapleyConfig) -> Iterator[Explanation]:
    """One answer, exact."""
    d = len(subject.x)
    if d > config.most_features:
        raise Problem(
            words.TOO_MANY_FEATURES.format(n=d, most=config.most_features),
            code="too_many_features",
            field="most_features",
        )
    asked = Asked(subject)
    phi = exact(asked.worth, d)
    prediction, base = asked(subject.x[None])[0], asked(subject.background).mean()
    yield Explanation(
        phi, float(prediction), subject.target, base_value=float(base), half_width=phi * 0.0, seconds=asked.seconds,
        model_calls=asked.calls,
    )  # fmt: skip


EXPLAINER = ExplainerCard(
    name="exact_shapley",
    title=Text(en="Exact Shapley values", hi="सटीक Shapley मान"),
    summary=Text(
        en="Shares the prediction out among the features by asking every combination; only for few features.",
        hi="हर संयोजन पूछकर मॉडल के अनुमान को फ़ीचरों में बाँटता है; सिर्फ़ थोड़े फ़ीचरों के लिए।",
    ),
    source="Shapley 1953; arXiv:1705.07874",
    kind="table",
    config=ExactShapleyConfig,
    explain=explain,
)
