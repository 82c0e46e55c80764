"""Part of Explain, table: whether groups of people are treated alike, in plain words, with intervals."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.figures.spans import Span, spans
from dashboard.ui import address, answers, lab_parts
from dashboard.ui.explain_table_model import Model
from dashboard.ui.explain_table_row import Chosen
from dashboard.ui.language import current, t
from dashboard.ui.own_data import plain
from dashboard.ui.quantities import number
from data.text import Text


def render(model: Model, row: Chosen) -> None:
    """Draw the choice of groups and outcome, the sentences and the rates."""
    scope = f"{model.about.id}.{model.recipe.target}"
    names = [one.name for one in model.about.columns if one.name != model.recipe.target]
    with st.container(border=True, key="passage-table-fair"), st.grid(2, min_column_width=230):
        usual = next((name for name in (model.example.kept_fixed if model.example else ()) if name in names), names[0])
        column = address.pick(
            t("explain_table_fair.by"), names, parameter="group", scope=scope, default=usual, help=t("explain_table_fair.by.help")
        )  # fmt: skip
        outcome = ""
        if model.task == "classification":
            wanted = (
                model.example.wanted if model.example and model.example.wanted in model.targets else model.targets[0]
            )
            outcome = address.pick(
                t("explain_table_fair.outcome"), list(model.targets), parameter="outcome", scope=scope, default=wanted,
                help=t("explain_table_fair.outcome.help"),
            )  # fmt: skip
    found = answers.answer("table_fairness", {"model": model.request, "column": column, "target": outcome})
    if found is None:
        lab_parts.waiting(t("explain.working"), height=320)
    elif found.value is None:
        if found.problem is not None:
            lab_parts.sorry(found.problem)
    else:
        _told(found.value.values, classed=model.task == "classification")


def _told(said: dict[str, Any], *, classed: bool) -> None:
    with st.container(border=True, key="passage-table-groups"):
        for sentence in said["sentences"]:
            st.markdown(f"#### {plain(t(Text(**sentence)))}")
        name = {
            one["name"]: t("explain_table_whole.group", name=one["name"], rows=number(one["rows"]))
            for one in said["groups"]
        }
        found: list[Span] = []
        for key in ("selected", "found") if classed else ("error",):
            title = t(f"explain_table_fair.{key}", name=said.get("outcome", ""))
            found += [Span(title, name[one["name"]], *one[key]) for one in said["groups"]]
        axis = t("explain_table_fair.axis" if classed else "explain_table_fair.error")
        lab_parts.chart(
            spans(found, axis=axis, shares=classed, language=current(), dark=lab_parts.dark()), key="table.fair"
        )
        _apart(said["groups"], name, classed=classed)
        about = "explain_table_fair.about" if classed else "explain_table_fair.about.number"
        st.caption(t(about, first=plain(said["groups"][0]["name"])))


def _apart(groups: list[dict[str, Any]], name: dict[str, str], *, classed: bool) -> None:
    """How far each group is from the first."""
    if len(groups) < 2:
        return
    st.markdown(f"**{t('explain_table_fair.apart', first=plain(groups[0]['name']))}**")
    keys = ("selected_apart", "found_apart") if classed else ("error_apart",)
    found = [Span(t(f"explain_table_fair.{key}"), name[one["name"]], *one[key]) for key in keys for one in groups[1:]]
    axis = t("explain_table_fair.axis.apart")
    lab_parts.chart(
        spans(found, axis=axis, shares=classed, language=current(), dark=lab_parts.dark()), key="table.fair.apart"
    )
