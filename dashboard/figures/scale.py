"""How curves are to be drawn, and the x axis made concrete for the series at hand."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from dashboard.figures import words
from dashboard.figures.series import Axis, Panel, Series, clock, positions, time_unit
from data.text import Language


@dataclass(frozen=True)
class Style:
    """How curves are drawn: `span` points of smoothing, the visible steps (`view`), theme and language."""

    axis: Axis = field(default_factory=Axis)
    span: int = 1
    view: tuple[int, int] | None = None
    dark: bool = False
    language: Language = "en"
    legend: bool = True


@dataclass(frozen=True)
class Scale:
    """The x axis made concrete: its title, the divisor of seconds, and the visible range in drawn units."""

    title: str
    divisor: float
    visible: tuple[float, float]

    @classmethod
    def of(cls, panels: tuple[Panel, ...], style: Style) -> Scale:
        """The scale that holds every series, or the steps in view."""
        everything = [series for panel in panels for series in panel.series if _ends(series) is not None]
        title, divisor = _axis_title(everything, style)
        if style.view is not None and everything:
            ends = np.array(style.view, dtype=np.int64)
            low, high = (float(v) / divisor for v in positions(ends, everything[0], style.axis))
        else:
            low, high = _whole(everything, style)
            low, high = low / divisor, high / divisor
            low = 0.0 if low < 0.1 * high else low
        if style.axis.log:
            low = max(low, high * 1e-4, 1.0 if style.axis.kind == "step" else 1e-4)
        return cls(title, divisor, (low, high if high > low else low + 1.0))


def _ends(series: Series) -> npt.NDArray[np.int64] | None:
    e = series.envelope
    ends = np.concatenate([e.first_step[:1], e.last_step[-1:], e.broken_steps[:1], e.broken_steps[-1:]])
    return ends if len(ends) else None


def _whole(everything: list[Series], style: Style) -> tuple[float, float]:
    low, high = np.inf, -np.inf
    for series in everything:
        ends = _ends(series)
        if ends is not None:
            x = positions(ends, series, style.axis)
            low, high = min(low, float(x.min())), max(high, float(x.max()))
    return (low, high) if np.isfinite(low) else (0.0, 1.0)


def _axis_title(everything: list[Series], style: Style) -> tuple[str, float]:
    if style.axis.kind != "time":
        return (words.STEP if style.axis.kind == "step" else words.EPOCH).to(style.language), 1.0
    longest = max((float((s.clock or clock(s.envelope, s.attempts)).seconds[-1]) for s in everything), default=0.0)
    unit, divisor = time_unit(longest)
    return {"s": words.SECONDS, "min": words.MINUTES, "h": words.HOURS}[unit].to(style.language), divisor
