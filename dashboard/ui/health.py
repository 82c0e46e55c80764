"""The frame's small honest line: what the supervisor is doing when it is not simply ready."""

from __future__ import annotations

import streamlit as st

from dashboard.ui import studio
from dashboard.ui.language import t
from dashboard.ui.page import guarded, tell
from data.text import Problem

LOOK_EVERY_S = 1.0


def line() -> None:
    """Nothing while all is well; otherwise one line that looks again by itself until it is."""
    if _ready():
        return
    st.fragment(guarded(_waiting), run_every=LOOK_EVERY_S)()


def _waiting() -> None:
    if _ready():
        st.rerun()  # the page waits for the catalogue: let it look again
    try:
        status = studio.supervisor()
    except Problem as problem:
        tell(problem)
        return
    if status.trouble is not None:
        st.caption(f":material/error: {t(status.trouble)}")
    else:
        st.caption(f":material/hourglass_top: {t('frame.supervisor.warming')}")


def _ready() -> bool:
    try:
        status = studio.supervisor()
    except Problem:
        return False
    settled = status.alive and status.start != "starting" and status.trouble is None
    return settled and studio.catalogue() is not None
