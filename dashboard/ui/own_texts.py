"""A person's own texts: upload, list, train on them, delete."""

from __future__ import annotations

import streamlit as st

from dashboard.ui import links, studio
from dashboard.ui.language import t
from dashboard.ui.own_data import CARD_PX, plain
from dashboard.ui.page import guarded
from dashboard.ui.passage import passage
from dashboard.ui.quantities import ago, number, size
from data import text_uploads
from data.text import Problem
from data.text_uploads import LARGEST_TEXT, TextUpload
from data.texts import FEWEST_CHARACTERS

METHOD = "gpt"
"""What the way to training begins with; others that take texts are one click away."""
_ROUND, _REFUSED = "own_texts.round", "own_texts.refused"
_MIB = 2**20
_SHOWN = 240
_PREVIEW_PX = 130


def section() -> None:
    """The uploader and what was uploaded."""
    st.subheader(t("own_texts.title"), anchor=False)
    with st.container(border=True):
        st.caption(t("own_texts.rule", limit=LARGEST_TEXT // _MIB, fewest=number(FEWEST_CHARACTERS)))
        sent = st.file_uploader(
            t("own_texts.upload"),
            type=["txt"],
            max_upload_size=LARGEST_TEXT // _MIB,
            key=f"own_texts.upload.{st.session_state.setdefault(_ROUND, 0)}",
            label_visibility="collapsed",
        )
        if sent is not None:
            _accept(sent.getvalue(), sent.name)
        refused: Problem | None = st.session_state.get(_REFUSED)
        if refused is not None:
            st.error(t(refused.text), icon=":material/error:")
    kept = text_uploads.listed(studio.settings().uploads)
    if kept:
        grid = st.grid(3, min_column_width=CARD_PX, border=True)
        for upload in kept:
            with grid.cell():
                _card(upload)


def _accept(content: bytes, name: str) -> None:
    """Check what was sent; either way the uploader is emptied, which frees the memory it holds."""
    try:
        upload = text_uploads.accept(content, name, studio.settings().uploads)
    except Problem as problem:
        st.session_state[_REFUSED] = problem
    else:
        st.session_state.pop(_REFUSED, None)
        st.toast(
            t("own_texts.kept", name=upload.name, characters=number(upload.characters)), icon=":material/check_circle:"
        )
    st.session_state[_ROUND] += 1
    st.rerun()


def _card(upload: TextUpload) -> None:
    passage(upload.beginning(_SHOWN), key=f"own-{upload.id}", height=_PREVIEW_PX)
    st.markdown(f"**{plain(upload.name)}**")
    facts = (t("own_texts.characters", n=number(upload.characters)), size(upload.bytes), ago(upload.uploaded_at))
    st.caption(" · ".join(facts))
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        links.link("new_run", t("own_texts.train"), icon=":material/add_circle:", method=METHOD, text=upload.id)
        with st.popover(t("own_texts.delete"), icon=":material/delete:", type="tertiary"):
            st.markdown(t("own_texts.delete.sure", name=plain(upload.name)))
            st.button(
                t("own_texts.delete.yes"),
                key=f"own_texts.delete.{upload.id}",
                type="primary",
                on_click=guarded(_delete),
                args=(upload.id,),
            )


def _delete(identity: str) -> None:
    text_uploads.delete(identity, studio.settings().uploads)
