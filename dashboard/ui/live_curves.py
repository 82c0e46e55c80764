"""The cards and curves of a run: metric cards with sparklines, and one living chart of the chosen metrics."""

from __future__ import annotations

from typing import cast

import streamlit as st

from dashboard.figures.curves import curves
from dashboard.figures.drawing import Drawing
from dashboard.figures.numbers import number, signed
from dashboard.figures.scale import Style
from dashboard.figures.series import AXIS_KINDS, Axis, AxisKind, Panel, Series, steps_between
from dashboard.figures.smoothing import SPANS
from dashboard.figures.sparklines import change, spark
from dashboard.tracking.records import Envelope
from dashboard.ui import address, language
from dashboard.ui.language import t
from dashboard.ui.live_data import Snapshot
from dashboard.ui.plot import plot, zoomed
from dashboard.ui.quantities import unit

MOST_PANELS = 6
DEFAULT_SPAN = 20


def dark() -> bool:
    """Whether the page is shown in the dark theme."""
    return st.context.theme.type == "dark"


def cards(snapshot: Snapshot) -> None:
    """Three to five metrics with their newest value, change and sparkline; two abreast on a phone."""
    if not snapshot.cards:
        return
    newest = {summary.name: summary.last for summary in snapshot.summaries}
    with st.grid(max(3, len(snapshot.cards)), min_column_width=145):
        for face in snapshot.cards:
            curve = snapshot.curve(face.name)
            difference, line = change(curve), spark(curve)
            st.metric(
                t(face.title),
                f"{number(newest[face.name])} {unit(face.unit)}".strip() if face.name in newest else "–",
                signed(difference) if difference is not None else None,
                delta_color="inverse" if face.better == "lower" else "normal" if face.better == "higher" else "off",
                chart_data=line if len(line) > 1 else None,
                border=True,
                height="stretch",
                help=t(face.help) if face.help is not None else None,
            )


def chart(snapshot: Snapshot) -> None:
    """The card of curves: axis, view options, and the chart or its table."""
    run = snapshot.run.id
    with st.container(border=True, key="curves"):
        if not snapshot.metrics:
            _nothing_yet(snapshot)
            return
        view = address.span()
        axis_kind, shown = _head(snapshot)
        drawing = _drawing(snapshot, shown, axis_kind, view)
        _remember(snapshot, axis_kind)
        if st.session_state[f"table:{run}"]:
            st.dataframe(drawing.table, height=330, hide_index=True, key=f"curves-table-{run}")
        else:
            plot(drawing, key=f"curves-{run}", on_zoom=_zoom)
        for note in drawing.notes:
            st.caption(note)


def _nothing_yet(snapshot: Snapshot) -> None:
    st.markdown(f"**{t('run.curves')}**")
    active = snapshot.run.state.active
    st.caption(t("run.curves.waiting" if active else "run.curves.none"))
    if active:
        st.skeleton(height=280)


def _head(snapshot: Snapshot) -> tuple[AxisKind, list[str]]:
    """Title left, axis and options right; returns the axis and the chosen metrics."""
    kinds = [kind for kind in AXIS_KINDS if kind != "epoch" or snapshot.steps_per_epoch]
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{t('run.curves')}**", width="content")
        with st.container(horizontal=True, vertical_alignment="center", width="content", gap="xsmall"):
            if address.span() is not None:
                st.button(
                    t("run.curves.whole"), icon=":material/zoom_out_map:", type="tertiary", key="curves-whole",
                    on_click=address.put_span, args=(None,),
                )  # fmt: skip
            shown = _options(snapshot, snapshot.run.id)
            kind = address.choice(
                t("run.axis"), kinds, parameter="x", scope=snapshot.run.id, show=lambda word: t(f"run.axis.{word}")
            )
    return cast(AxisKind, kind), shown


def _options(snapshot: Snapshot, run: str) -> list[str]:
    """The popover of view options; returns the chosen metrics."""
    first = [face.name for face in snapshot.cards if face.name in snapshot.faces][:2] or snapshot.metrics[:1]
    with st.popover(t("run.view"), icon=":material/tune:", type="tertiary"):
        shown = address.several(
            t("run.view.metrics"),
            snapshot.metrics,
            parameter="metric",
            scope=run,
            default=first,
            show=lambda name: t(snapshot.faces[name].title) if name in snapshot.faces else name,
            placeholder=t("run.view.metrics.choose"),
            most=MOST_PANELS,
        )
        address.level(
            t("run.view.smooth"),
            SPANS,
            parameter="smooth",
            scope=run,
            default=DEFAULT_SPAN,
            show=lambda span: t("run.view.smooth.none") if span == 1 else t("run.view.smooth.points", count=span),
            help=t("run.view.smooth.help"),
        )
        declared = any(snapshot.faces[name].log_axis for name in snapshot.metrics)
        address.switch(t("run.view.logy"), parameter="logy", scope=run, default=declared)
        address.switch(t("run.view.logx"), parameter="logx", scope=run)
        address.switch(t("run.view.table"), parameter="table", scope=run)
    return shown or first


def _drawing(snapshot: Snapshot, shown: list[str], kind: AxisKind, view: tuple[int, int] | None) -> Drawing:
    run = snapshot.run
    state = st.session_state
    logx, logy, span = bool(state[f"logx:{run.id}"]), bool(state[f"logy:{run.id}"]), int(state[f"smooth:{run.id}"])
    axis = Axis(kind, log=logx, steps_per_epoch=snapshot.steps_per_epoch or 1.0)
    panels = []
    for k, name in enumerate(shown):
        series = Series(run.name, _curve(snapshot, name, view, span), k, snapshot.attempts, snapshot.knots)
        face = snapshot.faces[name]
        panels.append(
            Panel(t(face.title), (series,), snapshot.levels(name), unit(face.unit), log=logy and _can_be_log(series))
        )
    style = Style(axis, span, view, dark(), language.current())
    return curves(tuple(panels), style, revision=f"{kind}|{logx}|{logy}|{view}|{','.join(shown)}")


def _can_be_log(series: Series) -> bool:
    return bool((series.envelope.high > 0).any())


def _curve(snapshot: Snapshot, metric: str, view: tuple[int, int] | None, span: int) -> Envelope:
    """The whole curve, or the part in view with a margin on both sides, so that smoothing has run in and panning shows
    something at once.
    """
    if view is None:
        return snapshot.curve(metric)
    margin = max((view[1] - view[0]) // 4, min(3 * span, 3000))
    return snapshot.store.envelope(
        snapshot.run.id, metric, first=max(0, view[0] - margin), last=view[1] + margin, buckets=1000
    )


def _remember(snapshot: Snapshot, kind: AxisKind) -> None:
    """What the zoom callback needs to read a range of this axis as steps; ids and numbers only."""
    st.session_state[f"curves-axis-{snapshot.run.id}"] = (
        kind,
        bool(st.session_state[f"logx:{snapshot.run.id}"]),
        snapshot.steps_per_epoch or 1.0,
        snapshot.run.id,
    )


def _zoom(key: str) -> None:
    """A person zoomed, or went back to the whole curve by a double click."""
    from dashboard.ui import studio

    kind, log, per_epoch, run = st.session_state[f"curves-axis-{key.removeprefix('curves-')}"]
    chosen = zoomed(key)
    if chosen is None:
        address.put_span(None)
        return
    store = studio.store()
    knots = Snapshot(store, store.run(run)).knots
    if knots is not None:
        address.put_span(steps_between(*chosen, knots, Axis(kind, log=log, steps_per_epoch=per_epoch)))


def system(snapshot: Snapshot) -> None:
    """Processor, memory and GPU over time."""
    if not snapshot.system:
        st.caption(t("run.system.waiting" if snapshot.run.state.active else "run.system.none"))
        return
    run = snapshot.run
    panels = tuple(
        Panel(
            t(snapshot.faces[name].title),
            (Series(run.name, snapshot.curve(name), k, snapshot.attempts),),
            unit=unit(snapshot.faces[name].unit),
        )
        for k, name in enumerate(snapshot.system[:4])
    )
    style = Style(Axis("time"), 1, None, dark(), language.current(), legend=False)
    plot(curves(panels, style, revision="system"), key=f"system-{run.id}")
