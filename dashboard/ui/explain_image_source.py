"""Part of Explain, image: which picture, and which model is asked about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dashboard.tracking.records import Run, RunFilter
from dashboard.ui import address, lab_parts, studio
from dashboard.ui.language import t
from dashboard.ui.own_data import plain
from data import pictures
from data.images import LARGEST_FILE, SUFFIXES
from data.text import Problem

Pixels = npt.NDArray[np.uint8]

IMAGENET = "imagenet"
FAMILY = "supervised"
_FROM = (*pictures.SAMPLES, "upload", "camera")
_OWN = "explain_image.own"
_LOOKED_AT = 300
_MIB = 2**20


@dataclass(frozen=True)
class Asked:
    """What is asked about: the request without its method, and its arrays."""

    values: dict[str, Any]
    arrays: dict[str, Pixels]

    def request(self, method: str, config: dict[str, Any] | None = None) -> dict[str, Any]:
        """The request for one way to explain."""
        return {**self.values, "method": method, "config": config or {}}


def choose() -> Asked | None:
    """Draw the choices; None, with the reason on screen, while there is no picture."""
    with st.container(border=True, key="passage-image-source"):
        left, right = st.columns([3, 2], vertical_alignment="bottom")
        with left:
            source = address.choice(t("explain_image.source"), _FROM, parameter="picture", show=_source_name)
        with right:
            model = _model()
        if source in pictures.SAMPLES:
            st.caption(t("explain_image.credit", credit=pictures.SAMPLES[source].credit))
            return Asked(_values(model, {"sample": source}), {})
        own = _own(source)
        return None if own is None else Asked(_values(model, {}), {"picture": own})


def _source_name(source: str) -> str:
    sample = pictures.SAMPLES.get(source)
    return t(sample.title) if sample else t(f"explain_image.source.{source}")


def _values(model: str, more: dict[str, Any]) -> dict[str, Any]:
    target = st.query_params.get("target")
    return {"kind": "image", "model": model, **({"target": target} if target else {}), **more}


def _model() -> str:
    """The pretrained model, or a classifier trained here."""
    runs = {run.id: run for run in studio.store().runs(RunFilter(limit=_LOOKED_AT)) if _classifies(run)}
    return address.pick(
        t("explain_image.model"), [IMAGENET, *runs], parameter="model",
        show=lambda one: t("explain_image.model.imagenet") if one == IMAGENET else f"{runs[one].name} · {one}",
    )  # fmt: skip


def _classifies(run: Run) -> bool:
    catalogue = studio.catalogue()
    if catalogue is None or run.external or run.step == 0 or run.deleted_at is not None:
        return False
    method = catalogue.methods.get(run.method)
    return method is not None and method.family == FAMILY


def _own(source: str) -> Pixels | None:
    """A person's own picture; its pixels stay for the session, the file does not."""
    if source == "camera":
        sent = st.camera_input(t("explain_image.camera"), key="explain_image.camera", label_visibility="collapsed")
    else:
        sent = st.file_uploader(
            t("explain_image.upload", limit=LARGEST_FILE // _MIB),
            type=[suffix.removeprefix(".") for suffix in sorted(SUFFIXES)],
            max_upload_size=LARGEST_FILE // _MIB,
            key="explain_image.upload",
        )
    kept: tuple[str, Pixels] | None = st.session_state.get(f"{_OWN}.{source}")
    if sent is None:
        return kept[1] if kept is not None else None
    if kept is None or kept[0] != sent.file_id:
        kept = _checked(sent, source)
    return None if kept is None else kept[1]


def _checked(sent: UploadedFile, source: str) -> tuple[str, Pixels] | None:
    try:
        with st.spinner(t("explain_image.checking")):
            pixels = pictures.accept(sent.getvalue(), sent.name)
    except Problem as problem:
        lab_parts.sorry(
            Problem(type(problem.text)(en=plain(problem.text.en), hi=plain(problem.text.hi)), code=problem.code)
        )
        return None
    kept = (sent.file_id, pixels)
    st.session_state[f"{_OWN}.{source}"] = kept
    address.put("target", None)  # of another picture
    return kept
