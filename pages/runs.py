"""Runs: find them, look at several side by side, tag, group and throw away."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard.tracking.ingest import collect
from dashboard.tracking.records import Run, RunFilter
from dashboard.ui import links, runs_actions, runs_compare, runs_list, studio
from dashboard.ui.language import t
from dashboard.ui.page import Page, guarded, header
from dashboard.ui.state import put_runs_in_url, runs_in_url
from data.text import Text

PAGE = Page("runs", Text(en="Runs", hi="रन"), ":material/monitoring:", "train", 1)

REFRESH_S = 2.0
_SEEN = "runs.seen"


def render() -> None:
    """Draw the page."""
    compared = runs_in_url()
    title, button = st.columns([3, 1], vertical_alignment="center")
    with title:
        header(t("runs.compare.title") if compared else t("runs.title"))
    with button, st.container(horizontal=True, horizontal_alignment="right"):
        if compared:
            st.button(
                t("runs.compare.back"),
                icon=":material/arrow_back:",
                key="compare-back",
                on_click=put_runs_in_url,
                args=((),),
            )
        elif st.button(t("runs.new"), icon=":material/add:", type="primary", key="runs-new"):
            links.goto("new_run")
    if compared:
        runs_compare.face(compared[: runs_actions.MOST_COMPARED])
    else:
        _list()


def _list() -> None:
    store = studio.store()
    if not studio.supervisor().alive:
        collect(store, studio.settings())  # nobody else does it
    wanted = runs_list.wanted(store)
    total = store.count(wanted)
    pages = -(-total // runs_list.PAGE_SIZE)
    page = min(pages, st.session_state.get("runs-page", 1)) if pages > 1 else 1
    wanted = replace(wanted, offset=(page - 1) * runs_list.PAGE_SIZE)
    runs = store.runs(wanted)
    runs_actions.said()
    if not runs:
        runs_list.empty(wanted != RunFilter(limit=runs_list.PAGE_SIZE, deleted=wanted.deleted), bool(wanted.deleted))
        return
    chosen = runs_list.chosen_from(store, runs)
    if pages > 1:
        st.pagination(pages, key="runs-page")
    runs_actions.bar(chosen, trash=bool(wanted.deleted))
    st.session_state[_SEEN] = _stand(runs)
    if any(run.state.active for run in runs):
        st.fragment(_watch, run_every=REFRESH_S)(wanted)


def _stand(runs: list[Run]) -> tuple[tuple[str, str, int], ...]:
    return tuple((run.id, str(run.state), run.step) for run in runs)


@guarded
def _watch(wanted: RunFilter) -> None:
    """Draw the page again when a run has moved on; the table itself is not inside the timed part."""
    now = _stand(studio.store().runs(wanted))
    if st.session_state.get(_SEEN) != now:
        st.session_state[_SEEN] = now
        st.rerun()
