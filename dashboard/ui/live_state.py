"""Where a run stands, in words: state and reason exactly as recorded, progress with pace and time left, warnings."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from dashboard.figures import health
from dashboard.jobs.control import ensure_supervisor
from dashboard.jobs.words import STATES
from dashboard.tracking.records import Envelope, Run, RunFilter, State
from dashboard.tracking.store import Store
from dashboard.ui import studio
from dashboard.ui.language import t, translate
from dashboard.ui.live_names import MetricFace
from dashboard.ui.own_data import plain
from dashboard.ui.quantities import duration, number
from data.text import Text

Colour = Literal["red", "orange", "blue", "green", "gray"]
FACES: dict[State, tuple[str, Colour]] = {
    State.QUEUED: (":material/hourglass_top:", "gray"),
    State.STARTING: (":material/rocket_launch:", "blue"),
    State.RUNNING: (":material/play_circle:", "orange"),
    State.STOPPING: (":material/stop_circle:", "orange"),
    State.PAUSED: (":material/pause_circle:", "gray"),
    State.STOPPED: (":material/stop_circle:", "gray"),
    State.FINISHED: (":material/check_circle:", "green"),
    State.FAILED: (":material/error:", "red"),
}
"""Icon and colour of each state; the word stands beside."""
_TROUBLED = {"suspended", "stands_still", "not_responding"}


@dataclass(frozen=True)
class Clockwork:
    """What the page knows about time: pace in steps a second, and when the current attempt began."""

    pace: float | None
    began: float


def state_word(state: State) -> str:
    """The state as it stands on screen."""
    return t(STATES[state]).capitalize()


def badge(state: State) -> None:
    """The state as a word with its mark and colour."""
    icon, colour = FACES[state]
    st.badge(state_word(state), icon=icon, color=colour)


def status(run: Run, store: Store) -> None:
    """State, reason and position in the queue; and what stands in the way of the run."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        badge(run.state)
        if run.example:
            st.badge(t("run.example"), icon=":material/school:", color="blue")
        st.caption(_reason(run, store), width="content")
    if run.state is State.FAILED and run.reason is not None:
        st.error(t(run.reason.text), icon=":material/error:")
    elif run.reason is not None and run.reason.code in _TROUBLED:
        st.warning(t(run.reason.text), icon=":material/warning:")
    if run.state.active and not run.external:
        _supervisor()


def _reason(run: Run, store: Store) -> str:
    if run.state is State.QUEUED:
        ahead = [r for r in store.runs(RunFilter(states=(State.QUEUED,))) if r.created_at < run.created_at]
        return t("run.queued.position", count=len(ahead)) if ahead else t("run.queued.next")
    if run.state is State.FAILED or run.reason is None:
        return t(f"run.meaning.{run.state}")
    if run.reason.code in _TROUBLED:
        return ""
    return t(run.reason.text)


def _supervisor() -> None:
    """Say so when nobody looks after the jobs, and offer the way out."""
    standing = studio.supervisor()
    if standing.alive and standing.trouble is not None:
        st.warning(t(standing.trouble), icon=":material/warning:")
    elif not standing.alive:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning(t("run.supervisor.gone"), icon=":material/warning:")
            if st.button(t("run.supervisor.start"), key="run.supervisor.start"):
                ensure_supervisor(studio.settings())


def progress(run: Run, clockwork: Clockwork) -> None:
    """One line: step, pace and time left from measured numbers, over a bar."""
    total = max(run.total_steps, run.step, 1)
    parts = [t("run.progress.step", step=number(run.step), total=number(total))]
    if run.state is State.RUNNING and clockwork.pace:
        parts.append(_pace(clockwork.pace))
        left = (total - run.step) / clockwork.pace
        if run.step < total:
            parts.append(t("run.progress.left", time=duration(left)))
    elif not run.state.active and run.started_at is not None and run.ended_at is not None:
        parts.append(t("run.progress.took", time=duration(run.ended_at - run.started_at)))
    st.progress(min(1.0, run.step / total), text=" · ".join(parts))


def _pace(pace: float) -> str:
    if pace >= 1:
        return t("run.progress.pace", n=number(pace, 2 if pace < 10 else 3))
    return t("run.progress.slow", n=number(1 / pace, 2))


def warnings(
    run: Run,
    curve: Envelope | None,
    face: MetricFace | None,
    alarms: Sequence[tuple[Envelope, MetricFace]],
    copying: health.Concern | None,
    *,
    named: str = "",
) -> None:
    """What the curves say that a person should know: not a number, divergence, standstill; collapse, of those with an alarm; and `copying`,
    learning by heart. Beside other runs with whose they are, `named`."""
    if curve is None or face is None:
        return
    found = [copying, health.not_finite(curve, face.title)]
    if found[1] is None:
        found.append(health.diverging(curve, face.title, better=face.better))
    if run.state is State.RUNNING:
        silent = health.stalled(curve, now=time.time())
        if silent is not None:
            found.append(health.standstill(_both(silent)))
    for other, name in alarms:
        if name.alarm is not None:
            found.append(health.collapsed(other, name.title, below=name.alarm.below, meaning=name.alarm.text))
    for concern in found:
        if concern is not None:
            st.warning(
                f"**{plain(named)}** · {t(concern.text)}" if named else t(concern.text), icon=":material/warning:"
            )


def _both(seconds: float) -> Text:
    whole = int(seconds)
    key, values = (
        ("frame.duration.s", {"s": whole}) if whole < 60 else ("frame.duration.min", {"min": whole // 60, "s": 0})
    )
    if whole >= 3600:
        key, values = "frame.duration.h", {"h": whole // 3600, "min": whole % 3600 // 60}
    return Text(en=translate(key, "en", **values), hi=translate(key, "hi", **values))
