"""The schedule explorer: what share of the signal is left at each noise level, and the signal-to-noise ratio, path by path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dashboard.figures.drawing import Drawing
from dashboard.figures.template import colour, palette, template, translucent
from dashboard.lab.noising import NoisePath

HEIGHT_PX = 380
_DRAWN = 160
_LOWEST_DB, _HIGHEST_DB = -45.0, 60.0
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash")


@dataclass(frozen=True)
class Words:
    """Labels in the language on screen; `names` are those of the paths, `table` the columns t, share and decibel."""

    time: str
    share: str
    decibel: str
    alt: str
    names: Mapping[str, str]
    table: tuple[str, str, str]


def decibel(snr: Any) -> Any:
    """A ratio of variances in decibels."""
    return 10 * np.log10(snr)


def schedules(paths: Sequence[NoisePath], chosen: str, t: int, words: Words, *, dark: bool) -> Drawing:
    """All paths over the share of the way from clean to noise, `chosen` in front and marked at its level t."""
    p, front = palette(dark=dark), next(path for path in paths if path.name == chosen)
    traces: list[dict[str, Any]] = []
    for index, path in enumerate(paths):
        kept = np.unique(np.linspace(0, path.steps - 1, _DRAWN).round().astype(int))
        way = kept / (path.steps - 1)
        ink = colour(index, dark=dark)
        line = {
            "color": ink if path.name == chosen else translucent(ink, 0.55),
            "width": 3 if path.name == chosen else 1.5,
            "dash": _DASHES[index % len(_DASHES)],
        }
        name = words.names[path.name]
        shared = {"type": "scatter", "mode": "lines", "x": way, "line": line, "name": name, "legendgroup": path.name}
        traces.append({**shared, "y": path.alphas_cumprod[kept], "yaxis": "y"})
        traces.append({**shared, "y": decibel(path.snr[kept]), "yaxis": "y2", "showlegend": False})
    here = t / (front.steps - 1)
    mark = {"color": p.live, "size": 11, "line": {"color": p.paper, "width": 2}}
    for axis, value in (("y", front.alphas_cumprod[t]), ("y2", decibel(front.snr[t]))):
        traces.append(
            {"type": "scatter", "mode": "markers", "x": [here], "y": [float(value)], "yaxis": axis, "marker": mark,
             "showlegend": False, "hoverinfo": "skip", "cliponaxis": False}
        )  # fmt: skip
    layout = {
        "template": template(dark=dark),
        "height": HEIGHT_PX,
        "uirevision": "schedules",
        "hovermode": "x",
        "margin": {"l": 8, "r": 8, "t": 44, "b": 8},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "xaxis": {"title": {"text": words.time}, "range": [-0.02, 1.02], "tickformat": ".0%", "anchor": "y2"},
        "yaxis": {"title": {"text": words.share}, "range": [-0.04, 1.06], "domain": [0.54, 1], "tickformat": ".0%"},
        "yaxis2": {"title": {"text": words.decibel}, "range": [_LOWEST_DB, _HIGHEST_DB], "domain": [0, 0.46]},
        "shapes": [
            {"type": "line", "x0": here, "x1": here, "yref": "paper", "y0": 0, "y1": 1, "line": {"color": p.live, "width": 1, "dash": "dot"}}
        ],
    }  # fmt: skip
    return Drawing({"data": traces, "layout": layout}, words.alt, lambda: _table(front, words))


def _table(path: NoisePath, words: Words) -> pd.DataFrame:
    kept = np.unique(np.linspace(0, path.steps - 1, 21).round().astype(int))
    values = (kept, path.alphas_cumprod[kept].round(5), decibel(path.snr[kept]).round(2))
    return pd.DataFrame(dict(zip(words.table, values, strict=True)))
