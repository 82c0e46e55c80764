"""Part of Explain, table: what the model is worth on rows it has not seen, at every cut-off, and what a simpler model would cost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.compute.framing import Message
from dashboard.explain.telling import percent
from dashboard.figures.judged import confusion_squares, reliability_curve, residual_cloud, roc_curve
from dashboard.figures.trade_off import Candidate, trade_off
from dashboard.tables.intervals import wilson
from dashboard.tables.recipe import LEARNERS, READABLE
from dashboard.ui import address, answers, lab_parts
from dashboard.ui.explain_table_model import Model
from dashboard.ui.explain_table_row import Chosen
from dashboard.ui.language import current, t
from dashboard.ui.own_data import plain
from dashboard.ui.page import guarded
from dashboard.ui.quantities import number
from data.text import Text


def render(model: Model, row: Chosen) -> None:
    """Draw the validation and the rivals."""
    asked = {"model": model.request, "target": model.targets[row.target]}
    outcome = answers.answer("table_validation", asked)
    if outcome is None:
        lab_parts.waiting(t("explain.working"), height=320)
    elif outcome.value is None:
        if outcome.problem is not None:
            lab_parts.sorry(outcome.problem)
    else:
        said = outcome.value
        draw = _of_classes if model.task == "classification" else _of_numbers
        st.fragment(guarded(lambda: draw(said)))()
    _rivals(model, asked)
    if outcome is None:
        answers.answer(
            "table_validation", asked
        )  # asked again: the newest question is answered first, before the rivals


def _of_classes(said: Message) -> None:
    told, arrays = said.values, said.arrays
    with st.container(border=True, key="passage-table-cut"):
        cut = address.level(
            t("explain_table_worth.cut", name=plain(told["target"])), [float(one) for one in arrays["cuts"]], parameter="cut",
            default=0.5, show=percent_of, help=t("explain_table_worth.cut.help"),
        )  # fmt: skip
        at = int(np.flatnonzero(arrays["cuts"] == cut)[0])
        hit, alarm, missed, kept = (int(one) for one in arrays["counts"][at])
        st.markdown(
            f"#### {plain(t('explain_table_worth.said', name=told['target'], given=number(hit + alarm), all=number(told['rows']), right=number(hit), wrong=number(alarm), missed=number(missed)))}"
        )
        lab_parts.facts(
            [
                (t("explain_table_worth.given"), number(hit + alarm), t("explain_table_worth.given.help", name=told["target"])),
                (t("explain_table_worth.refused"), number(missed + kept), t("explain_table_worth.refused.help", name=told["target"])),
                (t("explain_table_worth.precision"), _share(hit, hit + alarm), t("explain_table_worth.precision.help", name=told["target"])),
                (t("explain_table_worth.recall"), _share(hit, hit + missed), t("explain_table_worth.recall.help", name=told["target"])),
            ]
        )  # fmt: skip
    dark, language = lab_parts.dark(), current()
    with st.grid(3, min_column_width=290):
        with st.container(border=True, key="passage-table-roc"):
            st.markdown(f"**{t('explain_table_worth.roc')}**")
            here = (alarm / max(alarm + kept, 1), hit / max(hit + missed, 1))
            lab_parts.chart(
                roc_curve(arrays["roc_x"], arrays["roc_y"], here, language=language, dark=dark), key="table.roc"
            )
        with st.container(border=True, key="passage-table-reliability"):
            st.markdown(f"**{t('explain_table_worth.reliability')}**")
            groups = (arrays[name] for name in ("said", "came", "low", "high", "in_group"))
            lab_parts.chart(reliability_curve(*groups, language=language, dark=dark), key="table.reliability")
            st.caption(
                t("explain_table_worth.brier", value=f"{told['brier']:.3f}", rate=f"{told['brier_of_rate']:.3f}"),
                help=t("explain_table_worth.brier.help"),
            )
        with st.container(border=True, key="passage-table-confusion"):
            st.markdown(f"**{t('explain_table.confusion')}**")
            counts, names = arrays["confusion"], told["targets"]
            if len(names) == 2:  # at the chosen cut-off
                first = told["targets"].index(told["target"]) == 0
                counts = np.array([[hit, missed], [alarm, kept]] if first else [[kept, alarm], [missed, hit]])
            lab_parts.chart(confusion_squares(counts, names, language=language, dark=dark), key="table.confusion")


def percent_of(cut: float) -> str:
    """A cut-off as a person says it."""
    return f"{cut:.0%}".replace("%", " %")


def _share(part: int, whole: int) -> str:
    if not whole:
        return "–"
    low, high = wilson(part, whole)
    return t("explain_table.figure.value", value=percent(part / whole), low=percent(low), high=percent(high))


def _of_numbers(said: Message) -> None:
    quantiles = said.values["quantiles"]
    with st.container(border=True, key="passage-table-residuals"):
        st.markdown(
            f"#### {t('explain_table_worth.missed', low=number(quantiles[0]), high=number(quantiles[2]), middle=number(quantiles[1]))}"
        )
        drawing = residual_cloud(
            said.arrays["said"], said.arrays["residual"], quantiles, language=current(), dark=lab_parts.dark()
        )
        lab_parts.chart(drawing, key="table.residuals")


def _rivals(model: Model, asked: dict[str, Any]) -> None:
    """Each learner on the same rows, as its answer comes; what the readable ones say."""
    found: list[dict[str, Any]] = []
    with st.container(border=True, key="passage-table-rivals"):
        st.markdown(f"**{t('explain_table_worth.rivals')}**")
        st.caption(t("explain_table_worth.rivals.about"))
        # the newest question is answered first: the model itself, which is there, then what can be read, then what takes long
        for learner in sorted(
            LEARNERS, key=lambda one: (one == model.recipe.learner, one in READABLE, one != "network")
        ):
            outcome = answers.answer("table_rival", {**asked, "rival": learner})
            if outcome is not None and outcome.value is not None:
                found.append(outcome.value.values)
            elif outcome is not None and outcome.problem is not None:
                lab_parts.sorry(outcome.problem)
        if not found:
            st.skeleton(height=330)
            return
        for one in found:
            if one["learner"] in READABLE and one["learner"] != model.recipe.learner:
                st.markdown(plain(t(Text(**one["sentence"]))))
        _trade_off(model, found)
    for one in found:
        if one["reading"]:
            with st.expander(t(f"explain_table_worth.reading.{one['learner']}"), icon=":material/menu_book:"):
                _reading(model, one)


def _trade_off(model: Model, found: list[dict[str, Any]]) -> None:
    measure = found[0]["measure"]
    points = []
    for one in found:
        figure = one["figures"][measure]
        name = t(LEARNERS[one["learner"]])
        points.append(
            Candidate(name, one["parts"], figure["value"], figure["low"], figure["high"], one["learner"] == model.recipe.learner)
        )  # fmt: skip
    drawing = trade_off(
        points, measure=t(f"explain_table.figure.{measure}"), shares=measure == "accuracy", language=current(), dark=lab_parts.dark()
    )  # fmt: skip
    lab_parts.chart(drawing, key="table.rivals")


def _reading(model: Model, one: dict[str, Any]) -> None:
    word = {
        name: t(f"explain_table_worth.reading.{name}") for name in ("when", "says", "value", "rows", "name", "weight")
    }
    classed = model.task == "classification"
    rows = [
        {
            word[key]: percent(value) if key == "value" and classed else number(value, 3) if key == "value" else value
            for key, value in part.items()
            if key != "says" or classed
        }
        for part in one["reading"]
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=t(f"explain_table_worth.reading.{one['learner']}"))
