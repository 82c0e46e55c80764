"""Part of Explain, image: which picture, and which model is asked about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dashboard.tracking.records import Run, RunFilter
from dashboard.ui import address, explain_image_draw, lab_parts, links, studio
from dashboard.ui.language import t
from dashboard.ui.own_data import plain
from data import pictures
from data.images import LARGEST_FILE, SUFFIXES
from data.text import Problem

Pixels = npt.NDArray[np.uint8]

IMAGENET = "imagenet"
FAMILY = "supervised"
_FROM = (*pictures.SAMPLES, "upload", "camera", "draw")
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
            model = _model(source)
        if source in pictures.SAMPLES:
            st.caption(t("explain_image.credit", credit=pictures.SAMPLES[source].credit))
            return Asked(_values(model, {"sample": source}), {})
        own = explain_image_draw.ask() if source == "draw" else _own(source)
        if source == "draw" and model == IMAGENET:
            st.info(t("explain_image.draw.train"), icon=":material/model_training:")
            links.link(
                "new_run",
                t("explain_image.draw.new_run"),
                icon=":material/add_circle:",
                method="classifier",
                dataset="mnist",
            )
            return None
        return None if own is None else Asked(_values(model, {}), {"picture": own})


def _source_name(source: str) -> str:
    sample = pictures.SAMPLES.get(source)
    return t(sample.title) if sample else t(f"explain_image.source.{source}")


def _values(model: str, more: dict[str, Any]) -> dict[str, Any]:
    target = st.query_params.get("target")
    return {"kind": "image", "model": model, **({"target": target} if target else {}), **more}


def classifiers() -> dict[str, str]:
    """The models that tell what is in a picture, with their names: the pretrained one, and classifiers trained here."""
    runs = studio.store().runs(RunFilter(limit=_LOOKED_AT))
    return {
        IMAGENET: t("explain_image.model.imagenet"),
        **{run.id: f"{run.name} · {run.id}" for run in runs if _classifies(run)},
    }


def _model(source: str) -> str:
    """The choice of one: at first the pretrained one, for what is drawn the newest that was trained here."""
    known, drawn = classifiers(), source == "draw"
    usual = next((one for one in known if one != IMAGENET), IMAGENET) if drawn else IMAGENET
    return address.pick(
        t("explain_image.model"), list(known), parameter="model", scope="drawn" if drawn else "", default=usual,
        show=lambda one: known[one],
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
