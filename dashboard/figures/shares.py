"""What each column adds to a prediction, as bars from zero with whiskers; the weightiest on top.

What speaks for the target goes right in blue, what speaks against it left in red; sign and side say the same as colour.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dashboard.figures.drawing import Drawing
from dashboard.figures.template import palette, template
from data.text import Language, Text

Array = npt.NDArray[np.float64]

_BAR_PX = 30
_LONGEST = 30

FOR = Text(en="speaks for", hi="पक्ष में")
AGAINST = Text(en="speaks against", hi="ख़िलाफ़")
OTHERS = Text(en="{n} others", hi="{n} और")
COLUMN = Text(en="Column", hi="कॉलम")
VALUE = Text(en="Value", hi="मान")
SHARE = Text(en="Share", hi="हिस्सा")
HALF = Text(en="± (95 %)", hi="± (95 %)")
ALT = Text(
    en="Bars of what each column adds to {what}. {bars}.", hi="हर कॉलम {what} में कितना जोड़ता है, इसकी पट्टियाँ। {bars}।"
)
ALT_BAR = Text(en="{name}: {share}", hi="{name}: {share}")


@dataclass(frozen=True)
class Share:
    """One bar: name and value of a column, what it adds, and the half width of its interval."""

    name: str
    value: str
    amount: float
    half_width: float | None = None


def shares(
    found: Sequence[Share], *, what: str, axis: str, language: Language, dark: bool, most: int = 10, signed: bool = True
) -> Drawing:
    """The bars.

    Args:
        found: Every column, in any order.
        what: What is added to, for the words.
        axis: Title of the axis with its unit.
        language: Of the words.
        dark: The theme.
        most: Bars at most; the rest becomes one.
        signed: Whether the sign means for and against; else all bars have one colour.
    """
    ranked = sorted(found, key=lambda one: -abs(one.amount))
    shown = ranked[:most] if len(ranked) > most + 1 else ranked
    rest = ranked[len(shown) :]
    if rest and signed:
        shown = [*shown, Share(OTHERS.to(language).format(n=len(rest)), "", sum(one.amount for one in rest))]
    bars = "; ".join(ALT_BAR.to(language).format(name=one.name, share=f"{one.amount:+.3g}") for one in shown[:5])
    return Drawing(
        {"data": _traces(shown, signed=signed, dark=dark, language=language), "layout": _layout(len(shown), axis, dark=dark)},
        ALT.to(language).format(what=what, bars=bars),
        lambda: _table(ranked, language),
    )  # fmt: skip


def _traces(shown: Sequence[Share], *, signed: bool, dark: bool, language: Language) -> list[dict[str, Any]]:
    p = palette(dark=dark)
    colours = [p.bad if signed and one.amount < 0 else p.sequence[0] for one in shown]
    words = [(AGAINST if one.amount < 0 else FOR).to(language) if signed else "" for one in shown]
    known = [one.half_width if one.half_width is not None and np.isfinite(one.half_width) else 0.0 for one in shown]
    return [
        {
            "type": "bar",
            "orientation": "h",
            "x": np.array([one.amount for one in shown]),
            "y": list(range(len(shown))),
            "marker": {"color": colours},
            "error_x": {
                "type": "data",
                "array": known,
                "color": p.text,
                "thickness": 1.5,
                "width": 4,
                "visible": any(known),
            },
            "customdata": [[_label(one), word] for one, word in zip(shown, words, strict=True)],
            "hovertemplate": "%{customdata[0]}<br>%{x:+.4g} %{customdata[1]}<extra></extra>",
        },
        {  # names above the bars: beside them, a phone has no room left for the bars
            "type": "scatter",
            "mode": "text",
            "x": [0.0] * len(shown),
            "y": [k - 0.47 for k in range(len(shown))],
            "text": [f"\u2009{_cut(one)}\u2009" for one in shown],
            "textposition": "middle right"
            if _reach(shown, 1) >= _reach(shown, -1)
            else "middle left",  # where there is more room
            "hoverinfo": "skip",
            "cliponaxis": False,
        },
    ]


def _reach(shown: Sequence[Share], side: int) -> float:
    """How far the bars go to one side."""
    return max(0.0, *(side * one.amount for one in shown))


def _layout(bars: int, axis: str, *, dark: bool) -> dict[str, Any]:
    p = palette(dark=dark)
    return {
        "template": template(dark=dark),
        "height": 60 + bars * (_BAR_PX + 14),
        "bargap": 0.55,
        "showlegend": False,
        "dragmode": False,
        "xaxis": {
            "title": {"text": axis},
            "zeroline": True,
            "zerolinecolor": p.muted,
            "showspikes": False,
            "showgrid": True,
            "fixedrange": True,
        },
        "yaxis": {"visible": False, "range": [bars - 0.4, -0.9], "fixedrange": True},
    }


def _label(one: Share) -> str:
    """Plotly reads its texts as markup, and these come from people's files."""
    return html.escape(f"{one.name} = {one.value}" if one.value else one.name, quote=False)


def _cut(one: Share) -> str:
    text = f"{one.name} = {one.value}" if one.value else one.name
    return html.escape(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…", quote=False)


def _table(ranked: Sequence[Share], language: Language) -> pd.DataFrame:
    table = {
        COLUMN.to(language): [one.name for one in ranked],
        VALUE.to(language): [one.value for one in ranked],
        SHARE.to(language): [one.amount for one in ranked],
    }
    if any(one.half_width is not None for one in ranked):
        table[HALF.to(language)] = [one.half_width for one in ranked]
    return pd.DataFrame(table)
