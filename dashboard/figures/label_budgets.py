"""Accuracy against labels a class, a line for each way to learn, with the 95 % interval over seeds as bars."""

from __future__ import annotations

from typing import Any

import pandas as pd

from dashboard.figures.drawing import Drawing
from dashboard.figures.template import colour, palette, template
from dashboard.worth.results import Results
from dashboard.worth.telling import TITLES, budget, with_interval
from data.text import Language, Text
from lightning_modules.ssl.budgets import ALL, WAYS, Way

_HEIGHT_PX = 400
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross")
_COLOURS: dict[Way, int] = {"probe": 0, "fine_tuned": 4, "supervised": 1, "pca": 2, "kmeans": 7}
_LABELS = Text(en="labels a class", hi="हर क्लास के लेबल")
_ALL = Text(en="all", hi="सारे")
_RIGHT = Text(en="named rightly", hi="सही पहचानी गईं")
_WAY = Text(en="way", hi="तरीका")
_GUESSING = Text(en="guessing", hi="अंदाज़ा")
_ALT = Text(
    en="Share of held-out images named rightly against labels a class. {best}",
    hi="हर क्लास के लेबल के सामने अलग रखी तस्वीरों में से सही पहचानी गईं। {best}",
)


def label_budgets(results: Results, *, dark: bool = False, language: Language = "en") -> Drawing:
    """The figure of what is known so far."""
    names = [str(each) if each != ALL else _ALL.to(language) for each in results.budgets]
    traces = [_line(results, way, names, dark=dark, language=language) for way in WAYS]
    shades = palette(dark=dark)
    guessing = results.facts["guessing"]
    level = {
        "type": "scatter", "mode": "lines", "name": _GUESSING.to(language), "x": names, "y": [guessing] * len(names),
        "line": {"color": shades.muted, "width": 1, "dash": "dot"}, "hovertemplate": "%{y:.0%}",
    }  # fmt: skip
    layout = {
        "template": template(dark=dark), "height": _HEIGHT_PX, "hovermode": "x unified",
        "xaxis": {"title": {"text": _LABELS.to(language)}, "type": "category", "categoryorder": "array", "categoryarray": names},
        "yaxis": {"title": {"text": _RIGHT.to(language)}, "tickformat": ".0%", "range": [0, 1.02]},
        "legend": {"orientation": "h", "y": -0.22},
    }  # fmt: skip
    said = "; ".join(f"{TITLES[way].to(language)}: {_last(results, way)}" for way in WAYS)
    alt = _ALT.to(language).format(best=said)
    return Drawing({"data": [*traces, level], "layout": layout}, alt, lambda: table(results, language))


def table(results: Results, language: Language) -> pd.DataFrame:
    """A row for each way, a column for each budget, each share with its interval."""
    rows = [
        {_WAY.to(language): TITLES[way].to(language)}
        | {budget(each).to(language): with_interval(results.spread(way, each)) for each in results.budgets}
        for way in WAYS
    ]
    return pd.DataFrame(rows)


def _line(results: Results, way: Way, names: list[str], *, dark: bool, language: Language) -> dict[str, Any]:
    found = [results.spread(way, each) for each in results.budgets]
    reach = [one.interval[1] - one.mean if one is not None and len(one.values) > 1 else 0.0 for one in found]
    number = _COLOURS[way]
    return {
        "type": "scatter", "mode": "lines+markers", "name": TITLES[way].to(language), "x": names,
        "y": [None if one is None else one.mean for one in found],
        "error_y": {"type": "data", "array": reach, "thickness": 1.2, "width": 4},
        "marker": {"size": 8, "symbol": _SYMBOLS[WAYS.index(way)], "color": colour(number, dark=dark)},
        "line": {"color": colour(number, dark=dark)}, "hovertemplate": "%{y:.1%}",
    }  # fmt: skip


def _last(results: Results, way: Way) -> str:
    known = [each for each in results.budgets if results.spread(way, each) is not None]
    return with_interval(results.spread(way, known[-1])) if known else "–"
