"""Part of Explain, table: change the values of a row and see at once what the model says then."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import streamlit as st

from dashboard.explain.telling import figure, percent
from dashboard.ui import answers, explain_table_model, lab_parts
from dashboard.ui.explain_table_row import Chosen
from dashboard.ui.language import t
from dashboard.ui.own_data import plain
from data.table import Column, cell_text

Model = explain_table_model.Model

_MOST = 24
"""Columns with a control of their own; tables may have a thousand."""


def render(model: Model, row: Chosen) -> None:
    """Draw a control for each column, and the answer above them."""
    x = model.x[row.at].copy()
    key = f"whatif.{model.about.id}.{row.line}"
    place = st.container(border=True, key="passage-table-whatif")
    with st.container(border=True, key="passage-table-controls"), st.grid(3, min_column_width=250):
        for at, feature in enumerate(model.features[:_MOST]):
            x[at] = _control(feature, float(x[at]), model.usual[:, at], key=f"{key}.{feature.name}")
    if len(model.features) > _MOST:
        st.caption(t("explain_table.whatif.most", count=_MOST))
    with place:
        _answer(model, row, x)


def _answer(model: Model, row: Chosen, x: npt.NDArray[np.float64]) -> None:
    changed = [
        t("explain_table.whatif.change", name=one.name, before=_cell(one, old), after=_cell(one, new))
        for one, old, new in zip(model.features, model.x[row.at], x, strict=True)
        if not (old == new or (np.isnan(old) and np.isnan(new)))
    ]
    outcome = answers.answer("table_scores", {"model": model.request}, {"x": x[None]})
    if outcome is None:
        lab_parts.waiting(t("explain.working"), height=40)
        return
    if outcome.value is None:
        if outcome.problem is not None:
            lab_parts.sorry(outcome.problem)
        return
    before, after = model.scores[row.at], outcome.value.arrays["scores"][0]
    st.markdown(f"#### {plain(_sentence(model, row, before, after, changed=bool(changed)))}")
    st.caption(plain(" · ".join(changed)) if changed else t("explain_table.whatif.none"))


def _sentence(
    model: Model, row: Chosen, before: npt.NDArray[np.float64], after: npt.NDArray[np.float64], *, changed: bool
) -> str:
    if model.task != "classification":
        return t(
            "explain_table.whatif.number", name=model.recipe.target, before=figure(before[0]), after=figure(after[0])
        )
    old, new = int(before.argmax()), int(after.argmax())
    if not changed:
        return t("explain_table.whatif.before", name=model.targets[old], p=percent(before[old]))
    key = "explain_table.whatif.same" if old == new else "explain_table.whatif.flips"
    return t(
        key, old=model.targets[old], new=model.targets[new], target=model.targets[row.target], before=percent(before[row.target]),
        after=percent(after[row.target]),
    )  # fmt: skip


def _cell(feature: Column, value: float) -> str:
    return cell_text(feature, feature.kind, value) or t("explain_table.empty")


def _control(feature: Column, value: float, usual: npt.NDArray[np.float64], *, key: str) -> float:
    if feature.kind == "category":
        options = [*range(len(feature.levels)), *([-1] if feature.missing else [])]
        own = -1 if np.isnan(value) else int(value)
        chosen = st.selectbox(
            feature.name, options if own in options else [*options, own], ([*options, own]).index(own), key=key,
            format_func=lambda k: feature.levels[k] if k >= 0 else t("explain_table.empty"),
        )  # fmt: skip
        return float("nan") if chosen < 0 else float(chosen)
    low, high = (float(end) for end in usual)
    here = float(np.nanmean(usual)) if np.isnan(value) else value
    low, high = min(low, here), max(high, here)
    if not high > low:
        st.caption(t("explain_table.whatif.constant", name=plain(feature.name)))
        return value
    if feature.whole:
        return float(st.slider(feature.name, int(low), int(high), int(here), key=key))
    step = float(f"{(high - low) / 100:.1g}")
    moved = float(st.slider(feature.name, low, high, here, step=step, key=key, format="%.4g"))
    return value if moved == here else moved
