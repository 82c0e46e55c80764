"""The list of runs: search, filters and order (all in the URL), a table to choose from, and what to do with the chosen.

A keyed table keeps its selection by position even when other rows take those places. So positions become run ids at
once, and the table's key holds the order of the ids: another order is another table, which starts from the chosen ids.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import cast, get_args

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard.figures.numbers import number
from dashboard.tracking.records import Run, RunFilter, Sort, State
from dashboard.tracking.store import Store
from dashboard.ui import address, links
from dashboard.ui.language import t
from dashboard.ui.live_names import dataset_title, method_title, metric_face, run_title
from dashboard.ui.live_state import state_word
from dashboard.ui.quantities import duration

PAGE_SIZE = 100
SORTS: tuple[Sort, ...] = ("created", "updated", "name", "state", "step", "duration")
_CHOSEN = "runs.chosen"


def wanted(store: Store) -> RunFilter:
    """The filter row; returns what it asks for."""
    there = store.facets()
    with st.container(horizontal=True, vertical_alignment="center"):
        search = address.words(
            t("runs.search"), parameter="q", placeholder=t("runs.search.hint"), icon=":material/search:"
        )
        with st.popover(t("runs.filter"), icon=":material/filter_list:"):
            states = address.several(
                t("runs.filter.state"), [str(s) for s in State], parameter="state", show=lambda word: state_word(State(word)),
                placeholder=t("runs.filter.any"),
            )  # fmt: skip
            methods = _facet("method", there.methods, method_title)
            datasets = _facet("dataset", there.datasets, dataset_title)
            tags = _facet("tag", there.tags, str)
            groups = _facet("group", there.groups, str, most=1)
        with st.popover(t("runs.sort"), icon=":material/swap_vert:"):
            sort = address.choice(t("runs.sort"), SORTS, parameter="sort", show=lambda word: t(f"runs.sort.{word}"))
            upward = address.switch(t("runs.sort.upward"), parameter="up")
        trash = address.switch(t("runs.trash"), parameter="trash")
    return RunFilter(
        search=search.strip(),
        states=tuple(State(word) for word in states),
        methods=tuple(methods),
        datasets=tuple(datasets),
        tags=tuple(tags),
        group=groups[0] if groups else None,
        deleted=trash,
        sort=cast(Sort, sort if sort in get_args(Sort) else "created"),
        descending=not upward,
        limit=PAGE_SIZE,
    )


def _facet(name: str, options: Sequence[str], show: Callable[[str], str], most: int | None = None) -> list[str]:
    if not options:
        return []
    return address.several(
        t(f"runs.filter.{name}"), list(options), parameter=name, show=show, placeholder=t("runs.filter.any"), most=most
    )


def chosen_from(store: Store, runs: list[Run]) -> list[Run]:
    """The table; returns the chosen runs in the order of the table."""
    ids = [run.id for run in runs]
    before: list[str] = [run for run in st.session_state.get(_CHOSEN, []) if run in ids]
    key = "runs-" + hashlib.sha256(",".join(ids).encode()).hexdigest()[:12]
    event = st.dataframe(
        _table(store, runs),
        hide_index=True,
        key=key,
        height="content" if len(runs) <= 15 else 560,
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [ids.index(run) for run in before]}},
        column_config=_columns(),
        placeholder="–",
        alt=t("runs.table.alt", count=len(runs)),
    )
    rows = [row for row in event["selection"]["rows"] if row < len(ids)]
    chosen = [ids[row] for row in sorted(rows)]
    st.session_state[_CHOSEN] = chosen
    return [run for run in runs if run.id in chosen]


def _columns() -> dict[str, ColumnConfig]:
    return {
        "progress": st.column_config.ProgressColumn(
            t("runs.column.progress"), format="percent", min_value=0, max_value=1
        ),
        "name": st.column_config.TextColumn(t("runs.column.name"), width="medium"),
        "state": st.column_config.TextColumn(t("runs.column.state")),
        "method": st.column_config.TextColumn(t("runs.column.method")),
        "dataset": st.column_config.TextColumn(t("runs.column.dataset")),
        "metric": st.column_config.TextColumn(t("runs.column.metric")),
        "began": st.column_config.DatetimeColumn(t("runs.column.began"), format="YYYY-MM-DD HH:mm"),
        "took": st.column_config.TextColumn(t("runs.column.took")),
        "seed": st.column_config.NumberColumn(t("runs.column.seed")),
        "group": st.column_config.TextColumn(t("runs.column.group")),
        "tags": st.column_config.ListColumn(t("runs.column.tags")),
    }


def _table(store: Store, runs: list[Run]) -> pd.DataFrame:
    """One row a run; the metric is the first headline metric that the run has."""
    return pd.DataFrame(
        {
            "name": [run_title(run) for run in runs],
            "state": [_state(run) for run in runs],
            "progress": [run.step / run.total_steps if run.total_steps else 0.0 for run in runs],
            "metric": _newest(store, runs),
            "method": [method_title(run.method) for run in runs],
            "dataset": [dataset_title(run.dataset) for run in runs],
            "seed": [run.seed for run in runs],
            "began": [datetime.fromtimestamp(run.started_at or run.created_at) for run in runs],
            "took": [_took(run) for run in runs],
            "group": [run.group or "" for run in runs],
            "tags": [list(run.tags) for run in runs],
        }
    )


def _state(run: Run) -> str:
    return f"{state_word(run.state)} · {t('run.example')}" if run.example else state_word(run.state)


def _newest(store: Store, runs: list[Run]) -> list[str]:
    values = store.latest([run.id for run in runs], ["loss"])
    title = t(metric_face(runs[0].method, "loss").title) if runs else ""
    return [f"{title} {number(values[run.id]['loss'])}" if "loss" in values.get(run.id, {}) else "" for run in runs]


def _took(run: Run) -> str:
    if run.started_at is None:
        return ""
    return duration((run.ended_at or run.updated_at) - run.started_at)


def empty(filtered: bool, trash: bool) -> None:
    """What to see where there is nothing: one line and one way on."""
    word = "trash" if trash else "filtered" if filtered else "none"
    st.info(t(f"runs.empty.{word}"), icon=":material/inbox:")
    if word == "none":
        links.link("new_run", t("runs.empty.go"), icon=":material/add_circle:")


def forget_choice() -> None:
    """Choose nothing."""
    st.session_state.pop(_CHOSEN, None)
