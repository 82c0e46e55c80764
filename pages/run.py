"""One run: where it stands, its curves and samples while they grow, and what can be done with it."""

from __future__ import annotations

import streamlit as st

from dashboard.tracking.ingest import collect
from dashboard.tracking.records import Run
from dashboard.tracking.store import Store
from dashboard.ui import links, live_actions, live_curves, live_samples, live_state, prompt_box, studio, text_box
from dashboard.ui.language import t
from dashboard.ui.live_data import Snapshot
from dashboard.ui.live_details import details
from dashboard.ui.live_names import dataset_title, method_title, run_title
from dashboard.ui.page import Page, guarded, header
from dashboard.ui.quantities import ago
from dashboard.ui.state import run_in_url
from data.text import Problem, Text

PAGE = Page("run", Text(en="Run", hi="रन"), ":material/monitoring:", "train", 5, hidden=True)

REFRESH_S = 1.0
_DRAWN = "run.drawn"


def render() -> None:
    """Draw the page."""
    store = studio.store()
    run = _run(store)
    if run is None:
        return
    title, buttons = st.columns(2, vertical_alignment="bottom")
    with title:
        header(run_title(run), _facts(run))
    with buttons:
        live_actions.actions(run)
    live_actions.said()
    if run.tags or run.notes:
        _words(run)
    prompt_box.render(run)
    text_box.render(run)
    st.session_state[_DRAWN] = _drawn(run)
    live = st.fragment(_live, run_every=REFRESH_S if run.state.active else None)
    live(run.id)


def _run(store: Store) -> Run | None:
    """The run of the URL; without one, or with an unknown one, the way to the list."""
    wanted = run_in_url()
    try:
        if wanted is not None:
            return store.run(wanted)
    except Problem as problem:
        if problem.code != "unknown_run":
            raise
    header(t("run.missing.title"))
    st.info(t("run.missing"), icon=":material/search_off:")
    links.link("runs", t("run.missing.go"), icon=":material/monitoring:")
    return None


def _facts(run: Run) -> str:
    """One line: what is trained on what, when it began, with which seed."""
    began = run.started_at if run.started_at is not None else run.created_at
    parts = [
        t("run.facts", method=method_title(run.method), dataset=dataset_title(run.dataset)),
        t("run.facts.began" if run.started_at is not None else "run.facts.made", ago=ago(began)),
        t("run.facts.seed", seed=run.seed),
    ]
    if run.attempt > 1:
        parts.append(t("run.facts.attempt", n=run.attempt))
    if run.external:
        parts.append(t("run.facts.external"))
    if run.user:
        parts.append(run.user)
    return " · ".join(parts)


def _words(run: Run) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for tag in run.tags:
            st.badge(tag, color="gray", icon=":material/label:")
        if run.notes:
            st.caption(run.notes, width="content")


def _drawn(run: Run) -> tuple[str, str, bool]:
    return run.id, str(run.state), run.deleted_at is not None


@guarded
def _live(run_id: str) -> None:
    """All that changes while the run goes on; one refresh reads the store once."""
    store = studio.store()
    if not studio.supervisor().alive:
        collect(store, studio.settings(), run_id)  # nobody else does it
    run = store.run(run_id)
    if st.session_state.get(_DRAWN) != _drawn(run):
        st.session_state[_DRAWN] = _drawn(run)  # once: the title, the buttons and the timer belong to the state
        st.rerun()
    snapshot = Snapshot(store, run)
    live_state.status(run, store)
    live_state.progress(run, snapshot.clockwork)
    main = snapshot.main
    face = snapshot.faces[main] if main is not None else None
    live_state.warnings(run, snapshot.main_curve, face, snapshot.alarms, snapshot.copying)
    for said in snapshot.verdicts:
        st.caption(t(said))
    live_curves.cards(snapshot)
    left, right = st.columns([3, 2])
    with left:
        live_curves.chart(snapshot)
    with right:
        live_samples.pictures(snapshot)
    details(snapshot)
