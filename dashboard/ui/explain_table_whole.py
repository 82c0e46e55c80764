"""Part of Explain, table: the model as a whole. Many rows at once, what counts for whom, how much worse it is without a column, and how its
answer moves with one."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dashboard.explain.contract import Explanation
from dashboard.explain.telling import as_whole
from dashboard.figures.beeswarm import beeswarm
from dashboard.figures.curves_of_columns import dependence
from dashboard.figures.shares import Share, shares
from dashboard.figures.spans import Span, spans
from dashboard.tables.cohorts import cohorts, mean_sizes
from dashboard.ui import address, explaining, lab_parts
from dashboard.ui.explain_table_model import Model
from dashboard.ui.explain_table_row import Chosen, turn_to
from dashboard.ui.explain_table_why import halves
from dashboard.ui.language import current, t
from dashboard.ui.own_data import plain
from dashboard.ui.quantities import number

_COMPARED = 6
"""Columns in the comparison of groups."""
_TURNED = "explain_table_whole.turned"


def render(model: Model, row: Chosen) -> None:
    """Draw the four cards."""
    st.session_state.pop(_TURNED, None)
    explaining.explained_beside(
        row.request(model),
        {
            "beeswarm": lambda one: _swarm(one, model, row),
            "permutation_importance": lambda one: _importance(one, model),
            "partial_dependence": lambda one: _dependence(one, model, row),
        },
    )


def _axis(one: Explanation, model: Model) -> str:
    kind = "probability" if model.task == "classification" else "number"
    return t(f"explain_table.axis.{kind}", name=one.target)


def _swarm(one: Explanation, model: Model, row: Chosen) -> None:
    """The points, then the means with their intervals, for all rows or group by group."""
    if st.session_state.pop(_TURNED, False):
        st.rerun()  # the whole page: this is a part that is drawn by itself, and a click on a point turns to another view
    lines = model.lines[one.arrays["chosen"]]
    with st.container(key="passage-table-swarm"):
        st.markdown(f"#### {plain(t(as_whole(one, model.features)))}")
        st.caption(t("explain_table_whole.swarm", rows=number(len(lines))))
        drawing = beeswarm(
            model.features, one.arrays["phi"], one.arrays["x"], lines, axis=_axis(one, model), language=current(), dark=lab_parts.dark(),
            chosen=row.line,
        )  # fmt: skip
        lab_parts.chart(drawing, key="beeswarm", on_pick=lambda line: _picked(model, line))
        st.markdown(f"**{t('explain_table_whole.mean')}**")
        everyone = t("explain_table_whole.all")
        names = [everyone, *(feature.name for feature in model.features)]
        by = address.pick(
            t("explain_table_whole.by"), names, parameter="by", scope=f"{model.about.id}.{model.recipe.target}",
            help=t("explain_table_whole.by.help"),
        )  # fmt: skip
        found = _means(one, model, None if by == everyone else names.index(by) - 1, everyone)
        if not found:
            st.caption(t("explain_table_whole.none", name=plain(by)))
            return
        drawing = spans(
            found, axis=t("explain_table_whole.axis", name=one.target), shares=False, language=current(), dark=lab_parts.dark()
        )  # fmt: skip
        lab_parts.chart(drawing, key="importance.means")


def _picked(model: Model, line: str) -> None:
    turn_to(model, line)
    st.session_state[_TURNED] = True


def _means(one: Explanation, model: Model, by: int | None, everyone: str) -> list[Span]:
    order = np.argsort(-one.attributions, kind="stable")[:_COMPARED]
    if by is None:
        half = halves(one)
        return [
            Span(model.features[j].name, everyone, float(one.attributions[j]), float(one.attributions[j] - (half[j] or 0)), float(one.attributions[j] + (half[j] or 0)))
            for j in order
        ]  # fmt: skip
    column = model.features[by]
    groups = cohorts(column, column.kind, one.arrays["x"][:, by])
    found = []
    for group, (mean, half_width) in zip(groups, mean_sizes(one.arrays["phi"], groups), strict=True):
        name = t("explain_table_whole.group", name=group.name, rows=number(int(group.rows.sum())))
        found += [
            Span(model.features[j].name, name, float(mean[j]), float(mean[j] - half_width[j]), float(mean[j] + half_width[j]))
            for j in order
        ]  # fmt: skip
    return found


def _importance(one: Explanation, model: Model) -> None:
    with st.container(key="passage-table-whole"):
        st.markdown(f"#### {plain(t(as_whole(one, model.features)))}")
        st.caption(t("explain_table_whole.rows", rows=number(one.details["rows"]), all=number(one.details["of"])))
        found = [Share(f.name, "", a, h) for f, a, h in zip(model.features, one.attributions, halves(one), strict=True)]
        drawing = shares(
            found, what=t("explain_table.axis.error"), axis=t("explain_table.axis.error"), language=current(), dark=lab_parts.dark(),
            signed=False,
        )  # fmt: skip
        lab_parts.chart(drawing, key="importance")


def _dependence(one: Explanation, model: Model, row: Chosen) -> None:
    names = [feature.name for feature in model.features]
    order = np.argsort(-np.abs(one.attributions), kind="stable")
    with st.container(key="passage-table-moves"):
        st.markdown(f"**{t('explain_table.moves')}**")
        name = address.pick(
            t("explain_table.moves.column"), names, parameter="column", scope=f"{model.about.id}.{model.recipe.target}",
            default=names[int(order[0])],
        )  # fmt: skip
        at = names.index(name)
        if np.isnan(one.arrays["grid"][at]).all():
            st.skeleton(height=320)
            return
        drawing = dependence(
            model.features[at], one.arrays["grid"][at], one.arrays["curve"][at], one.arrays["ice"][at], one.arrays["own"][at],
            float(model.x[row.at, at]), axis=one.target, language=current(), dark=lab_parts.dark(),
        )  # fmt: skip
        lab_parts.chart(drawing, key="dependence")
