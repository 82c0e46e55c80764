"""Part of Explain, table: the decision as a letter to the person it is about, beside what the expert sees; the words are editable."""

from __future__ import annotations

from typing import cast

import pandas as pd
import streamlit as st

from dashboard.explain.contract import Explanation, from_parts
from dashboard.explain.table.letter import Letter, letter
from dashboard.explain.telling import in_a_sentence
from dashboard.figures.shares import shares
from dashboard.tables import reason_codes
from dashboard.tables.reason_codes import ReasonCode
from dashboard.ui import address, answers, lab_parts
from dashboard.ui.explain_table_model import Model
from dashboard.ui.explain_table_row import Chosen
from dashboard.ui.explain_table_ways import usual_bound
from dashboard.ui.explain_table_why import bars
from dashboard.ui.explaining import shown_evidence
from dashboard.ui.language import current, t
from dashboard.ui.own_data import plain
from dashboard.ui.page import guarded
from data.text import LANGUAGES, Language, Problem

_NAMES = {"en": "English", "hi": "हिन्दी"}


def render(model: Model, row: Chosen) -> None:
    """Draw the letter, what the expert sees, and the table of words."""
    if model.recipe.rows:  # a letter goes out: it is written by the model that stays
        st.caption(f":material/hourglass_top: {t('explain_table_letter.all_rows')}")
        return
    codes = reason_codes.codes_of(model.about, model.features)
    said = int(model.scores[row.at].argmax()) if model.task == "classification" else 0
    asked = {**row.request(model), "target": model.targets[said]}
    way = {**asked, "method": "kernel_shap"}
    one = _asked({**way, "record": False})  # at once; the evidence, and the record that is kept, come after it
    fixed = {code.column: {"fixed": True} for code in codes if code.barred}
    fixed |= {name: {"fixed": True} for name in (model.example.kept_fixed if model.example else ())}
    wanted = "" if model.task == "classification" else usual_bound(model, row)
    other = _asked({**asked, "method": "counterfactual", "limits": fixed, "config": {"wanted": wanted}})
    if one is None or other is None:
        lab_parts.waiting(t("explain.working"), height=420)
    elif isinstance(one, Problem):
        lab_parts.sorry(one)
    else:
        _beside(model, row, codes, one, other, _asked({**way, "evidence": True}))
    _words(model, codes)


def _asked(values: dict[str, object]) -> Explanation | Problem | None:
    """The answer of a way to explain, its trouble, or None while it is worked out."""
    outcome = answers.answer("explain", values)
    if outcome is None:
        return None
    if outcome.value is None:
        return outcome.problem
    return from_parts(outcome.value.values, outcome.value.arrays)


def _beside(
    model: Model,
    row: Chosen,
    codes: list[ReasonCode],
    one: Explanation,
    other: Explanation | Problem,
    proven: Explanation | Problem | None,
) -> None:
    told = row.told(model)
    with st.grid(2, min_column_width=380):
        with st.container(border=True, key="passage-table-letter"):
            language = cast(
                Language,
                address.choice(
                    t("explain_table_letter.language"), list(LANGUAGES), parameter="letter", default=current(), show=_NAMES.__getitem__
                ),
            )  # fmt: skip
            name = st.text_input(t("explain_table_letter.name"), key="letter.name", max_chars=100)
            sender = st.text_input(t("explain_table_letter.sender"), key="letter.sender", max_chars=200)
            ways, wanted = (
                ([], "") if isinstance(other, Problem) else (other.details["ways"], str(other.details["wanted"]))
            )
            written = letter(one, told, codes, ways, wanted=wanted, name=name, sender=sender)
            for warning in written.warnings:
                st.warning(plain(t(warning)), icon=":material/warning:")
            _draw(written, language)
            for kind, content, mime in (
                ("html", written.page(language), "text/html"),
                ("txt", written.plain(language), "text/plain"),
            ):
                st.download_button(
                    t(f"explain_table_letter.save.{kind}"), content, file_name=f"letter-{row.line + 2}.{kind}", mime=mime,
                    icon=":material/download:", on_click="ignore", key=f"letter.save.{kind}",
                )  # fmt: skip
        with st.container(border=True, key="passage-table-expert"):
            st.markdown(f"**{t('explain_table_letter.expert')}**")
            st.markdown(plain(t(in_a_sentence(one, told))))
            kind = "probability" if model.task == "classification" else "number"
            axis = t(f"explain_table.axis.{kind}", name=one.target)
            drawing = shares(
                bars(one, model, row.at), what=one.target, axis=axis, language=current(), dark=lab_parts.dark()
            )
            lab_parts.chart(drawing, key="letter.shares")
            if isinstance(other, Problem):
                lab_parts.sorry(other)
            if isinstance(proven, Problem):
                lab_parts.sorry(proven)
            else:
                shown_evidence({} if proven is None else proven.evidence, done=proven is not None)


def _draw(written: Letter, language: Language) -> None:
    with st.container(border=True):
        st.markdown(plain(written.greeting.to(language)))
        for part in written.paragraphs:
            lines = part if isinstance(part, tuple) else (part,)
            mark = "- " if isinstance(part, tuple) else ""
            st.markdown("\n".join(f"{mark}{plain(line.to(language))}" for line in lines))
        if written.sender:
            st.markdown(plain(written.sender))


def _words(model: Model, codes: list[ReasonCode]) -> None:
    """The table of words; what is changed is kept beside the table."""
    with st.expander(t("explain_table_letter.words"), icon=":material/edit_note:"):
        st.caption(t("explain_table_letter.words.about"))
        column, barred = t("explain_table.columns.name"), t("explain_table_letter.barred")
        edited = st.data_editor(
            pd.DataFrame([{column: c.column, _NAMES["en"]: c.en, _NAMES["hi"]: c.hi, barred: c.barred} for c in codes]),
            disabled=[column], hide_index=True, height=360, key=f"letter.words.{model.about.id}",
            column_config={_NAMES[one]: st.column_config.TextColumn(max_chars=200) for one in LANGUAGES},
        )  # fmt: skip
        new = [
            ReasonCode(column=code.column, en=row[_NAMES["en"]] or "", hi=row[_NAMES["hi"]] or "", barred=bool(row[barred]))
            for code, row in zip(codes, edited.to_dict("records"), strict=True)
        ]  # fmt: skip
        st.button(
            t("explain_table_letter.keep"), type="primary", disabled=new == codes, on_click=guarded(reason_codes.keep),
            args=(model.about, new),
        )  # fmt: skip
