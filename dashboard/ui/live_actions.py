"""What a person can do with a run: stop, pause, resume, train longer, clone, rename, tag, note, delete with undo."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.jobs import control
from dashboard.tracking.records import Run, State
from dashboard.ui import lab_models, links, sabotage_button, seen_embedding, seen_encoders, studio
from dashboard.ui.language import t
from dashboard.ui.report_button import save_as_html, save_weights
from data.text import Problem

_SAID = "run.said"


def actions(run: Run) -> None:
    """The buttons that fit the state, at the right of the title, and the menu of all the rest."""
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", key="actions"):
        if run.deleted_at is not None:
            _button("restore", ":material/restore_from_trash:", _undelete, run, primary=True)
            return
        if not run.example and not run.external:
            _of_state(run)
        if (address := lab_models.address_of(run)) is not None:
            links.link(
                "lab",
                t("run.do.lab"),
                icon=":material/science:",
                help=t("run.do.lab.help"),
                **address,  # type: ignore[arg-type]  # no parameter of that page is called `stretch`
            )
        if seen_encoders.can_be_asked(run, "embed", seen_embedding.KINDS):
            links.link(
                "representations",
                t("run.do.representations"),
                icon=":material/hub:",
                help=t("run.do.representations.help"),
                of="embedding",
                encoder=run.id,
            )
        if run.example:
            clone(run, primary=True)
        sabotage_button.of_run(run)
        _more(run)


def said() -> None:
    """Show what the last action had to say."""
    problem = st.session_state.pop(_SAID, None)
    if isinstance(problem, Problem):
        st.error(t(problem.text), icon=":material/error:")


def _of_state(run: Run) -> None:
    if run.state in (State.STARTING, State.RUNNING):
        _button("pause", ":material/pause:", _pause, run)
    if run.state in (State.QUEUED, State.STARTING, State.RUNNING):
        _button("stop", ":material/stop:", _stop, run, primary=True)
    elif run.state is State.STOPPING:
        st.button(t("run.do.stopping"), icon=":material/hourglass_top:", disabled=True, key="do-stopping")
    elif run.state is State.FINISHED:
        _longer(run)
    else:
        _button("resume", ":material/play_arrow:", _resume, run, primary=True)


def _button(name: str, icon: str, act: Callable[[str], None], run: Run, *, primary: bool = False) -> None:
    st.button(
        t(f"run.do.{name}"),
        icon=icon,
        type="primary" if primary else "secondary",
        help=t(f"run.do.{name}.help"),
        key=f"do-{name}",
        on_click=_safely,
        args=(act, run.id),
    )


def clone(run: Run, *, primary: bool = False) -> None:
    """To the form, filled with this run's values."""
    if st.button(
        t("run.do.clone"), icon=":material/content_copy:", key="do-clone", type="primary" if primary else "secondary",
        help=t("run.do.clone.help"),
    ):  # fmt: skip
        links.goto("new_run", like=run.id)


def _longer(run: Run) -> None:
    with st.popover(t("run.do.prolong"), icon=":material/fast_forward:", type="primary"):
        steps = st.number_input(
            t("run.do.prolong.steps"),
            min_value=1,
            max_value=10_000_000,
            value=max(1, run.total_steps // 2),
            key="prolong-steps",
        )
        st.button(
            t("run.do.prolong.go"), key="do-prolong", type="primary", on_click=_safely, args=(_prolong, run.id, int(steps)),
        )  # fmt: skip


def _more(run: Run) -> None:
    with st.popover(t("run.more"), icon=":material/more_horiz:"):
        if not run.example:
            clone(run)
        if not run.state.active:
            links.link("new_run", t("run.do.weights"), icon=":material/conversion_path:", weights=run.id)
        save_as_html(run.id)
        if run.step > 0 and not run.external:
            save_weights(run)
        _words(run)
        st.caption(t("run.id", id=run.id))
        if not run.state.active:
            _button("delete", ":material/delete:", _delete, run)


def _words(run: Run) -> None:
    """Name, tags and notes in one form."""
    with st.form("words", border=False):
        name = st.text_input(t("run.name"), run.name, max_chars=120, key=f"name:{run.id}")
        tags = st.text_input(t("run.tags"), ", ".join(run.tags), help=t("run.tags.help"), key=f"tags:{run.id}")
        notes = st.text_area(t("run.notes"), run.notes, height=90, key=f"notes:{run.id}")
        if st.form_submit_button(t("run.words.save"), icon=":material/check:"):
            wanted = sorted({tag.strip() for tag in tags.split(",") if tag.strip()})
            studio.store().edit(run.id, name=name, tags=wanted, notes=notes)
            st.rerun()


def _safely(act: Callable[..., None], *arguments: object) -> None:
    """Act; what cannot be done is said at the top of the page."""
    try:
        act(*arguments)
    except Problem as problem:
        st.session_state[_SAID] = problem


def _stop(run: str) -> None:
    control.stop(studio.store(), studio.settings(), run)


def _pause(run: str) -> None:
    control.pause(studio.store(), studio.settings(), run)


def _resume(run: str) -> None:
    control.resume(studio.store(), studio.settings(), run)


def _prolong(run: str, steps: int) -> None:
    control.prolong(studio.store(), studio.settings(), run, steps)


def _delete(run: str) -> None:
    control.delete(studio.store(), run)


def _undelete(run: str) -> None:
    control.undelete(studio.store(), run)
