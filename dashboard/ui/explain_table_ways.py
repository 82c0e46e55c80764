"""Part of Explain, table: what would have to be otherwise for another outcome; some columns may be out of anybody's hands."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from dashboard.explain.contract import Explanation
from dashboard.explain.telling import as_a_way, figure, percent
from dashboard.ui import address, explaining
from dashboard.ui.explain_table_model import Model
from dashboard.ui.explain_table_row import Chosen
from dashboard.ui.language import t
from dashboard.ui.own_data import plain


def render(model: Model, row: Chosen) -> None:
    """Draw the choices, and the ways."""
    scope = f"{model.about.id}.{model.recipe.target}"
    names = [feature.name for feature in model.features]
    numbers = [feature.name for feature in model.features if feature.kind != "category"]
    with st.container(border=True, key="passage-table-limits"):
        wanted = _wanted(model, row, scope)
        with st.grid(3, min_column_width=230):
            choose = t("explain_table.choose")
            usual = model.example.kept_fixed if model.example else ()
            fixed = address.several(
                t("explain_table.fixed"), names, parameter="fixed", scope=scope, default=usual, placeholder=choose
            )
            up = address.several(t("explain_table.up"), numbers, parameter="up", scope=scope, placeholder=choose)
            down = address.several(t("explain_table.down"), numbers, parameter="down", scope=scope, placeholder=choose)
    limits: dict[str, dict[str, Any]] = {name: {"direction": "up"} for name in up}
    limits |= {name: {"direction": "down"} for name in down} | {name: {"fixed": True} for name in fixed}
    request = {**row.request(model), "method": "counterfactual", "limits": limits, "config": {"wanted": wanted}}

    def draw(one: Explanation) -> None:
        with st.container(key="passage-table-ways"):
            for changes, margin, score in zip(
                one.details["ways"], one.arrays["margin"], one.arrays["scores"], strict=True
            ):
                said = plain(t(as_a_way(changes, str(one.details["wanted"]))))
                st.markdown(f"#### {said}")
                st.caption(_asked(model, one, float(margin), float(score)))

    explaining.explained(request, draw, height=160, evidence=False)
    st.caption(t("explain_table.ways.about"))


def _wanted(model: Model, row: Chosen, scope: str) -> str:
    if model.task == "classification":
        said = int(model.scores[row.at].argmax())
        others = [name for k, name in enumerate(model.targets) if k != said]
        return address.pick(t("explain_table.wanted"), others, parameter="wanted", scope=f"{scope}.{said}")
    usual = usual_bound(model, row)
    return st.text_input(t("explain_table.wanted.number"), usual, key=f"wanted.{scope}.{row.line}", max_chars=40)


def usual_bound(model: Model, row: Chosen) -> str:
    """Of a number: the quarter of the table on the other side, as a wanted outcome."""
    value, low, high = float(model.scores[row.at, 0]), *np.quantile(model.y, [0.25, 0.75])
    usual = f"<{figure(low)}" if value > (low + high) / 2 else f">{figure(high)}"
    return usual.replace(",", "")


def _asked(model: Model, one: Explanation, margin: float, score: float) -> str:
    """That the model was asked about the changed row, and what it said: of a class its chance of the explained class."""
    if model.task == "classification":
        return t(
            "explain_table.ways.class", name=plain(one.target), before=percent(one.prediction), after=percent(score)
        )
    return t("explain_table.ways.number", before=figure(one.prediction), after=figure(score))
