"""Part of Explain, table: why the model says what it says of a row: one sentence, then the bars, then the evidence, then the numbers."""

from __future__ import annotations

import streamlit as st

from dashboard.catalogue import Catalogue
from dashboard.explain.contract import Explanation
from dashboard.explain.entry import ExplainerEntry
from dashboard.explain.table.same_code import Told, same_code
from dashboard.explain.telling import in_a_sentence
from dashboard.figures.shares import Share, shares
from dashboard.tables.recipe import TREES
from dashboard.ui import address, explain_code, explaining, lab_parts, studio
from dashboard.ui.explain_table_model import Model
from dashboard.ui.explain_table_row import Chosen
from dashboard.ui.language import current, t
from dashboard.ui.own_data import plain
from data.table import cell_text

_APART = ("counterfactual", "partial_dependence")
"""Ways that have a view of their own."""


def local(model: Model, row: Chosen) -> None:
    """Why the model says what it says of a row."""
    catalogue = studio.catalogue()
    if catalogue is None:
        lab_parts.waiting(t("explain_table.first"), height=320)
        return
    ways = ways_for(catalogue, model)
    chosen = address.choice(
        t("explain_table.method"),
        list(ways),
        parameter="method",
        default="kernel_shap",
        show=lambda name: t(ways[name].title),
    )
    st.caption(t(ways[chosen].summary))
    told = row.told(model)

    def draw(one: Explanation) -> None:
        with st.container(key="passage-table-why"):
            st.markdown(f"#### {plain(t(in_a_sentence(one, told)))}")
            axis = _axis(chosen, one, model)
            drawing = shares(
                bars(one, model, row.at), what=one.target, axis=axis, language=current(), dark=lab_parts.dark()
            )
            lab_parts.chart(drawing, key=f"shares.{chosen}")
        if one.base_value is not None and "scale" not in one.details:
            st.caption(t("explain_table.sum", base=_say(one.base_value, model), prediction=_say(one.prediction, model)))

    explaining.explained({**row.request(model), "method": chosen}, draw, height=420)
    _code(chosen, model, row)
    st.caption(t("explain_table.calibrated"))


def _code(method: str, model: Model, row: Chosen) -> None:
    """The lines that give the same number without the studio, where a library does."""
    if model.recipe.rows:
        return  # of some rows first, a number that will not stay
    told = Told(
        model.recipe, model.about.name, "classification" if model.task == "classification" else "regression", model.features,
        model.targets, row.line, row.target,
    )  # fmt: skip
    explain_code.render(same_code(method, told))


def ways_for(catalogue: Catalogue, model: Model) -> dict[str, ExplainerEntry]:
    """The ways that can explain a row of this model."""
    found = {
        one.name: one for one in catalogue.explainers_for("table") if one.scope == "local" and one.name not in _APART
    }
    if model.recipe.learner not in TREES:
        found.pop("tree_shap", None)
    if model.recipe.learner != "network":
        found.pop("gradient_shap", None)
        found.pop("path_gradients", None)
    if len(model.features) > 12:
        found.pop("exact_shapley", None)
    return found


def halves(one: Explanation) -> list[float | None]:
    """Half widths of the intervals, none where nothing was sampled."""
    return [None] * len(one.attributions) if one.half_width is None else [float(half) for half in one.half_width]


def bars(one: Explanation, model: Model, at: int) -> list[Share]:
    """The shares of a row as bars, each with the row's own value."""
    cells = [
        cell_text(f, f.kind, float(v)) or t("explain_table.empty")
        for f, v in zip(model.features, model.x[at], strict=True)
    ]
    names = [feature.name for feature in model.features]
    return [Share(n, c, float(a), h) for n, c, a, h in zip(names, cells, one.attributions, halves(one), strict=True)]


def _axis(method: str, one: Explanation, model: Model) -> str:
    if one.details.get("scale") == "log_odds":
        return t("explain_table.axis.log_odds", name=one.target)
    if method == "lime":
        return t("explain_table.axis.weight", name=one.target)
    return t(
        "explain_table.axis.probability" if model.task == "classification" else "explain_table.axis.number",
        name=one.target,
    )


def _say(value: float, model: Model) -> str:
    return f"{value:.3f}" if model.task == "classification" else f"{value:.4g}"
