"""New run: choose a method, data and a preset, change what you like, see what it costs, and start."""

from __future__ import annotations

import streamlit as st

from dashboard.jobs import control
from dashboard.jobs.spec import RunSpec
from dashboard.ui import choosing, estimate, extras, order, previews, sabotage_button, starting, studio
from dashboard.ui.extras import Extras
from dashboard.ui.language import t
from dashboard.ui.order import Ordered
from dashboard.ui.page import Page, header, tell
from data.text import Problem, Text
from data.weight_files import REFERENCE

PAGE = Page("new_run", Text(en="New run", hi="नया रन"), ":material/add_circle:", "train", 0)


def render() -> None:
    """Draw the form; start what it orders."""
    header(t("new_run.title"), t("new_run.caption"))
    catalogue = studio.catalogue()
    if catalogue is None:
        _first_start()
        return
    draft = starting.settle_draft()
    order.from_link(catalogue)
    main, side = st.columns([7, 3], gap="large")
    with main:
        choice = choosing.choose(catalogue)
        if choice is None:
            return
        ordered = order.ask(catalogue, choice)
    with side, st.container(border=True):
        _start(draft, choice.method, ordered)
    previews.watch()


def _start(draft: str, method: str, ordered: Ordered) -> None:
    st.markdown(f"**{t('new_run.start.head')}**")
    added = extras.ask(method)
    unfit = None
    if ordered.spec is not None and (added.start_from or "").startswith(REFERENCE):
        begun = ordered.spec.model_copy(update={"start_from": added.start_from})
        estimate.panel(begun, repeat=added.repeat)
        unfit = estimate.wrong_with(begun, "start_from")
    elif ordered.spec is not None:
        estimate.panel(ordered.spec, repeat=added.repeat)
    if unfit is not None:
        st.error(t(unfit), icon=":material/error:")
    pressed = st.button(
        t("new_run.start.many", count=added.repeat) if added.repeat > 1 else t("new_run.start"),
        key=starting.button_key(draft),
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=ordered.spec is None or unfit is not None,
    )
    if ordered.spec is None:
        st.caption(f":red[:material/error: {t('new_run.wrong', count=ordered.wrong)}]")
        return
    spec = added.put_into(ordered.spec)
    if pressed:
        try:
            _submit(draft, spec, added)
        except Problem as problem:
            tell(problem)  # beside the button, not at the end of the page
    if unfit is None:
        sabotage_button.of_form(draft, spec, added)


def _submit(draft: str, spec: RunSpec, added: Extras) -> None:
    runs = control.submit(
        studio.store(),
        studio.settings(),
        spec,
        token=starting.token_of(draft, spec, added),
        name=added.name or None,
        repeat=added.repeat,
        tags=added.tags,
    )
    starting.started(draft, runs)


def _first_start() -> None:
    """The first seconds of a fresh home: what is being prepared, in the shape of what will stand there."""
    st.caption(f":material/hourglass_top: {t('new_run.first')}")
    for column in st.columns(3):
        column.skeleton(height=150)
    st.skeleton(height=280)
