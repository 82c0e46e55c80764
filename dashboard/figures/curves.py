"""Curves of metrics: one figure of stacked panels that share the x axis, so that hovering reads all of them at once.

Behind each line stand the exact extremes of every bucket at their own steps (`series.extremes`), so a one-step spike
in 100,000 steps is drawn. The line in front is the bucket mean or its moving average. What is not finite is marked at
the top edge of its panel, where the step is; the place where a later attempt went on is marked at the bottom edge.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.figures import words
from dashboard.figures.drawing import Drawing
from dashboard.figures.levels import axis_units, place
from dashboard.figures.numbers import number
from dashboard.figures.scale import Scale, Style
from dashboard.figures.series import Panel, Series, coarser, extremes, middles, positions
from dashboard.figures.smoothing import fitting, smooth
from dashboard.figures.template import FONT_SIZE_PX, colour, dash, palette, template, translucent
from dashboard.figures.twins import as_table, in_words

MOST_POINTS = 2_000
"""Points a trace may hold."""
ONE_PANEL_PX = 330
PANEL_PX = 225
TITLE_PX = 26
AXIS_PX = 46
LEGEND_PX = 30

Array = npt.NDArray[np.float64]


def curves(panels: tuple[Panel, ...], style: Style | None = None, *, revision: str = "") -> Drawing:
    """Draw panels below each other with one x axis.

    Args:
        panels: One metric each, with one or several series.
        style: Axis, smoothing, range, theme and language.
        revision: Plotly's `uirevision`: what a person zoomed stays while this stays.
    """
    style = style or Style()
    panels = tuple(_bounded(panel) for panel in panels)
    scale = Scale.of(panels, style)
    plot_px = ONE_PANEL_PX - TITLE_PX - AXIS_PX if len(panels) == 1 else PANEL_PX - TITLE_PX
    layout = _layout(len(panels), plot_px, scale, style)
    layout["uirevision"] = revision
    layout["xaxis"]["range"] = [axis_units(v, log=style.axis.log) for v in scale.visible]
    canvas = _Canvas(layout)
    notes: list[str] = []
    for row, panel in enumerate(panels):
        _Painter(canvas, panel, row, plot_px, scale, style).paint(notes)
    layout["shapes"], layout["annotations"] = canvas.shapes, canvas.annotations
    spec = {"data": canvas.traces, "layout": layout}
    return Drawing(spec, in_words(panels, scale, style), partial(as_table, panels, style), tuple(notes))


@dataclass(frozen=True)
class _Canvas:
    """What the painters add to: traces, shapes, annotations, and the layout with its axes."""

    layout: dict[str, Any]
    traces: list[dict[str, Any]] = field(default_factory=list)
    shapes: list[dict[str, Any]] = field(default_factory=list)
    annotations: list[dict[str, Any]] = field(default_factory=list)

    def scatter(self, **trace: Any) -> None:
        """Add a scatter trace."""
        self.traces.append({"type": "scatter", **trace})

    def shape(self, **shape: Any) -> None:
        """Add a shape."""
        self.shapes.append(shape)

    def annotation(self, **annotation: Any) -> None:
        """Add a text."""
        self.annotations.append(annotation)


def _bounded(panel: Panel) -> Panel:
    """The panel with so few buckets that no trace exceeds `MOST_POINTS` (two extremes a bucket)."""
    series = tuple(replace(s, envelope=coarser(s.envelope, MOST_POINTS // 2)) for s in panel.series)
    return replace(panel, series=series)


def _layout(panels: int, plot_px: int, scale: Scale, style: Style) -> dict[str, Any]:
    """Lay the panels out in pixels, each with a strip for its title."""
    rows = max(1, panels)
    legend_px = LEGEND_PX if style.legend else 0
    inner = rows * (plot_px + TITLE_PX)
    axes = {}
    for row in range(rows):
        top = 1.0 - (row * (plot_px + TITLE_PX) + TITLE_PX) / inner
        axes[_axis_name(row)] = {"domain": [max(0.0, top - plot_px / inner), top], "fixedrange": True}
    return {
        "template": template(dark=style.dark),
        "height": inner + legend_px + AXIS_PX,
        "hovermode": "x unified",
        "hoversubplots": "axis",
        "dragmode": "zoom",
        "showlegend": style.legend,
        "legend": {"orientation": "h", "x": 0, "y": 1 + 4 / inner, "yanchor": "bottom", "xanchor": "left"},
        "margin": {"l": 4, "r": 8, "t": legend_px, "b": AXIS_PX, "pad": 0},
        "xaxis": {
            "anchor": "y" if rows == 1 else f"y{rows}",
            "title": {"text": scale.title},
            "unifiedhovertitle": {"text": f"{scale.title} %{{x}}"},
            "type": "log" if style.axis.log else "linear",
            "showline": True,
            "linecolor": palette(dark=style.dark).grid,
        },
        **axes,
    }


def _axis_name(row: int) -> str:
    return "yaxis" if row == 0 else f"yaxis{row + 1}"


class _Painter:
    """Paints one panel into the figure."""

    def __init__(self, canvas: _Canvas, panel: Panel, row: int, plot_px: int, scale: Scale, style: Style) -> None:
        self.canvas, self.panel, self.row, self.plot_px = canvas, panel, row, plot_px
        self.scale, self.style = scale, style
        self.axis = "y" if row == 0 else f"y{row + 1}"
        self.colours = palette(dark=style.dark)

    def paint(self, notes: list[str]) -> None:
        """Draw levels, curves and marks, fix the y range, and add what cannot be shown to `notes`."""
        bounds = self._bounds(notes)
        for series in self.panel.series:
            self._series(series)
        self._levels(bounds)
        inset = 0.01 * (bounds[1] - bounds[0])  # a mark on the very edge may fall outside when it is rounded
        edges = (bounds[1] - inset, bounds[0] + inset)
        top, bottom = (10.0**edge if self.panel.log else edge for edge in edges)
        for series in self.panel.series:
            self._broken(series, top, notes)
            self._resumed(series, bottom)
        self._title(bounds)

    def _x(self, steps: npt.NDArray[np.int64], series: Series) -> Array:
        return positions(steps, series, self.style.axis) / self.scale.divisor

    def _y(self, values: Array) -> Array:
        return np.where(values > 0, values, np.nan) if self.panel.log else values

    def _bounds(self, notes: list[str]) -> tuple[float, float]:
        """The y range in axis units, around everything drawn in the visible x range and all reference levels."""
        low, high, hidden = np.inf, -np.inf, 0
        for series in self.panel.series:
            steps, values = extremes(series.envelope)
            if self.style.view is not None:
                values = values[(steps >= self.style.view[0]) & (steps <= self.style.view[1])]
            if self.panel.log:
                hidden += int((values <= 0).sum())
                values = values[values > 0]
            if len(values):
                low, high = min(low, float(values.min())), max(high, float(values.max()))
        for level in self.panel.levels:
            if np.isfinite(level.value) and (level.value > 0 or not self.panel.log):
                low, high = min(low, level.value), max(high, level.value)
        if hidden:
            notes.append(words.NOTE_LOG.format(n=f"{hidden:,}", title=self.panel.title).to(self.style.language))
        if not np.isfinite(low):
            low, high = (0.1, 1.0) if self.panel.log else (0.0, 1.0)
        low, high = axis_units(low, log=self.panel.log), axis_units(high, log=self.panel.log)
        pad = 0.06 * (high - low) or (0.05 if self.panel.log else 0.05 * abs(high) or 1.0)
        bounds = (low - pad, high + pad)
        self.canvas.layout[_axis_name(self.row)].update({"range": bounds, **_ticks(bounds, log=self.panel.log)})
        return bounds

    def _series(self, series: Series) -> None:
        """Draw the extremes behind (or the band over runs), then the line in front."""
        envelope, style = series.envelope, self.style
        if not len(envelope.mean):
            return
        line, span = colour(series.index, dark=style.dark), self._span(series)
        if series.band:
            self._band(series, line)
        elif span > 1 or not envelope.exact:
            self._extremes(series, line)
        middle = smooth(envelope.mean, envelope.count if not series.band else np.ones_like(envelope.count), span=span)
        self.canvas.scatter(
            x=self._x(middles(envelope), series),
            y=self._y(middle),
            customdata=envelope.mean,
            yaxis=self.axis,
            mode="lines+markers" if len(middle) < 40 else "lines",
            marker={"size": 5},
            line={"color": line, "width": 2.2, "dash": dash(series.index)},
            name=self._label(series),
            legendgroup=f"series-{series.index}",
            showlegend=self.row == 0,
            hovertemplate=self._hover(series),
            meta="line",
        )

    def _span(self, series: Series) -> int:
        return self.style.span if series.band else fitting(self.style.span, series.envelope.points)

    def _label(self, series: Series) -> str:
        """Legend text: the run when there are several, else what the line is."""
        style = self.style
        if len(self.panel.series) > 1 or series.band:
            return _escape(series.name)
        span = self._span(series)
        if span > 1:
            return words.AVERAGE.format(n=span).to(style.language)
        return (words.VALUE if series.envelope.exact else words.MEAN).to(style.language)

    def _hover(self, series: Series) -> str:
        several = len(self.panel.series) > 1
        name = _escape(f"{self.panel.title} · {series.name}" if several else self.panel.title)
        value = "%{y:.4~g}" if self._span(series) == 1 else "%{y:.4~g} (%{customdata:.4~g})"
        return f"{name}: {value}<extra></extra>"

    def _extremes(self, series: Series, line: str) -> None:
        steps, values = extremes(series.envelope)
        alone = len(self.panel.series) == 1
        self.canvas.scatter(
            x=self._x(steps, series),
            y=self._y(values),
            yaxis=self.axis,
            mode="lines",
            line={"color": translucent(line, 0.38 if alone else 0.22), "width": 1},
            name=words.EVERY_POINT.to(self.style.language),
            hoverinfo="skip",
            legendgroup="every",
            showlegend=alone and self.row == 0,
            meta="extremes",
        )

    def _band(self, series: Series, line: str) -> None:
        x = self._x(middles(series.envelope), series)
        for values, fill in ((series.envelope.low, None), (series.envelope.high, "tonexty")):
            self.canvas.scatter(
                x=x,
                y=self._y(values),
                yaxis=self.axis,
                mode="lines",
                line={"width": 0},
                fill=fill,
                fillcolor=translucent(line, 0.16),
                hoverinfo="skip",
                showlegend=False,
                meta="band",
            )

    def _levels(self, bounds: tuple[float, float]) -> None:
        for placed in place(self.panel.levels, log=self.panel.log, bounds=bounds, height_px=self.plot_px):
            self.canvas.shape(
                type="line", xref="paper", x0=0, x1=1, yref=self.axis, y0=placed.level.value, y1=placed.level.value,
                line={"color": self.colours.muted, "width": 1.2, "dash": "dot"}, layer="below",
            )  # fmt: skip
            self.canvas.annotation(
                xref="paper", x=1, xanchor="right", yref=self.axis, y=placed.label_at, yanchor="middle",
                text=f"{_escape(placed.level.label)} {number(placed.level.value, 3)}", showarrow=False,
                font={"size": FONT_SIZE_PX - 2, "color": self.colours.muted},
                bgcolor=translucent(self.colours.paper, 0.5), borderpad=1,
            )  # fmt: skip

    def _broken(self, series: Series, top: float, notes: list[str]) -> None:
        envelope, style = series.envelope, self.style
        if not len(envelope.broken_steps):
            return
        notes.append(
            words.NOTE_BROKEN.format(n=f"{len(envelope.broken_steps):,}", title=self.panel.title).to(style.language)
        )
        keep = _distinct(envelope.broken_steps)
        steps, values = envelope.broken_steps[keep], envelope.broken_values[keep]
        infinite = np.isinf(values)
        texts = [
            (words.INFINITE if inf else words.NAN).format(step=f"{s:,}").to(style.language)
            for s, inf in zip(steps.tolist(), infinite.tolist(), strict=True)
        ]
        self.canvas.scatter(
            x=self._x(steps, series),
            y=np.full(len(steps), top),
            yaxis=self.axis,
            mode="markers",
            marker={
                "symbol": np.where(np.isnan(values), "x", np.where(values > 0, "triangle-up", "triangle-down")),
                "size": 8,
                "color": self.colours.bad,
            },
            cliponaxis=False,
            text=texts,
            hovertemplate="%{text}<extra></extra>",
            name=words.NOT_FINITE.to(style.language),
            showlegend=False,
            meta="broken",
        )

    def _resumed(self, series: Series, bottom: float) -> None:
        later = [a for a in series.attempts if a.number > 1 and a.step > 0]
        if not later:
            return
        steps = np.array([a.step for a in later], dtype=np.int64)
        texts = [words.RESUMED.format(n=a.number, step=f"{a.step:,}").to(self.style.language) for a in later]
        self.canvas.scatter(
            x=self._x(steps, series),
            y=np.full(len(steps), bottom),
            yaxis=self.axis,
            mode="markers",
            marker={"symbol": "triangle-up", "size": 9, "color": self.colours.live},
            cliponaxis=False,
            text=texts,
            hovertemplate="%{text}<extra></extra>",
            name=words.RESUMED_SHORT.to(self.style.language),
            showlegend=False,
            meta="resumed",
        )

    def _title(self, bounds: tuple[float, float]) -> None:
        unit = f" ({_escape(self.panel.unit)})" if self.panel.unit else ""
        self.canvas.annotation(
            xref="paper", x=0, xanchor="left", yref=f"{self.axis} domain", y=1, yanchor="bottom", yshift=3,
            text=f"<b>{_escape(self.panel.title)}</b>{unit}", showarrow=False, font={"size": FONT_SIZE_PX},
        )  # fmt: skip


def _ticks(bounds: tuple[float, float], *, log: bool) -> dict[str, object]:
    """Decades alone on a tall log axis, 1-2-5 on a short one, every digit on a very short one."""
    if not log:
        return {"type": "linear"}
    decades = bounds[1] - bounds[0]
    return {
        "type": "log",
        "dtick": 1 if decades > 2.5 else "D2" if decades > 1.0 else "D1",
        "minorloglabels": "complete",
    }


def _escape(text: str) -> str:
    """Plotly reads a small HTML in its texts; names of people's runs and files must not be read so."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _distinct(steps: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Indices of at most `MOST_POINTS` steps such that each pixel-wide bin with a broken value keeps one."""
    if len(steps) <= MOST_POINTS:
        return np.arange(len(steps), dtype=np.int64)
    bins = (steps - steps[0]) * (MOST_POINTS - 1) // max(1, int(steps[-1] - steps[0]))
    return np.asarray(np.unique(bins, return_index=True)[1], dtype=np.int64)
