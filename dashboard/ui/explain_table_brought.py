"""Part of Explain, table: models people bring (.skops, .onnx): uploaded beside the tables, listed among the learners, deleted."""

from __future__ import annotations

from typing import cast

import streamlit as st

from dashboard.tables.recipe import LEARNERS, LearnerName
from dashboard.ui import address, studio
from dashboard.ui.language import t
from dashboard.ui.own_data import plain
from dashboard.ui.page import guarded
from data import model_files
from data.model_files import LARGEST_FILE
from data.text import Problem

_ROUND, _REFUSED = "explain_table_brought.round", "explain_table_brought.refused"
_MIB = 2**20
_USUAL = "forest"


def choose() -> tuple[LearnerName, str]:
    """Draw the choice of a model -> its learner, and the id of a file that was brought."""
    brought = {one.id: one for one in model_files.listed(studio.settings().models)}
    chosen = address.pick(
        t("explain_table.learner"), [*LEARNERS, *brought], parameter="learner", default=_USUAL,
        show=lambda one: brought[one].name if one in brought else t(LEARNERS[cast(LearnerName, one)]),
    )  # fmt: skip
    return ("foreign", chosen) if chosen in brought else (cast(LearnerName, chosen), "")


def bring() -> None:
    """Draw the uploader, and what was brought with a way to delete it."""
    st.divider()
    sent = st.file_uploader(
        t("explain_table_brought.rule", limit=LARGEST_FILE // _MIB), type=["skops", "onnx"], max_upload_size=LARGEST_FILE // _MIB,
        key=f"{_ROUND}.{st.session_state.setdefault(_ROUND, 0)}",
    )  # fmt: skip
    st.caption(t("explain_table_brought.about"))
    refused: Problem | None = st.session_state.get(_REFUSED)
    if refused is not None:
        st.error(plain(t(refused.text)), icon=":material/error:")
    if sent is not None:
        try:
            with st.spinner(t("explain_table_brought.checking")):
                kept = model_files.accept(sent.getvalue(), sent.name, studio.settings().models)
        except Problem as problem:
            st.session_state[_REFUSED] = problem
        else:
            st.session_state.pop(_REFUSED, None)
            address.turn("learner", kept.id)
        st.session_state[_ROUND] += 1
        st.rerun()
    for one in model_files.listed(studio.settings().models):
        st.button(
            t("explain_table_brought.delete", name=plain(one.name)), icon=":material/delete:", type="tertiary", key=f"brought.{one.id}",
            on_click=guarded(_delete), args=(one.id,),
        )  # fmt: skip


def _delete(identity: str) -> None:
    model_files.delete(identity, studio.settings().models)
    address.turn("learner", _USUAL)
