"""One click that starts a run without a safeguard of its method beside a healthy one, on the run's page and on the form."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from dashboard.contests import sabotage
from dashboard.jobs.spec import RunSpec
from dashboard.tracking.records import Run
from dashboard.ui import starting, studio
from dashboard.ui.extras import Extras
from dashboard.ui.language import t
from dashboard.ui.page import tell
from data.text import Problem

_ICON = ":material/build_circle:"


def of_run(run: Run) -> None:
    """The button at the title of a run; none where its method has no safeguard to take away."""
    catalogue = studio.catalogue()
    if catalogue is None or run.external:
        return
    spec = RunSpec.model_validate(run.config)
    which = _asked(spec, help=t("run.do.sabotage.help"), stretch=False)
    if which is None:
        return
    try:
        runs = sabotage.start(
            studio.store(), studio.settings(), catalogue, spec, which, name=_plain(run), tags=run.tags, parent=run.id
        )
    except Problem as problem:
        tell(problem)
        return
    starting.open_runs([one.id for one in runs])


def of_form(draft: str, spec: RunSpec, added: Extras) -> None:
    """The same below Start, for the order on screen: two new runs."""
    catalogue = studio.catalogue()
    if catalogue is None or added.repeat > 1:
        return
    which = _asked(spec, help=t("new_run.sabotage.help"), stretch=True)
    if which is None:
        return
    try:
        runs = sabotage.start(
            studio.store(), studio.settings(), catalogue, spec, which,
            token=starting.token_of(draft, spec, added), name=added.name, tags=added.tags,
        )  # fmt: skip
    except Problem as problem:
        tell(problem)
        return
    starting.started(draft, runs)


def _asked(spec: RunSpec, *, help: str, stretch: bool) -> str | None:
    """The sabotage whose button was pressed; a method with several has them in a menu."""
    catalogue = studio.catalogue()
    assert catalogue is not None
    found = sabotage.offered(catalogue, spec)
    width: Literal["stretch", "content"] = "stretch" if stretch else "content"
    if len(found) == 1:
        [only] = found
        told = f"{help} {t(only.title)}: {t(only.help)}"
        return (
            only.name
            if st.button(t("run.do.sabotage"), icon=_ICON, key="do-sabotage", help=told, width=width)
            else None
        )
    if not found:
        return None
    pressed = None
    with st.popover(t("run.do.sabotage"), icon=_ICON, help=help, width=width):
        for one in found:
            if st.button(t(one.title), key=f"do-sabotage-{one.name}", width="stretch"):
                pressed = one.name
            st.caption(t(one.help))
    return pressed


def _plain(run: Run) -> str:
    """The run's name without what an earlier sabotage added to it."""
    return run.name.partition(sabotage.BETWEEN)[0] if sabotage.TAG in run.tags else run.name
