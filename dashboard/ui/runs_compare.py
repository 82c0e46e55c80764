"""Runs side by side: their curves over each other or as mean and band of a group, what differs, and their numbers."""

from __future__ import annotations

from typing import cast

import pandas as pd
import streamlit as st

from dashboard.figures import words as figure_words
from dashboard.figures.curves import curves
from dashboard.figures.drawing import Drawing
from dashboard.figures.groups import group
from dashboard.figures.numbers import number
from dashboard.figures.scale import Style
from dashboard.figures.series import AXIS_KINDS, Axis, AxisKind, Panel, Series, steps_between
from dashboard.figures.smoothing import SPANS
from dashboard.tracking.records import Envelope, Run
from dashboard.tracking.store import Store
from dashboard.ui import address, language, links, live_state, state, studio
from dashboard.ui.language import t
from dashboard.ui.live_curves import DEFAULT_SPAN, dark
from dashboard.ui.live_data import Snapshot
from dashboard.ui.live_names import MetricFace, metric_face, run_title, settings_of
from dashboard.ui.live_state import state_word
from dashboard.ui.page import guarded
from dashboard.ui.plot import plot, zoomed
from dashboard.ui.quantities import number as grouped
from dashboard.ui.quantities import unit
from data.text import Problem

REFRESH_S = 2.0
BUCKETS_ALL = 6_000
"""Buckets of all runs together, so that a refresh stays far under a megabyte."""
_AXIS = "compare.axis"
KEY = "compare-curves"


def face(ids: tuple[str, ...]) -> None:
    """The compare face for these runs."""
    store = studio.store()
    runs = _known(store, ids)
    _runs(runs)
    if not runs:
        st.info(t("runs.compare.none"), icon=":material/compare_arrows:")
        return
    active = any(run.state.active for run in runs)
    st.fragment(_live, run_every=REFRESH_S if active else None)(tuple(run.id for run in runs))


def _known(store: Store, ids: tuple[str, ...]) -> list[Run]:
    found = []
    for run in ids:
        try:
            found.append(store.run(run))
        except Problem as problem:
            st.warning(t(problem.text), icon=":material/warning:")
    return found


def _runs(runs: list[Run]) -> None:
    """The compared runs, each with a link and a way out."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for run in runs:
            with st.container(horizontal=True, vertical_alignment="center", gap=None, width="content"):
                links.link("run", run_title(run), icon=":material/monitoring:", run=run.id)
                st.button(
                    ":material/close:", help=t("runs.compare.drop"), type="tertiary", key=f"drop-{run.id}",
                    on_click=state.put_runs_in_url, args=([other.id for other in runs if other.id != run.id],),
                )  # fmt: skip


@guarded
def _live(ids: tuple[str, ...]) -> None:
    """All that changes while one of the runs goes on."""
    store = studio.store()
    runs = [store.run(run) for run in ids]
    for run in runs:
        one = Snapshot(store, run)
        face = one.faces[one.main] if one.main is not None else None
        live_state.warnings(run, one.main_curve, face, one.alarms, one.copying, named=run_title(run))
    _curves(store, runs)
    left, right = st.columns(2)
    with left:
        _numbers(store, runs)
    with right:
        _differences(runs)


def _curves(store: Store, runs: list[Run]) -> None:
    """The card of curves."""
    faces = _faces(store, runs)
    with st.container(border=True, key="compare"):
        if not faces:
            st.caption(t("run.curves.waiting"))
            return
        kind, shown, banded, span = _head(runs, faces)
        view = address.span()
        drawing = _drawing(store, runs, [faces[name] for name in shown], kind, banded, span, view)
        st.session_state[_AXIS] = (kind, runs[0].id)
        if st.session_state["table:compare"]:
            st.dataframe(drawing.table, height=330, hide_index=True, key="compare-table")
        else:
            plot(drawing, key=KEY, on_zoom=_zoom)
        for note in drawing.notes:
            st.caption(note)


def _faces(store: Store, runs: list[Run]) -> dict[str, MetricFace]:
    """Metrics that at least one run has, those of most runs first."""
    counts: dict[str, int] = {}
    for run in runs:
        for name in Snapshot(store, run).metrics:
            counts[name] = counts.get(name, 0) + 1
    named = {name: metric_face(runs[0].method, name) for name in counts}
    return dict(sorted(named.items(), key=lambda item: (not item[1].headline, -counts[item[0]])))


def _head(runs: list[Run], faces: dict[str, MetricFace]) -> tuple[AxisKind, list[str], bool, int]:
    kinds = [kind for kind in AXIS_KINDS if kind != "epoch"]
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{t('run.curves')}**", width="content")
        with st.container(horizontal=True, vertical_alignment="center", width="content", gap="xsmall"):
            if address.span() is not None:
                st.button(
                    t("run.curves.whole"), icon=":material/zoom_out_map:", type="tertiary", key="compare-whole",
                    on_click=address.put_span, args=(None,),
                )  # fmt: skip
            with st.popover(t("run.view"), icon=":material/tune:", type="tertiary"):
                first = _first(faces)
                shown = address.several(
                    t("run.view.metrics"), list(faces), parameter="metric", scope="compare", default=first,
                    show=lambda name: t(faces[name].title) if name in faces else name,
                    placeholder=t("run.view.metrics.choose"), most=4,
                )  # fmt: skip
                span = address.level(
                    t("run.view.smooth"), SPANS, parameter="smooth", scope="compare", default=DEFAULT_SPAN,
                    show=lambda n: t("run.view.smooth.none") if n == 1 else t("run.view.smooth.points", count=n),
                    help=t("run.view.smooth.help"),
                )  # fmt: skip
                banded = address.switch(
                    t("runs.compare.band"), parameter="band", scope="compare", help=t("runs.compare.band.help")
                )
                declared = any(face.log_axis for face in faces.values())
                address.switch(t("run.view.logy"), parameter="logy", scope="compare", default=declared)
                address.switch(t("run.view.table"), parameter="table", scope="compare")
            kind = address.choice(
                t("run.axis"), kinds, parameter="x", scope="compare", show=lambda word: t(f"run.axis.{word}")
            )
    return cast(AxisKind, kind), shown or first, banded, span


def _first(faces: dict[str, MetricFace]) -> list[str]:
    """What is shown until somebody chooses: the first headline metric, and what would tell a collapse."""
    telling = [name for name, face in faces.items() if face.alarm is not None]
    return list(dict.fromkeys([*list(faces)[:1], *telling[:1]]))


def _drawing(
    store: Store,
    runs: list[Run],
    faces: list[MetricFace],
    kind: AxisKind,
    banded: bool,
    span: int,
    view: tuple[int, int] | None,
) -> Drawing:
    log = bool(st.session_state["logy:compare"])
    buckets = max(100, min(1000, BUCKETS_ALL // (len(runs) * len(faces))))
    snapshots = {run.id: Snapshot(store, run) for run in runs}
    panels = []
    for metric in faces:
        found = {run.id: _envelope(store, run.id, metric.name, view, buckets) for run in runs}
        series = _banded(runs, found) if banded else _overlaid(runs, found, snapshots)
        positive = any((one.envelope.high > 0).any() for one in series)
        panels.append(
            Panel(
                t(metric.title), series, snapshots[runs[0].id].levels(metric.name), unit(metric.unit), log and positive
            )
        )
    style = Style(Axis(kind), span, view, dark(), language.current())
    return curves(tuple(panels), style, revision=f"{kind}|{log}|{banded}|{view}|{[f.name for f in faces]}")


def _envelope(store: Store, run: str, metric: str, view: tuple[int, int] | None, buckets: int) -> Envelope:
    if view is None:
        return store.envelope(run, metric, buckets=buckets)
    margin = (view[1] - view[0]) // 4
    return store.envelope(run, metric, first=max(0, view[0] - margin), last=view[1] + margin, buckets=buckets)


def _overlaid(runs: list[Run], found: dict[str, Envelope], snapshots: dict[str, Snapshot]) -> tuple[Series, ...]:
    return tuple(
        Series(run_title(run), found[run.id], k, clock=snapshots[run.id].knots)
        for k, run in enumerate(runs)
        if len(found[run.id].mean) or len(found[run.id].broken_steps)
    )


def _banded(runs: list[Run], found: dict[str, Envelope]) -> tuple[Series, ...]:
    """One curve a group; a run without a group stands for itself."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(run.group or run_title(run), []).append(run)
    series = []
    for k, (name, members) in enumerate(groups.items()):
        envelopes = [found[run.id] for run in members if len(found[run.id].mean)]
        if len(envelopes) > 1:
            label = f"{name}: {t(figure_words.GROUP.format(n=len(envelopes)))}"
            series.append(Series(label, group(envelopes), k, band=True))
        elif envelopes:
            series.append(Series(name, envelopes[0], k))
    return tuple(series)


def _zoom(key: str) -> None:
    chosen = zoomed(key)
    kind, run = st.session_state[_AXIS]
    store = studio.store()
    knots = Snapshot(store, store.run(run)).knots
    address.put_span(steps_between(*chosen, knots, Axis(kind)) if chosen is not None and knots is not None else None)


def _numbers(store: Store, runs: list[Run]) -> None:
    """The newest value of every metric, one column a run."""
    faces = _faces(store, runs)
    values = store.latest([run.id for run in runs], list(faces))
    rows = {
        t("runs.compare.state"): [state_word(run.state) for run in runs],
        t("run.axis.step"): [grouped(run.step) for run in runs],
    }
    for name, metric in faces.items():
        rows[t(metric.title)] = [
            number(values[run.id][name]) if name in values.get(run.id, {}) else "–" for run in runs
        ]
    _side_by_side(t("runs.compare.numbers"), rows, runs, key="compare-numbers")


def _differences(runs: list[Run]) -> None:
    """The settings that are not the same in all runs."""
    told = [{(one.section, one.name): one for one in settings_of(run)} for run in runs]
    keys = list(dict.fromkeys(key for settings in told for key in settings))
    rows = {}
    for key in keys:
        values = [settings[key].value if key in settings else "–" for settings in told]
        if len(set(values)) > 1:
            title = next(settings[key].title for settings in told if key in settings)
            rows[title if title not in rows else f"{title} ({t(f'run.config.{key[0]}')})"] = values
    if not rows:
        with st.container(border=True):
            st.markdown(f"**{t('runs.compare.differences')}**")
            st.caption(t("runs.compare.same"))
        return
    _side_by_side(t("runs.compare.differences"), rows, runs, key="compare-differences")


def _side_by_side(title: str, rows: dict[str, list[str]], runs: list[Run], *, key: str) -> None:
    names = [run_title(run) for run in runs]
    heads = [
        name if names.count(name) == 1 else f"{name} · {run.id[:4]}" for name, run in zip(names, runs, strict=True)
    ]
    table = pd.DataFrame(list(rows.values()), columns=heads)
    table.insert(0, t("run.config.setting"), list(rows))
    with st.container(border=True):
        st.markdown(f"**{title}**")
        st.dataframe(table, hide_index=True, height="content", key=key)
