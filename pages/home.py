"""Home: what one can do here, and what has been going on."""

from __future__ import annotations

import streamlit as st

from dashboard.tracking.records import Run, RunFilter
from dashboard.ui import links, studio
from dashboard.ui.language import t
from dashboard.ui.page import Page, guarded
from dashboard.ui.run_card import card
from data.text import Text

PAGE = Page("home", Text(en="Home", hi="होम"), ":material/home:", "home", 0)

RECENT = 8
CARD_PX, RUN_PX = 260, 220
REFRESH_S = 3.0
WAYS = (
    ("new_run", "train", ":material/model_training:"),
    ("runs", "watch", ":material/monitoring:"),
    ("explain", "explain", ":material/quiz:"),
    ("representations", "represent", ":material/hub:"),
    ("lab", "lab", ":material/science:"),
    ("data", "data", ":material/add_photo_alternate:"),
)
"""Page, text and icon of each thing to do."""


def render() -> None:
    """Draw the page."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(width="content"):
            st.title(t("home.title"), anchor=False)
            st.caption(t("home.caption"))
        if st.button(t("home.start"), type="primary", icon=":material/add_circle:", key="home.start"):
            links.goto("new_run")
    runs = _recent()
    working = any(run.state.active for run in runs)
    st.fragment(guarded(_runs), run_every=REFRESH_S if working else None)(working)
    st.subheader(t("home.ways"), anchor=False)
    grid = st.grid(3, min_column_width=CARD_PX, border=True)
    for page, text, icon in WAYS:
        with grid.cell():
            st.markdown(f"{icon} **{t(f'home.ways.{text}')}**")
            st.caption(t(f"home.ways.{text}.about"))
            links.link(page, t(f"home.ways.{text}.go"), icon=":material/arrow_forward:")


def _recent() -> list[Run]:
    """A person's own newest runs; the examples while there are none."""
    store = studio.store()
    own = store.runs(RunFilter(example=False, limit=RECENT))
    return own or store.runs(RunFilter(example=True, limit=RECENT))


def _runs(working: bool) -> None:
    """The newest runs; while one is at work this is drawn again every few seconds."""
    runs = _recent()
    if working and not any(run.state.active for run in runs):
        st.rerun()  # the last one has ended: the timer goes with it
    if not runs:
        with st.container(border=True):
            st.markdown(t("home.none"))
        return
    examples = all(run.example for run in runs)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader(t("home.examples") if examples else t("home.recent"), anchor=False)
        links.link("runs", t("home.all"), icon=":material/list:")
    if examples:
        st.caption(t("home.examples.about"))
    grid = st.grid(4, min_column_width=RUN_PX, border=True)
    for run in runs:
        with grid.cell():
            card(run)
