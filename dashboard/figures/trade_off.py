"""Accuracy against what there is to read: one point a learner, its 95 % interval, the chosen one marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from dashboard.figures.drawing import Drawing
from dashboard.figures.template import palette, template
from data.text import Language, Text

HEIGHT_PX = 330
PARTS = Text(en="rules or weights to read", hi="पढ़ने लायक नियम या वज़न")
NAME, VALUE, LOW, HIGH = (
    Text(en="model", hi="मॉडल"),
    Text(en="value", hi="मान"),
    Text(en="low", hi="नीचे"),
    Text(en="high", hi="ऊपर"),
)
ALT = Text(
    en="{measure} of each model against what there is to read in it. {points}.",
    hi="हर मॉडल का {measure} और उसमें पढ़ने लायक कितना है। {points}।",
)


@dataclass(frozen=True)
class Candidate:
    """One learner: its name, what there is to read, its measure with the ends of the interval, and whether it is the chosen one."""

    name: str
    parts: int
    value: float
    low: float
    high: float
    chosen: bool


def trade_off(found: Sequence[Candidate], *, measure: str, shares: bool, language: Language, dark: bool) -> Drawing:
    """The points, fewest parts to the left."""
    p = palette(dark=dark)
    ranked = sorted(found, key=lambda one: one.parts)
    trace = {
        "type": "scatter", "mode": "markers+text", "x": [one.parts for one in ranked], "y": [one.value for one in ranked],
        "text": [one.name for one in ranked], "textposition": ["top center" if k % 2 else "bottom center" for k in range(len(ranked))], "cliponaxis": False,
        "marker": {"size": 12, "color": [p.live if one.chosen else p.sequence[0] for one in ranked],
                   "symbol": ["diamond" if one.chosen else "circle" for one in ranked]},
        "error_y": {"type": "data", "symmetric": False, "array": [one.high - one.value for one in ranked],
                    "arrayminus": [one.value - one.low for one in ranked], "color": p.muted, "thickness": 1.3, "width": 4},
        "hovertemplate": "%{text}<br>%{x:,} · %{y:.3f}<extra></extra>",
    }  # fmt: skip
    layout = {
        "template": template(dark=dark),
        "height": HEIGHT_PX,
        "dragmode": False,
        "showlegend": False,
        "margin": {"l": 8, "r": 8, "t": 24, "b": 8},
        "xaxis": {
            "title": {"text": PARTS.to(language)},
            "type": "log",
            "range": [0.3, 5.2],
            "dtick": 1,
            "fixedrange": True,
            "showspikes": False,
        },
        "yaxis": {"title": {"text": measure}, "tickformat": ".0%" if shares else ".2f", "fixedrange": True},
    }
    points = "; ".join(f"{one.name}: {one.parts:,}, {one.value:.3g}" for one in ranked)
    table = {
        NAME.to(language): [one.name for one in ranked],
        PARTS.to(language): [one.parts for one in ranked],
        VALUE.to(language): [one.value for one in ranked],
        LOW.to(language): [one.low for one in ranked],
        HIGH.to(language): [one.high for one in ranked],
    }
    alt = ALT.to(language).format(measure=measure, points=points)
    return Drawing({"data": [trace], "layout": layout}, alt, lambda: pd.DataFrame(table))
