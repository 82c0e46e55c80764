"""Clouds of points as one scene: each shape stands on a floor in its own place, turned by mouse, its denoising as an animation.

Axes: x to the right, y away from the viewer, z up. Needs Plotly's 3-D traces, which the "basic" bundle lacks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dashboard.figures.drawing import Drawing
from dashboard.figures.template import FONT, colour, palette, template, translucent
from data.text import Language, Text

SPACING = 2.6
"""Distance of two places on the floor; a shape is 2 wide."""
HEIGHT_PX = 420
FRAME_MS = 350
_FAR = 3.0
_POINT_PX = 1.8
_PLAY = Text(en="Denoise", hi="नॉइज़ हटते देखें")
_ALT = Text(en="3-D scene of {count} shapes made of points: {names}", hi="बिंदुओं से बने {count} आकारों का 3-D दृश्य: {names}")


def scene(
    points: npt.NDArray[np.float32], names: Sequence[str], *, dark: bool = False, language: Language = "en"
) -> Drawing:
    """Stages of clouds [stages, clouds, points, 3]; the last stage is what is seen first. `names`: one a cloud."""
    placed = _placed(points)
    stages = [
        [{"type": "scatter3d", **_values(placed[k, item])} for item in range(len(placed[k]))]
        for k in range(len(placed))
    ]
    traces = [
        {
            "mode": "markers", "name": name, **values, "showlegend": False,
            "hovertemplate": "%{fullData.name}<extra></extra>",
            "marker": {"size": _POINT_PX, "color": colour(k, dark=dark), "opacity": 0.9},
        }
        for k, (name, values) in enumerate(zip(names, stages[-1], strict=True))
    ]  # fmt: skip
    shown = [*traces, _floor(placed[-1], dark=dark)]
    frames = [
        {"name": str(k + 1), "data": values, "traces": list(range(len(values)))} for k, values in enumerate(stages)
    ]
    spec: dict[str, Any] = {"data": shown, "layout": _layout(placed, dark=dark)}
    if len(frames) > 1:
        spec["frames"] = frames
        spec["layout"] |= _controls(len(frames), dark=dark, language=language)
    alt = _ALT.to(language).format(count=len(names), names=", ".join(names))
    return Drawing(spec, alt, lambda: _table(placed[-1], names))


def places(count: int) -> npt.NDArray[np.float64]:
    """Places on the floor [count, 2]: rows of a grid about the origin, the first one front left."""
    columns = int(np.ceil(np.sqrt(count)))
    rows = -(-count // columns)
    row, column = np.divmod(np.arange(count), columns)
    return np.stack([(column - (columns - 1) / 2) * SPACING, (row - (rows - 1) / 2) * SPACING], axis=1)


def _placed(points: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Every shape moved to its place, so high that its lowest point in the end stands on the floor."""
    kept = np.clip(points, -_FAR, _FAR)
    floor = kept[-1, :, :, 2].min(axis=1)  # [clouds]
    moved = kept.copy()
    moved[..., :2] += places(kept.shape[1])[None, :, None]
    moved[..., 2] = np.maximum(moved[..., 2] - floor[None, :, None], -_FAR)
    return moved


def _values(cloud: npt.NDArray[np.float32]) -> dict[str, list[float]]:
    return {axis: np.round(cloud[:, k].astype(float), 3).tolist() for k, axis in enumerate("xyz")}


def _floor(placed: npt.NDArray[np.float32], *, dark: bool) -> dict[str, Any]:
    """One translucent square under all shapes."""
    reach = np.abs(places(len(placed))).max(axis=0) + SPACING / 2
    x, y = (np.array([-1, 1, 1, -1]) * reach[0]).tolist(), (np.array([-1, -1, 1, 1]) * reach[1]).tolist()
    return {
        "type": "mesh3d", "x": x, "y": y, "z": [0, 0, 0, 0], "i": [0, 0], "j": [1, 2], "k": [2, 3],
        "color": palette(dark=dark).muted, "opacity": 0.15, "hoverinfo": "skip", "showscale": False,
    }  # fmt: skip


def _layout(placed: npt.NDArray[np.float32], *, dark: bool) -> dict[str, Any]:
    reach = np.abs(places(placed.shape[1])).max(axis=0) + SPACING / 2
    hidden = {"visible": False, "showspikes": False}
    ranges = ([-reach[0], reach[0]], [-reach[1], reach[1]], [-0.6, 2.4])
    largest = max(high - low for low, high in ranges)
    return {
        "template": template(dark=dark),
        "height": HEIGHT_PX,
        "margin": {"l": 0, "r": 0, "t": 0, "b": 60},
        "uirevision": "scene",
        "scene": {
            **{f"{axis}axis": {**hidden, "range": list(span)} for axis, span in zip("xyz", ranges, strict=True)},
            "aspectmode": "manual",
            "aspectratio": {
                axis: 1.25 * (high - low) / largest for axis, (low, high) in zip("xyz", ranges, strict=True)
            },
            "camera": {"eye": {"x": -0.35, "y": -1.7, "z": 1.0}, "center": {"x": 0, "y": 0, "z": -0.05}},
            "dragmode": "turntable",
        },
    }


def _controls(stages: int, *, dark: bool, language: Language) -> dict[str, Any]:
    """A button that plays the stages and a slider over them."""
    p = palette(dark=dark)
    still = {"frame": {"duration": 0, "redraw": True}, "mode": "immediate", "transition": {"duration": 0}}
    play = {"frame": {"duration": FRAME_MS, "redraw": True}, "fromcurrent": False, "transition": {"duration": 0}}
    font = {"family": FONT, "color": p.text, "size": 13}
    return {
        "updatemenus": [
            {
                "type": "buttons", "x": 0, "y": -0.03, "xanchor": "left", "yanchor": "top", "showactive": False,
                "bgcolor": translucent(p.muted, 0.15), "bordercolor": p.grid, "font": font,
                "buttons": [{"label": f"▶ {_PLAY.to(language)}", "method": "animate", "args": [None, play]}],
            }
        ],
        "sliders": [
            {
                "active": stages - 1, "x": 0.5, "len": 0.48, "y": 0, "yanchor": "top", "pad": {"t": 0, "b": 0},
                "currentvalue": {"visible": False},
                "ticklen": 0, "font": {**font, "color": "rgba(0,0,0,0)"}, "bordercolor": p.grid, "bgcolor": p.grid,
                "steps": [
                    {"label": str(k + 1), "method": "animate", "args": [[str(k + 1)], still]} for k in range(stages)
                ],
            }
        ],
    }  # fmt: skip


def _table(clouds: npt.NDArray[np.float32], names: Sequence[str]) -> pd.DataFrame:
    """One row a shape: its name and how wide, deep and tall it is."""
    extent = clouds.max(axis=1) - clouds.min(axis=1)
    return pd.DataFrame({"shape": list(names), "width": extent[:, 0], "depth": extent[:, 1], "height": extent[:, 2]})
