"""How a model's answer moves with one column: the mean over rows (partial dependence), single rows (ICE), and the row itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dashboard.figures.drawing import Drawing
from dashboard.figures.template import palette, template, translucent
from data.table import Column, cell_text
from data.text import Language, Text

Array = npt.NDArray[np.float64]

MEAN = Text(en="mean of all", hi="सबका औसत")
OWN = Text(en="this row", hi="यह पंक्ति")
ALT = Text(
    en="{what} as {column} moves from {low} to {high}: on average from {first} to {last}; this row now stands at {here}.",
    hi="{column} के {low} से {high} तक जाने पर {what}: औसतन {first} से {last}; यह पंक्ति अभी {here} पर है।",
)
HEIGHT_PX = 340


def dependence(
    feature: Column,
    grid: Array,
    curve: Array,
    ice: Array,
    own: Array,
    here: float,
    *,
    axis: str,
    language: Language,
    dark: bool,
) -> Drawing:
    """The curves.

    Args:
        feature: The column.
        grid: Its values [points], NaN beyond the last.
        curve: Mean score at each [points].
        ice: Scores of single rows [rows, points].
        own: Scores of the explained row [points].
        here: The explained row's own value.
        axis: What the score is of.
        language: Of the words.
        dark: The theme.
    """
    known = ~np.isnan(grid)
    values = [cell_text(feature, feature.kind, float(v)) for v in grid[known]]
    x: Any = values if feature.kind in ("category", "date") else grid[known]
    mode = "markers" if feature.kind == "category" else "lines"
    p = palette(dark=dark)
    thin = {"color": translucent(p.muted, 0.25), "width": 1}
    traces: list[dict[str, Any]] = [
        {"type": "scatter", "mode": mode, "x": x, "y": row[known], "line": thin, "marker": {"color": thin["color"], "size": 5},
         "hoverinfo": "skip", "showlegend": False}
        for row in ice
    ]  # fmt: skip
    for said, y, colour in ((MEAN, curve, p.sequence[0]), (OWN, own, p.live)):
        traces.append(
            {"type": "scatter", "mode": mode, "x": x, "y": y[known], "name": said.to(language), "line": {"color": colour, "width": 3},
             "marker": {"color": colour, "size": 11, "symbol": "circle" if said is MEAN else "diamond"}}
        )  # fmt: skip
    low, high = values[0], values[-1]
    alt = ALT.to(language).format(
        what=axis, column=feature.name, low=low, high=high, first=f"{curve[known][0]:.3g}", last=f"{curve[known][-1]:.3g}",
        here=cell_text(feature, feature.kind, here) or "–",
    )  # fmt: skip
    layout = {
        "template": template(dark=dark),
        "height": HEIGHT_PX,
        "legend": {"orientation": "h", "y": 1.08, "x": 0},
        "dragmode": False,
        "xaxis": {
            "title": {"text": _plain(feature.name)},
            "type": "category" if feature.kind in ("category", "date") else "linear",
        },
        "yaxis": {"title": {"text": _plain(axis)}},
    }
    table = {feature.name: values, MEAN.to(language): curve[known], OWN.to(language): own[known]}
    return Drawing({"data": traces, "layout": layout}, alt, lambda: pd.DataFrame(table))


def _plain(text: str) -> str:
    return text.replace("<", "&lt;")
