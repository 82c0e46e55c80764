"""Particles on their way through a learned score field, as one animation: frames, a slider over them, play and pause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dashboard.figures.drawing import Drawing
from dashboard.figures.template import FONT_SIZE_PX, palette, template, translucent

Array = npt.NDArray[np.float64]

HEIGHT_PX = 640
_FRAME_MS = 140
_ARROW = 0.8
"""Longest arrow, in cells of the grid."""


@dataclass(frozen=True)
class Words:
    """Labels in the language on screen."""

    data: str
    particles: str
    learned: str
    exact: str
    play: str
    pause: str
    step: str
    alt: str
    table: tuple[str, str, str]


@dataclass(frozen=True)
class Flow:
    """What is drawn: `real` [n, 2]; `particles` [frames, m, 2]; `corners` [g, 2]; fields [frames, g, 2], `exact` where it is known."""

    times: Sequence[str]
    real: Array
    particles: Array
    corners: Array
    learned: Array
    exact: Array | None
    reach: float


def particles(flow: Flow, words: Words, *, dark: bool) -> Drawing:
    """The animation; it opens on the last frame, where the particles have arrived."""
    p = palette(dark=dark)
    last = len(flow.particles) - 1
    moving = [_field(flow.corners, flow.learned, flow.reach)]
    if flow.exact is not None:
        moving.append(_field(flow.corners, flow.exact, flow.reach))
    frames = []
    for k, cloud in enumerate(flow.particles):
        drawn = [*(field[k] for field in moving), _xy(cloud)]
        frames.append({"name": str(k), "data": drawn, "traces": list(range(1, len(drawn) + 1))})
    inks = [(words.learned, p.sequence[0], "solid"), (words.exact, p.good, "dot")]
    arrows = [
        {"type": "scatter", "mode": "lines+markers", "name": name, "hoverinfo": "skip", "line": {"color": ink, "width": 1.5, "dash": dash},
         "marker": {"color": ink, "size": [4, 0, 0] * len(flow.corners), "line": {"width": 0}}, **field[last]}
        for field, (name, ink, dash) in zip(moving, inks, strict=False)
    ]  # fmt: skip
    ground = {"type": "scatter", "mode": "markers", "name": words.data, "hoverinfo": "skip", **_xy(flow.real),
              "marker": {"color": translucent(p.muted, 0.35), "size": 4}}  # fmt: skip
    movers = {"type": "scatter", "mode": "markers", "name": words.particles, "hoverinfo": "skip", **_xy(flow.particles[last]),
              "marker": {"color": p.live, "size": 5, "line": {"color": p.paper, "width": 0.5}}}  # fmt: skip
    axis = {
        "range": [-flow.reach, flow.reach],
        "showgrid": False,
        "showticklabels": False,
        "showspikes": False,
        "fixedrange": True,
    }
    layout = {
        "template": template(dark=dark),
        "height": HEIGHT_PX,
        "hovermode": False,
        "dragmode": False,
        "margin": {"l": 8, "r": 8, "t": 40, "b": 8},
        "legend": {"orientation": "h", "x": 0, "y": 1.01, "yanchor": "bottom"},
        "xaxis": axis,
        "yaxis": {**axis, "scaleanchor": "x"},
        "sliders": [_slider(flow.times, last, words, p.muted, p.sequence[0])],
        "updatemenus": [_buttons(words, p.text, p.paper, p.grid)],
    }
    table = lambda: _table(flow, words)  # noqa: E731
    return Drawing({"data": [ground, *arrows, movers], "layout": layout, "frames": frames}, words.alt, table)


def _field(corners: Array, field: Array, reach: float) -> list[dict[str, list[float | None]]]:
    """Arrows at each frame: where the noise is seen, turned round; long ones are cut."""
    cell = 2 * reach / (np.sqrt(len(corners)) - 1)
    length = np.linalg.norm(field, axis=-1, keepdims=True)
    arrows = -field / np.maximum(length, 1e-12) * np.minimum(length, 1.0) * cell * _ARROW
    found = []
    for arrow in arrows:
        ends = np.stack([corners, corners + arrow], axis=1).round(3)
        lines: dict[str, list[float | None]] = {}
        for name, column in (("x", 0), ("y", 1)):
            lines[name] = [value for pair in ends[..., column].tolist() for value in (*pair, None)]
        found.append(lines)
    return found


def _xy(points: Array) -> dict[str, list[float]]:
    rounded = np.asarray(points, dtype=np.float64).round(3)
    return {"x": rounded[:, 0].tolist(), "y": rounded[:, 1].tolist()}


def _slider(times: Sequence[str], last: int, words: Words, muted: str, ink: str) -> dict[str, Any]:
    at_once = {"mode": "immediate", "frame": {"duration": 0, "redraw": False}, "transition": {"duration": 0}}
    return {
        "active": last,
        "x": 0,
        "len": 1,
        "pad": {"t": 12, "l": 8, "r": 8},
        "currentvalue": {"prefix": words.step + " = ", "font": {"size": FONT_SIZE_PX, "color": muted}},
        "font": {"color": "rgba(0,0,0,0)", "size": 1},
        "ticklen": 0,
        "bgcolor": muted,
        "activebgcolor": ink,
        "borderwidth": 0,
        "steps": [{"label": time, "method": "animate", "args": [[str(k)], at_once]} for k, time in enumerate(times)],
    }


def _buttons(words: Words, text: str, paper: str, border: str) -> dict[str, Any]:
    going = {
        "frame": {"duration": _FRAME_MS, "redraw": False},
        "transition": {"duration": _FRAME_MS, "easing": "linear"},
    }
    return {
        "type": "buttons",
        "direction": "right",
        "x": 0,
        "y": 0,
        "xanchor": "left",
        "yanchor": "top",
        "pad": {"t": 74},
        "showactive": False,
        "bgcolor": paper,
        "bordercolor": border,
        "font": {"color": text},
        "buttons": [
            {"label": f"▶ {words.play}", "method": "animate", "args": [None, {**going, "mode": "immediate"}]},
            {"label": f"❚❚ {words.pause}", "method": "animate", "args": [[None], {"mode": "immediate", "frame": {"duration": 0}, "transition": {"duration": 0}}]},
        ],
    }  # fmt: skip


def _table(flow: Flow, words: Words) -> pd.DataFrame:
    """Where the particles stand on the whole, frame by frame."""
    spread = flow.particles.std(axis=1).mean(axis=1)
    gap = [
        float(np.linalg.norm(cloud[:, None] - flow.real[None], axis=-1).min(axis=1).mean()) for cloud in flow.particles
    ]
    values = (list(flow.times), spread.round(3), np.round(gap, 3))
    return pd.DataFrame(dict(zip(words.table, values, strict=True)))
