"""What to do with the runs chosen in the list: open, compare, tag, group, delete with undo, restore, remove for good.

The server asks the store again for each run: what a stale table shows gives no right to anything.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.jobs import control
from dashboard.tracking.records import Run
from dashboard.ui import links, runs_list, state, studio
from dashboard.ui.language import t
from dashboard.ui.live_names import run_title
from data.text import Problem

MOST_COMPARED = 12
_UNDO, _SAID = "runs.undo", "runs.said"


def bar(chosen: list[Run], *, trash: bool) -> None:
    """The buttons for the chosen runs."""
    if not chosen:
        st.caption(t("runs.choose"))
        return
    with st.container(horizontal=True, vertical_alignment="center", key="runs-bar"):
        st.markdown(f"**{t('runs.chosen', count=len(chosen))}**", width="content")
        if trash:
            _button("restore", ":material/restore_from_trash:", control.undelete, chosen, primary=True)
            if st.button(t("runs.do.purge"), icon=":material/delete_forever:", key="runs-purge"):
                _confirm([(run.id, run_title(run)) for run in chosen])
            return
        if len(chosen) == 1:
            if st.button(t("runs.do.open"), icon=":material/open_in_new:", type="primary", key="runs-open"):
                links.goto("run", run=chosen[0].id)
        else:
            st.button(
                t("runs.do.compare"), icon=":material/compare_arrows:", type="primary", key="runs-compare",
                disabled=len(chosen) > MOST_COMPARED, help=t("runs.do.compare.help", most=MOST_COMPARED),
                on_click=state.put_runs_in_url, args=([run.id for run in chosen],),
            )  # fmt: skip
        _label(chosen)
        _button("delete", ":material/delete:", control.delete, chosen)


def said() -> None:
    """What the last action did, with the way back, or why it could not."""
    problem = st.session_state.pop(_SAID, None)
    if isinstance(problem, Problem):
        st.error(t(problem.text), icon=":material/error:")
    deleted: list[str] = st.session_state.get(_UNDO) or []
    if deleted:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(t("runs.deleted", count=len(deleted)), width="content")
            st.button(t("runs.undo"), icon=":material/undo:", key="runs-undo", on_click=_undo)


def _button(name: str, icon: str, act: Callable[..., None], chosen: list[Run], *, primary: bool = False) -> None:
    st.button(
        t(f"runs.do.{name}"),
        icon=icon,
        key=f"runs-{name}",
        type="primary" if primary else "secondary",
        on_click=_each,
        args=(name, act, [run.id for run in chosen]),
    )


def _each(name: str, act: Callable[..., None], ids: list[str]) -> None:
    done = []
    for run in ids:
        try:
            act(studio.store(), run)
            done.append(run)
        except Problem as problem:
            st.session_state[_SAID] = problem
    st.session_state[_UNDO] = done if name == "delete" else []
    runs_list.forget_choice()


def _undo() -> None:
    for run in st.session_state.pop(_UNDO, []):
        control.undelete(studio.store(), run)


def _label(chosen: list[Run]) -> None:
    with st.popover(t("runs.do.label"), icon=":material/label:"), st.form("runs-label", border=False):
        tags = st.text_input(t("runs.label.tags"), help=t("run.tags.help"))
        group = st.text_input(t("runs.label.group"), help=t("runs.label.group.help"))
        if st.form_submit_button(t("run.words.save"), icon=":material/check:"):
            added = {tag.strip() for tag in tags.split(",") if tag.strip()}
            for run in chosen:
                studio.store().edit(run.id, tags=sorted({*run.tags, *added}), group=group.strip() or None)
            st.rerun()


def _confirm(named: list[tuple[str, str]]) -> None:
    """Ask before runs are removed for good; the dialog names them."""

    @st.dialog(t("runs.purge.title"))
    def ask() -> None:
        st.write(t("runs.purge.ask", count=len(named)))
        st.markdown("\n".join(f"- {name} (`{run}`)" for run, name in named))
        if st.button(t("runs.purge.go"), type="primary", key="runs-purge-go"):
            for run, _ in named:
                studio.store().purge(run)
            runs_list.forget_choice()
            st.rerun()

    ask()
