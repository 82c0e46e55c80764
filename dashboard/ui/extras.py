"""What an order has beside its values: name, tags, repetition, other loggers, a start from another run, limits."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.jobs.spec import RunSpec
from dashboard.tracking.records import Run, RunFilter
from dashboard.ui import studio
from dashboard.ui.language import t
from dashboard.ui.quantities import ago, number, size
from data import weight_files
from data.text import Problem
from data.uploads import LARGEST_UPLOAD

MOST_REPEATS = 100
LOGGERS = {"tensorboard": "tensorboard", "mlflow": "mlflow", "wandb": "wandb"}
"""Lightning's loggers that can be switched on, and the package each one needs."""

_KEY = "new_run.extras"
START_FROM = f"{_KEY}.start_from"
_FILE, _REFUSED = f"{_KEY}.file", f"{_KEY}.refused"
_RUNS_OFFERED = 50
_FRESH = ""


@dataclass(frozen=True)
class Extras:
    """`name`, `tags` and `repeat` change nothing in the training; the rest goes into the order."""

    name: str
    tags: tuple[str, ...]
    repeat: int
    loggers: tuple[str, ...]
    start_from: str | None
    threads: int
    memory_limit_mib: int

    def put_into(self, spec: RunSpec) -> RunSpec:
        """The order with what belongs into it."""
        return spec.model_copy(
            update={
                "loggers": self.loggers,
                "start_from": self.start_from,
                "threads": self.threads,
                "memory_limit_mib": self.memory_limit_mib,
            }
        )


def ask(method: str) -> Extras:
    """Draw the fields; name first, the rest in a drawer."""
    name = st.text_input(
        t("new_run.name"),
        key=f"{_KEY}.name",
        placeholder=t("new_run.name.auto"),
        max_chars=120,
        persist_state="session",
    )
    with st.expander(t("new_run.more"), icon=":material/more_horiz:"):
        repeat = _whole("repeat", first=1, low=1, high=MOST_REPEATS)
        tags = st.multiselect(
            t("new_run.tags"),
            list(studio.store().facets().tags),
            key=f"{_KEY}.tags",
            accept_new_options=True,
            placeholder=t("new_run.tags.none"),
            persist_state="session",
        )
        start_from = _start_from(method)
        loggers = _loggers()
        threads = _whole("threads", first=0, low=0, high=64)
        memory = _whole("memory", first=0, low=0, high=1_048_576)
    return Extras(name.strip(), tuple(map(str, tags)), repeat, loggers, start_from, threads, memory)


def clear() -> None:
    """Forget name, tags and the rest."""
    for key in [key for key in st.session_state if str(key).startswith(f"{_KEY}.")]:
        del st.session_state[key]


def _whole(name: str, *, first: int, low: int, high: int) -> int:
    key = f"{_KEY}.{name}"
    st.session_state.setdefault(key, first)
    given = st.number_input(
        t(f"new_run.{name}"), low, high, step=1, key=key, help=t(f"new_run.{name}.help"), persist_state="session"
    )
    return int(given if given is not None else first)


def _start_from(method: str) -> str | None:
    sources = {_FRESH: t("new_run.start_from.fresh")}
    sources |= {run.id: _named(run) for run in _with_weights(method)}
    folder = studio.settings().weights
    files = weight_files.listed(folder)
    sources |= {one.reference: t("new_run.start_from.file", name=one.name, size=size(one.bytes)) for one in files}
    if st.session_state.get(START_FROM) not in sources:
        st.session_state[START_FROM] = _FRESH
    chosen = st.selectbox(
        t("new_run.start_from"),
        list(sources),
        format_func=lambda one: sources.get(one, one),
        key=START_FROM,
        help=t("new_run.start_from.help"),
        persist_state="session",
    )
    st.file_uploader(
        t("new_run.start_from.bring"),
        type=[weight_files.SUFFIX.removeprefix(".")],
        key=_FILE,
        help=t("new_run.start_from.bring.help"),
        max_upload_size=LARGEST_UPLOAD // 2**20,
        on_change=_bring,
    )
    refused = st.session_state.get(_REFUSED)
    if isinstance(refused, Problem):
        st.error(t(refused.text), icon=":material/error:")
    return chosen or None


def _bring() -> None:
    """Keep the file that was given and choose it, or say what is wrong with it."""
    st.session_state.pop(_REFUSED, None)
    sent = st.session_state.get(_FILE)
    if sent is None:
        return
    try:
        kept = weight_files.keep(sent.getvalue(), sent.name, studio.settings().weights)
    except Problem as problem:
        st.session_state[_REFUSED] = problem
    else:
        st.session_state[START_FROM] = kept.reference


def _with_weights(method: str) -> list[Run]:
    """The newest runs of the method that have trained at all."""
    runs = studio.store().runs(RunFilter(methods=(method,), limit=_RUNS_OFFERED))
    return [run for run in runs if run.step > 0 and not run.external]


def _named(run: Run) -> str:
    return t("new_run.start_from.run", name=run.name, step=number(run.step), ago=ago(run.created_at))


def _loggers() -> tuple[str, ...]:
    installed = [name for name, package in LOGGERS.items() if importlib.util.find_spec(package) is not None]
    missing = [name for name in LOGGERS if name not in installed]
    chosen: list[Any] = st.multiselect(
        t("new_run.loggers"),
        installed,
        key=f"{_KEY}.loggers",
        placeholder=t("new_run.loggers.none"),
        help=t("new_run.loggers.help", missing=", ".join(missing)) if missing else None,
        persist_state="session",
    )
    return tuple(chosen)
