"""The shares of many rows at once: a line of points a column, the weightiest on top, coloured by the row's own value."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dashboard.figures.drawing import Drawing
from dashboard.figures.template import palette, template
from data.table import Column, cell_text
from data.text import Language, Text

Array = npt.NDArray[np.float64]

_ROW_PX = 54
_BINS = 60
_HIGHEST = 0.34
_LONGEST = 34
LOW, HIGH = Text(en="low value", hi="छोटा मान"), Text(en="high value", hi="बड़ा मान")
COLUMN, VALUE, SHARE, LINE = (
    Text(en="Column", hi="कॉलम"),
    Text(en="Value", hi="मान"),
    Text(en="Share", hi="हिस्सा"),
    Text(en="Line", hi="लाइन"),
)
SPOKEN = Text(en="{name} from {low} to {high}", hi="{name} {low} से {high} तक")
ALT = Text(
    en="Shares of {n} rows, a line of points for each column, widest first: {columns}.",
    hi="{n} पंक्तियों के हिस्से, हर कॉलम के बिंदुओं की एक रेखा, सबसे चौड़ी पहले: {columns}।",
)


def beeswarm(
    features: Sequence[Column],
    phi: Array,
    x: Array,
    lines: npt.NDArray[np.int64],
    *,
    axis: str,
    language: Language,
    dark: bool,
    most: int = 8,
    chosen: int | None = None,
) -> Drawing:
    """The points; each bears the line of its row as its id.

    Args:
        features: What the columns are.
        phi: Shares [rows, features].
        x: The rows themselves [rows, features].
        lines: Row of the table of each [rows].
        axis: What is added to, with its unit.
        language: Of the words.
        dark: The theme.
        most: Columns at most.
        chosen: The row that is marked.
    """
    order = np.argsort(-np.abs(phi).mean(axis=0), kind="stable")[:most]
    reach = float(np.abs(phi[:, order]).max()) or 1.0
    traces = [
        _points(features[j], phi[:, j], x[:, j], lines, at, reach, dark=dark, scale=at == 0, language=language)
        for at, j in enumerate(order)
    ]
    p = palette(dark=dark)
    traces.append(
        {
            "type": "scatter", "mode": "text", "x": [-reach] * len(order), "y": [at - 0.44 for at in range(len(order))],
            "text": [_cut(features[j].name) for j in order], "textposition": "middle right", "hoverinfo": "skip", "cliponaxis": False,
            "showlegend": False,
        }
    )  # fmt: skip
    if chosen is not None and (own := np.flatnonzero(lines == chosen)).size:
        traces.append(
            {
                "type": "scatter", "mode": "markers", "x": phi[own[0], order], "y": list(range(len(order))), "showlegend": False,
                "hoverinfo": "skip", "marker": {"size": 13, "symbol": "diamond-open", "color": p.text, "line": {"width": 2}},
            }
        )  # fmt: skip
    spoken = "; ".join(
        SPOKEN.to(language).format(name=features[j].name, low=f"{phi[:, j].min():+.3g}", high=f"{phi[:, j].max():+.3g}")
        for j in order[:5]
    )
    layout = {
        "template": template(dark=dark), "height": 80 + _ROW_PX * len(order), "showlegend": False, "dragmode": False, "hovermode": "closest",
        "xaxis": {"title": {"text": axis}, "zeroline": True, "zerolinecolor": p.muted, "showspikes": False, "showgrid": True,
                  "fixedrange": True, "range": [-1.08 * reach, 1.08 * reach]},
        "yaxis": {"visible": False, "range": [len(order) - 0.5, -0.7], "fixedrange": True},
    }  # fmt: skip
    return Drawing(
        {"data": traces, "layout": layout},
        ALT.to(language).format(n=len(phi), columns=spoken),
        lambda: _table(features, phi, x, lines, order, language),
    )


def _points(
    feature: Column, phi: Array, x: Array, lines: npt.NDArray[np.int64], at: int, reach: float, *, dark: bool, scale: bool,
    language: Language,
) -> dict[str, Any]:  # fmt: skip
    p = palette(dark=dark)
    known = ~np.isnan(x)
    rank = np.full(len(x), 0.5)
    if known.sum() > 1:
        rank[known] = np.argsort(np.argsort(x[known], kind="stable"), kind="stable") / (known.sum() - 1)
    cells = [cell_text(feature, feature.kind, float(value)) or "–" for value in x]
    name = html.escape(feature.name, quote=False)
    return {
        "type": "scatter", "mode": "markers", "x": phi, "y": at + _spread(phi, reach), "ids": [str(line) for line in lines],
        "showlegend": False,
        "text": [f"{name} = {html.escape(cell, quote=False)} ({LINE.to(language)} {line + 2})" for cell, line in zip(cells, lines, strict=True)],
        "hovertemplate": "%{text}<br>%{x:+.4g}<extra></extra>",
        "marker": {
            "size": 8, "opacity": 0.85, "color": rank, "cmin": 0, "cmax": 1, "colorscale": [[0, p.sequence[0]], [0.5, p.sequence[5]], [1, p.live]],
            "showscale": scale,
            "colorbar": {"orientation": "h", "y": 1.0, "yanchor": "bottom", "thickness": 8, "len": 0.5, "tickvals": [0, 1],
                         "ticktext": [LOW.to(language), HIGH.to(language)], "outlinewidth": 0} if scale else None,
        },
    }  # fmt: skip


def _spread(phi: Array, reach: float) -> Array:
    """Points of one place are laid over and under each other, so that none hides another [rows]."""
    place = np.round((phi / reach + 1) / 2 * _BINS).astype(int)
    up = np.zeros(len(phi))
    seen: dict[int, int] = {}
    for k in np.argsort(phi, kind="stable"):
        count = seen.get(int(place[k]), 0)
        seen[int(place[k])] = count + 1
        up[k] = (count + 1) // 2 * (1 if count % 2 else -1)
    highest = float(np.abs(up).max())
    return up * min(0.06, _HIGHEST / highest) if highest else up


def _cut(text: str) -> str:
    return html.escape(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…", quote=False)


def _table(
    features: Sequence[Column], phi: Array, x: Array, lines: npt.NDArray[np.int64], order: npt.NDArray[np.int64], language: Language
) -> pd.DataFrame:  # fmt: skip
    parts = [
        {
            COLUMN.to(language): features[j].name,
            LINE.to(language): int(lines[k]) + 2,
            VALUE.to(language): cell_text(features[j], features[j].kind, float(x[k, j])),
            SHARE.to(language): float(phi[k, j]),
        }
        for j in order
        for k in range(len(lines))
    ]
    return pd.DataFrame(parts)
