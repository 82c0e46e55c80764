"""What an order will cost: time and memory measured by a few real steps where torch is, without making the page wait."""

from __future__ import annotations

import streamlit as st

from dashboard.jobs import control
from dashboard.jobs.control import Estimate, Prepared
from dashboard.jobs.spec import RunSpec
from dashboard.ui import studio
from dashboard.ui.background import Background, Outcome
from dashboard.ui.language import t
from dashboard.ui.page import guarded, tell
from dashboard.ui.quantities import duration, size
from data.text import Text

LOOK_EVERY_S = 0.4
LINE_PX = 24
_MIB = 1024.0**2


def prepared(spec: RunSpec) -> Outcome[Prepared] | None:
    """The outcome of checking and measuring `spec`; None while it is being worked on."""
    settings = studio.settings()
    return _background().ask(_key(spec), lambda: control.prepare(settings, spec))


def wrong_with(spec: RunSpec, field: str) -> Text | None:
    """What the check has found wrong at one field, once it has answered."""
    outcome = prepared(spec)
    return None if outcome is None or outcome.value is None else outcome.value.errors.get(field)


def panel(spec: RunSpec, *, repeat: int) -> None:
    """Time and memory of one run, or a skeleton that turns into them by itself."""
    outcome = prepared(spec)
    if outcome is None:
        st.fragment(guarded(_waiting), run_every=LOOK_EVERY_S)(spec)
    elif outcome.problem is not None:
        tell(outcome.problem)
        forget = _background().forget
        st.button(t("new_run.estimate.again"), key="new_run.estimate.again", on_click=forget, args=(_key(spec),))
    elif outcome.value is not None and outcome.value.estimate is not None:
        _shown(outcome.value.estimate, repeat)


def _waiting(spec: RunSpec) -> None:
    if prepared(spec) is not None:
        st.rerun()  # the whole page: a message may belong to a field
    st.caption(f":material/timer: {t('new_run.estimate.measuring')}")
    st.skeleton(height=LINE_PX)


def _shown(cost: Estimate, repeat: int) -> None:
    time = t("new_run.estimate.time", time=duration(cost.seconds))
    st.markdown(f":material/timer: {time}", help=t("new_run.estimate.time.help"))
    memory = t("new_run.estimate.memory", memory=size(cost.mib * _MIB))
    st.markdown(f":material/memory: {memory}", help=t("new_run.estimate.memory.help"))
    if repeat > 1:
        st.caption(t("new_run.estimate.each"))


def _key(spec: RunSpec) -> str:
    return spec.model_dump_json()


@st.cache_resource(show_spinner=False, max_entries=1)
def _background() -> Background[Prepared]:
    return Background()
