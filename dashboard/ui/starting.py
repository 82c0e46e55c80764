"""The last step of the form: estimate, name, and a Start that makes exactly one job however often it is pressed.

The form carries a draft id, in the URL as well, so that a second tab of the same form has the same one. The token of a
submission is made of the draft and of everything ordered: pressing Start twice, or in two tabs, is one job; changing a
value, or opening the form anew after it was used, makes another. The draft is part of the button's key: a click counts
for the form it was made on, also when it arrives late.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import time
from collections.abc import Sequence

import streamlit as st

from dashboard.jobs.spec import RunSpec
from dashboard.tracking.records import Run
from dashboard.ui import links
from dashboard.ui.extras import Extras
from dashboard.ui.language import t

PARAMETER = "draft"
_DRAFT, _STARTED = "new_run.draft", "new_run.started"
_EARLIER_S = 10.0


def settle_draft() -> str:
    """The draft id of the form on screen; a used one is replaced, unless a late click on it has just come in."""
    draft = st.session_state.get(_DRAFT)
    asked = st.query_params.get(PARAMETER, "")
    if draft is None:
        draft = asked if re.fullmatch("[0-9a-f]{12}", asked) else secrets.token_hex(6)
    started: dict[str, list[str]] = st.session_state.setdefault(_STARTED, {})
    if draft in started:
        if st.session_state.get(button_key(draft)):
            open_runs(started[draft])
        draft = secrets.token_hex(6)
        started.clear()
    st.session_state[_DRAFT] = draft
    if asked != draft:
        st.query_params[PARAMETER] = draft
    return str(draft)


def button_key(draft: str) -> str:
    """Key of the Start button of one draft."""
    return f"new_run.start.{draft}"


def token_of(draft: str, spec: RunSpec, extras: Extras) -> str:
    """The submission token: the same for the same order from the same form."""
    ordered = json.dumps([draft, spec.model_dump(mode="json"), extras.name, extras.tags, extras.repeat])
    return hashlib.sha256(ordered.encode()).hexdigest()[:32]


def started(draft: str, runs: Sequence[Run]) -> None:
    """Remember what the draft became, and go there."""
    st.session_state[_STARTED] = {draft: [run.id for run in runs]}
    if time.time() - runs[0].created_at > _EARLIER_S:
        st.toast(t("new_run.already"), icon=":material/info:")
    open_runs([run.id for run in runs])


def open_runs(ids: Sequence[str]) -> None:
    """Leave for the run, or for the comparison of several."""
    if len(ids) == 1:
        links.goto("run", run=ids[0])
    links.goto("runs", compare=",".join(ids))
