"""A run in a card: what it has made, where it stands, its curve in small."""

from __future__ import annotations

import io

import streamlit as st
from PIL import Image, ImageOps

from dashboard.figures.sparklines import spark
from dashboard.tracking.records import MetricSummary, Run
from dashboard.ui import links, studio
from dashboard.ui.language import t
from dashboard.ui.live_names import SYSTEM, MetricFace, dataset_title, method_title, metric_face, run_title
from dashboard.ui.live_state import badge
from dashboard.ui.quantities import ago, number

WIDTH_PX, HEIGHT_PX = 600, 360
_BUCKETS = 120


def card(run: Run) -> None:
    """Draw the run into the container at hand."""
    picture = _newest_picture(run)
    if picture is not None:
        st.image(_thumbnail(picture), width="stretch", alt=t("home.samples.alt", name=run_title(run)))
    links.link("run", f"**{run_title(run)}**", help=t("home.open"), run=run.id)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        badge(run.state)
        if run.example:
            st.badge(t("home.example"), icon=":material/school:", color="gray")
    facts = (method_title(run.method), dataset_title(run.dataset), ago(run.created_at))
    st.caption(" · ".join(facts))
    shown = _shown_metric(run)
    if shown is None:
        st.caption(t("home.no_points"))
    else:
        _metric(run, *shown)


def _metric(run: Run, face: MetricFace, summary: MetricSummary) -> None:
    curve = spark(studio.store().envelope(run.id, summary.name, buckets=_BUCKETS))
    st.metric(t(face.title), number(summary.last), chart_data=curve if len(curve) > 1 else None, delta_color="off")


def _shown_metric(run: Run) -> tuple[MetricFace, MetricSummary] | None:
    """The headline metric logged most often; else the one that looks most like a loss."""
    summaries = [
        one for one in studio.store().summaries(run.id) if not one.name.startswith(SYSTEM) and one.name != "epoch"
    ]
    faces = [(metric_face(run.method, one.name), one) for one in summaries]
    headlines = [pair for pair in faces if pair[0].headline]
    return max(headlines or faces, key=lambda pair: ("loss" in pair[1].name, pair[1].count), default=None)


def _newest_picture(run: Run) -> str | None:
    pictures = [one for one in studio.store().media(run.id) if one.kind == "image" and one.path.is_file()]
    grids = [one for one in pictures if one.name == "samples"] or pictures
    return str(max(grids, key=lambda one: one.step).path) if grids else None


@st.cache_data(show_spinner=False, max_entries=64)
def _thumbnail(path: str) -> bytes:
    """The picture inside a clear frame of one shape, so that cards stand in line; small pixels stay sharp."""
    with Image.open(path) as opened:
        picture = opened.convert("RGBA")
    factor = max(1, WIDTH_PX // picture.width)
    picture = picture.resize((picture.width * factor, picture.height * factor), Image.Resampling.NEAREST)
    framed = ImageOps.pad(picture, (WIDTH_PX, HEIGHT_PX), color=(0, 0, 0, 0))
    written = io.BytesIO()
    framed.save(written, "PNG")
    return written.getvalue()
