"""A person's own images: upload, list, train on them, delete."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dashboard.ui import links, previews, studio
from dashboard.ui.choosing import OWN_IMAGES
from dashboard.ui.language import t
from dashboard.ui.page import guarded
from dashboard.ui.quantities import ago, number, size
from data import uploads
from data.images import SUFFIXES
from data.text import Problem
from data.uploads import LARGEST_UPLOAD, Upload

_ROUND = "data.upload.round"
_REFUSED = "data.upload.refused"
_PREVIEW_PX = 48
CARD_PX = 260
_MIB = 2**20


def section() -> None:
    """The uploader and what was uploaded."""
    st.subheader(t("data.own"), anchor=False)
    with st.container(border=True):
        st.caption(t("data.upload.rule", limit=LARGEST_UPLOAD // _MIB))
        sent = st.file_uploader(
            t("data.upload"),
            type=["zip", *(suffix.removeprefix(".") for suffix in sorted(SUFFIXES))],
            accept_multiple_files=True,
            max_upload_size=LARGEST_UPLOAD // _MIB,
            key=f"data.upload.{st.session_state.setdefault(_ROUND, 0)}",
            label_visibility="collapsed",
        )
        if sent:
            _accept(sent)
        refused: Problem | None = st.session_state.get(_REFUSED)
        if refused is not None:
            st.error(t(refused.text), icon=":material/error:")
    kept = uploads.listed(studio.settings().uploads)
    if kept:
        grid = st.grid(3, min_column_width=CARD_PX, border=True)
        for upload in kept:
            with grid.cell():
                _card(upload)
    st.caption(t("data.upload.where", folder=studio.settings().uploads))


def bundle(files: Sequence[tuple[str, bytes]]) -> tuple[bytes, str]:
    """One zip, as it was sent, or several files packed into one, with the name to show for it."""
    if len(files) == 1 and files[0][0].lower().endswith(".zip"):
        return files[0][1], files[0][0]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for index, (name, content) in enumerate(files):
            entry = zipfile.ZipInfo(f"{index:05d}-{name.replace('/', '-')}")  # a fixed date: same files, same upload
            archive.writestr(entry, content)
    return packed.getvalue(), files[0][0] if len(files) == 1 else f"{files[0][0]} +{len(files) - 1}"


def _accept(sent: Sequence[UploadedFile]) -> None:
    """Check what was sent; either way the uploader is emptied, which frees the memory it holds."""
    content, name = bundle([(one.name, one.getvalue()) for one in sent])
    try:
        with st.spinner(t("data.upload.checking")):
            upload = uploads.accept(content, name, studio.settings().uploads)
    except Problem as problem:
        st.session_state[_REFUSED] = problem
    else:
        st.session_state.pop(_REFUSED, None)
        st.toast(t("data.upload.kept", name=upload.name, count=upload.images), icon=":material/check_circle:")
    st.session_state[_ROUND] += 1
    st.rerun()


def _card(upload: Upload) -> None:
    outcome = previews.preview(OWN_IMAGES, {"images": upload.id, "size": _PREVIEW_PX})
    if outcome is None:
        st.skeleton(height=previews.SHOWN_PX)
    elif outcome.value is not None:
        st.image(outcome.value.png, width="stretch", alt=t("data.alt", title=upload.name))
    st.markdown(f"**{plain(upload.name)}**")
    facts = [
        t("data.images", count=upload.images, n=number(upload.images)),
        size(upload.bytes),
        ago(upload.uploaded_at),
    ]
    if upload.classes:
        facts.insert(1, t("data.classes", count=len(upload.classes)))
    st.caption(" · ".join(facts))
    if outcome is not None and outcome.problem is not None:
        st.caption(f":orange[:material/warning: {t(outcome.problem.text)}]")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        links.link("new_run", t("data.train"), icon=":material/add_circle:", images=upload.id)
        with st.popover(t("data.delete"), icon=":material/delete:", type="tertiary"):
            st.markdown(t("data.delete.sure", name=plain(upload.name)))
            st.button(
                t("data.delete.yes"),
                key=f"data.delete.{upload.id}",
                type="primary",
                on_click=guarded(_delete),
                args=(upload.id,),
            )


def _delete(identity: str) -> None:
    uploads.delete(identity, studio.settings().uploads)


def plain(name: str) -> str:
    """A file's name as text, not as Markdown."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]()#+-.!~|<>$:" else sign for sign in name)
