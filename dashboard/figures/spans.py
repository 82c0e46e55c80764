"""Values of several groups with their intervals, side by side: one row of marks a name, one shape and colour a group."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboard.figures.drawing import Drawing
from dashboard.figures.template import palette, template
from data.text import Language, Text

_SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross", "x", "star", "hexagon")
_LONGEST = 42
NAME, GROUP, VALUE, LOW, HIGH = (
    Text(en="Of", hi="किसका"), Text(en="Group", hi="समूह"), Text(en="Value", hi="मान"), Text(en="low", hi="नीचे"), Text(en="high", hi="ऊपर"),
)  # fmt: skip
ALT = Text(en="{axis} of each group with 95 % intervals. {spans}.", hi="हर समूह का {axis}, 95 % अंतराल के साथ। {spans}।")


@dataclass(frozen=True)
class Span:
    """One mark: what it is of, of which group, the value and the ends of its interval."""

    name: str
    group: str
    value: float
    low: float
    high: float


def spans(found: Sequence[Span], *, axis: str, shares: bool, language: Language, dark: bool) -> Drawing:
    """The marks, names down and groups told apart.

    Args:
        found: In the order they are drawn.
        axis: Title of the axis with its unit.
        shares: Whether the values are shares of 1.
        language: Of the words.
        dark: The theme.
    """
    p = palette(dark=dark)
    names = list(dict.fromkeys(one.name for one in found))
    groups = list(dict.fromkeys(one.group for one in found))
    step = min(0.2, 0.6 / max(len(groups), 1))
    traces: list[dict[str, Any]] = []
    for k, group in enumerate(groups):
        own = [one for one in found if one.group == group and one.value == one.value]
        traces.append(
            {
                "type": "scatter", "mode": "markers", "name": _plain(group), "x": [one.value for one in own],
                "y": [names.index(one.name) + (k - (len(groups) - 1) / 2) * step for one in own],
                "error_x": {"type": "data", "symmetric": False, "array": [one.high - one.value for one in own],
                            "arrayminus": [one.value - one.low for one in own], "thickness": 1.5, "width": 4},
                "marker": {"size": 10, "symbol": _SYMBOLS[k % len(_SYMBOLS)], "color": p.sequence[k % len(p.sequence)]},
                "hovertemplate": "%{x:.1%}<extra></extra>" if shares else "%{x:.4g}<extra></extra>",
            }
        )  # fmt: skip
    traces.append(
        {
            "type": "scatter", "mode": "text", "xaxis": "x", "x": [min((one.low for one in found), default=0.0)] * len(names),
            "y": [k - 0.44 for k in range(len(names))], "text": [_plain(name) for name in names], "textposition": "middle right",
            "hoverinfo": "skip", "showlegend": False, "cliponaxis": False,
        }
    )  # fmt: skip
    layout = {
        "template": template(dark=dark),
        "height": 96 + len(names) * (46 + 12 * max(0, len(groups) - 2)),
        "dragmode": False,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "xaxis": {"title": {"text": axis}, "showgrid": True, "showspikes": False, "fixedrange": True, "zeroline": True, "zerolinecolor": p.muted,
                  "tickformat": ".0%" if shares else None},
        "yaxis": {"visible": False, "range": [len(names) - 0.5, -0.75], "fixedrange": True},
    }  # fmt: skip
    said = "; ".join(f"{one.name}, {one.group}: {one.value:.3g} ({one.low:.3g}–{one.high:.3g})" for one in found[:10])
    table = {
        NAME.to(language): [one.name for one in found],
        GROUP.to(language): [one.group for one in found],
        VALUE.to(language): [one.value for one in found],
        LOW.to(language): [one.low for one in found],
        HIGH.to(language): [one.high for one in found],
    }
    return Drawing(
        {"data": traces, "layout": layout}, ALT.to(language).format(axis=axis, spans=said), lambda: pd.DataFrame(table)
    )


def _plain(text: str) -> str:
    return html.escape(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…", quote=False)
