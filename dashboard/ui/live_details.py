"""What lies below the curves: system, log, events, config, checkpoints, environment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.jobs.folder import log_tail
from dashboard.tracking.records import Checkpoint
from dashboard.ui import address
from dashboard.ui.language import t
from dashboard.ui.live_curves import system
from dashboard.ui.live_data import Snapshot
from dashboard.ui.live_names import settings_of
from dashboard.ui.quantities import number, size

LOG_LINES = 200
TABLE_PX = 380
_LEVELS = {"info": ":material/info:", "warning": ":material/warning:", "error": ":material/error:"}


def details(snapshot: Snapshot) -> None:
    """One of the faces below the curves; which one stands in the URL."""
    faces: dict[str, Callable[[Snapshot], None]] = {
        "system": system,
        "log": log,
        "events": events,
        "config": config,
        "checkpoints": checkpoints,
        "environment": environment,
    }
    with st.container(border=True, key="details"):
        face = address.choice(
            t("run.details"),
            list(faces),
            parameter="tab",
            scope=snapshot.run.id,
            show=lambda word: t(f"run.details.{word}"),
        )
        faces[face](snapshot)


def log(snapshot: Snapshot) -> None:
    """The last lines the job printed."""
    lines = log_tail(snapshot.store.folder(snapshot.run.id), LOG_LINES)
    if not lines:
        st.caption(t("run.log.empty"))
        return
    st.code("\n".join(lines), language=None, height=320)


def events(snapshot: Snapshot) -> None:
    """What happened, newest first."""
    if not snapshot.events:
        st.caption(t("run.events.empty"))
        return
    for event in reversed(snapshot.events[-50:]):
        where = f" · {t('run.events.step', step=number(event.step))}" if event.step is not None else ""
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(_LEVELS.get(event.level, _LEVELS["info"]), width="content")
            st.markdown(t(event.text), width="content")
            st.caption(f"{_clock(event.time)}{where}", width="content")


def config(snapshot: Snapshot) -> None:
    """Every setting of the run, in the words of the form."""
    rows = settings_of(snapshot.run)
    if not rows:
        st.caption(t("run.config.empty"))
        return
    table = pd.DataFrame(
        {
            t("run.config.section"): [t(f"run.config.{row.section}") for row in rows],
            t("run.config.setting"): [row.title for row in rows],
            t("run.config.value"): [row.value for row in rows],
        }
    )
    st.dataframe(table, hide_index=True, height=TABLE_PX, key="config-table")


def checkpoints(snapshot: Snapshot) -> None:
    """The checkpoints with their hashes, newest first, and one to download."""
    found = list(reversed(snapshot.store.checkpoints(snapshot.run.id)))
    if not found:
        st.caption(t("run.checkpoints.empty"))
        return
    table = pd.DataFrame(
        {
            t("run.axis.step"): [one.step for one in found],
            t("run.checkpoints.size"): [size(one.size) for one in found],
            t("run.checkpoints.time"): [_clock(one.time) for one in found],
            t("run.checkpoints.file"): [one.sha256 for one in found],
            t("run.checkpoints.weights"): [one.weights_sha256 for one in found],
        }
    )
    st.dataframe(table, hide_index=True, height="content", key="checkpoints-table")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by_step = {one.step: one for one in found}
        step = st.selectbox(
            t("run.checkpoints.which"),
            list(by_step),
            format_func=number,
            key=f"checkpoint:{snapshot.run.id}",
            width=220,
        )
        _download(by_step.get(step, found[0]))


def _download(one: Checkpoint) -> None:
    """The bytes are read only when somebody clicks."""
    st.download_button(
        t("run.checkpoints.download"),
        partial(_bytes, one.path),
        file_name=f"{one.run}-{one.step}{one.path.suffix or '.ckpt'}",
        mime="application/octet-stream",
        icon=":material/download:",
        on_click="ignore",
        key=f"checkpoint-download:{one.run}",
        disabled=not one.path.is_file(),
    )


def _bytes(path: Path) -> bytes:
    return path.read_bytes()


def environment(snapshot: Snapshot) -> None:
    """Versions, machine, git commit and data hash the run was made with."""
    captured = snapshot.run.environment
    if not captured:
        st.caption(t("run.environment.empty"))
        return
    rows = [(_called(key), text) for key, value in captured.items() if (text := _told(value)) and key != "packages"]
    table = pd.DataFrame(rows, columns=[t("run.config.setting"), t("run.config.value")])
    st.dataframe(table, hide_index=True, height=TABLE_PX, key="environment-table")


_NAMED = (
    "python", "platform", "machine", "processors", "host", "command", "git", "versions", "gpu", "cuda", "seed",
    "data_sha256", "threads", "device",
)  # fmt: skip


def _called(key: str) -> str:
    return t(f"run.environment.{key}") if key in _NAMED else key


def _told(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_told(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return " ".join(str(part) for part in value)
    if isinstance(value, bool):
        return t("run.yes") if value else t("run.no")
    return "" if value is None else str(value)


def _clock(moment: float) -> str:
    return datetime.fromtimestamp(moment).astimezone().strftime("%Y-%m-%d %H:%M:%S")
