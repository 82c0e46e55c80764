"""Below every finished explanation: how long it is kept, its report as HTML or PDF, asking again, and deleting it."""

from __future__ import annotations

from functools import partial
from typing import get_args

import streamlit as st

from dashboard.compute.client import ask
from dashboard.explain import records
from dashboard.explain.records import Keep
from dashboard.explain.replaying import compared, request_of
from dashboard.ui import studio
from dashboard.ui.lab_parts import sorry
from dashboard.ui.language import current, t
from data.text import Language, Problem

_TIMEOUT_S = 180.0
_KINDS = {"html": ("text/html", ":material/html:"), "pdf": ("application/pdf", ":material/picture_as_pdf:")}


def render(id: str) -> None:
    """What can be done with a kept explanation; what was deleted says so."""
    here = studio.settings().explanations
    try:
        record = records.find(here, id)
    except Problem:
        st.caption(f":material/delete: {t('explain.kept.gone')}")
        return
    with st.container(horizontal=True, vertical_alignment="center", key="explanation-kept"):
        st.caption(t("explain.kept.id", id=id), help=t("explain.kept.help"), width="content")
        for kind, (mime, icon) in _KINDS.items():
            st.download_button(
                kind.upper(), partial(_file, id, kind, current()), file_name=f"samajh-{id}.{kind}", mime=mime, icon=icon,
                type="tertiary", on_click="ignore", key=f"explain.report.{kind}.{id}", help=t(f"explain.kept.{kind}"),
            )  # fmt: skip
        again = st.button(
            t("explain.kept.again"),
            icon=":material/replay:",
            type="tertiary",
            key=f"explain.again.{id}",
            help=t("explain.kept.again.help"),
        )
        with st.popover(t(f"explain.kept.{record.keep}"), icon=":material/schedule:", type="tertiary"):
            _keeping(id, record.keep)
    if again:
        _again(id)


def _keeping(id: str, now: Keep) -> None:
    """How long, and deleting."""
    here = studio.settings().explanations
    times: tuple[Keep, ...] = get_args(Keep)
    chosen = st.radio(
        t("explain.kept.long"),
        times,
        times.index(now),
        format_func=lambda one: t(f"explain.kept.{one}"),
        key=f"explain.keep.{id}",
    )
    if chosen != now:
        records.keep_for(here, id, chosen)
        st.rerun(scope="fragment")
    st.caption(t("explain.kept.about"))
    if st.button(t("explain.kept.delete"), icon=":material/delete:", key=f"explain.delete.{id}"):
        records.delete(here, id)
        st.rerun(scope="fragment")


def _again(id: str) -> None:
    """The same question, asked anew, and every bit compared."""
    settings = studio.settings()
    try:
        record = records.find(settings.explanations, id)
        with st.spinner(t("explain.kept.asking")):
            answer = ask(settings, "explain", request_of(record), record.asked_arrays(), timeout_s=_TIMEOUT_S)
        found = compared(record, answer.values, answer.arrays, weights=answer.values["details"].get("weights"))
    except Problem as problem:
        sorry(problem)
        return
    records.log(settings.explanations, "replayed" if found.identical else "replayed_differs", record)
    if found.identical:
        st.success(t(found.text), icon=":material/verified:")
    else:
        st.warning(t(found.text), icon=":material/difference:")


def _file(id: str, kind: str, language: Language) -> bytes:
    asked = {"id": id, "format": kind, "language": language}
    return ask(studio.settings(), "explanation_report", asked, timeout_s=_TIMEOUT_S).arrays["file"].tobytes()
