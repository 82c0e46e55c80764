"""How the probability falls as a picture is hidden piece by piece: in the order of a map, at random, and backwards."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from dashboard.figures.drawing import Drawing
from dashboard.figures.template import DASHES, colour, template
from data.text import Language, Text

Curves = npt.NDArray[np.float64]

ORDERS = (
    Text(en="what the map marks first", hi="मैप वाले हिस्से पहले"),
    Text(en="at random", hi="बेतरतीब"),
    Text(en="what the map marks last", hi="मैप वाले हिस्से आख़िर में"),
)
HIDDEN = Text(en="Hidden, share of the picture", hi="छिपा हिस्सा, तस्वीर का")
LEFT = Text(en="Probability of “{name}”", hi="“{name}” की संभावना")
ALT = Text(
    en="Curves of the probability of “{name}” while the picture is hidden. Half hidden: {told}.",
    hi="तस्वीर छिपाते समय “{name}” की संभावना की रेखाएँ। आधी छिपाने पर: {told}।",
)


def removal(curves: Curves, *, name: str, language: Language, dark: bool) -> Drawing:
    """The curves [3, points]: of the map, random, reversed."""
    shares = np.linspace(0, 1, curves.shape[1])
    traces = [
        {
            "type": "scatter", "mode": "lines+markers", "x": shares, "y": curve, "name": order.to(language),
            "line": {"color": colour(k, dark=dark), "dash": DASHES[k], "width": 2}, "marker": {"size": 5},
        }
        for k, (order, curve) in enumerate(zip(ORDERS, curves, strict=True))
    ]  # fmt: skip
    layout = {
        "template": template(dark=dark),
        "xaxis": {"title": {"text": HIDDEN.to(language)}, "range": [0, 1]},
        "yaxis": {"title": {"text": LEFT.to(language).format(name=name)}, "rangemode": "tozero"},
        "legend": {"orientation": "h", "y": 1.12, "x": 0},
        "height": 300,
    }
    middle = curves.shape[1] // 2
    told = ", ".join(f"{order.to(language)} {curve[middle]:.2f}" for order, curve in zip(ORDERS, curves, strict=True))

    def table() -> pd.DataFrame:
        columns = {HIDDEN.to(language): np.round(shares, 3)}
        return pd.DataFrame(
            {**columns, **{order.to(language): np.round(c, 4) for order, c in zip(ORDERS, curves, strict=True)}}
        )

    return Drawing({"data": traces, "layout": layout}, ALT.to(language).format(name=name, told=told), table)
