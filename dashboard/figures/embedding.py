"""A map of embedded items: each a point, coloured by its class or by how many of its neighbours share it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from dashboard.figures.drawing import Drawing
from dashboard.figures.template import colour, palette, template
from data.catalog import IntArray
from data.text import Language, Text

ColourBy = Literal["class", "agreement"]

_HEIGHT_PX = 460
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross")
_MOST_NAMED = 24
"""More classes than this are not listed in the legend."""
_ITEM, _CLASS, _AGREES = (
    Text(en="item", hi="आइटम"),
    Text(en="class", hi="क्लास"),
    Text(en="neighbours of its class", hi="अपनी क्लास के पड़ोसी"),
)
_ALT = Text(en="Map of {count} items in {classes} classes; {agrees} of the neighbours are of an item's own class",
            hi="{classes} क्लास के {count} आइटम का नक़्शा; पड़ोसियों में से {agrees} अपनी ही क्लास के हैं")  # fmt: skip
_PLAIN = Text(en="Map of {count} items", hi="{count} आइटम का नक़्शा")


def agreement(near: IntArray, y: IntArray) -> npt.NDArray[np.float64]:
    """Share of each item's neighbours that are of its class [items]."""
    share: npt.NDArray[np.float64] = (y[near] == y[:, None]).mean(axis=1)
    return share


def embedding_map(
    place: npt.NDArray[np.floating],
    near: IntArray,
    y: IntArray | None,
    classes: Sequence[str],
    *,
    by: ColourBy = "class",
    dark: bool = False,
    language: Language = "en",
) -> Drawing:
    """Places [items, 2] with neighbours [items, n] and, where there are labels, classes [items]; each point bears its number."""
    agrees = None if y is None else agreement(near, y)
    if y is None or agrees is None or by == "agreement":
        traces = [_by_agreement(place, agrees, dark=dark)]
    else:
        traces = [_of_class(place, np.flatnonzero(y == k), k, name, dark=dark) for k, name in enumerate(classes)]
    axis = {"visible": False}
    layout = {
        "template": template(dark=dark),
        "height": _HEIGHT_PX,
        "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
        "xaxis": axis,
        "yaxis": {**axis, "scaleanchor": "x"},
        "showlegend": 1 < len(traces) <= _MOST_NAMED,
        "legend": {"orientation": "h", "y": -0.02},
        "dragmode": "lasso",
    }
    if agrees is None:
        alt = _PLAIN.to(language).format(count=len(place))
    else:
        alt = _ALT.to(language).format(count=len(place), classes=len(classes), agrees=f"{float(agrees.mean()):.0%}")
    return Drawing({"data": traces, "layout": layout}, alt, lambda: _table(y, agrees, classes, language))


def _of_class(
    place: npt.NDArray[np.floating], chosen: IntArray, number: int, name: str, *, dark: bool
) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "markers", "name": name,
        "x": place[chosen, 0].round(4).tolist(), "y": place[chosen, 1].round(4).tolist(), "customdata": chosen.tolist(),
        "marker": {"size": 7, "color": colour(number, dark=dark), "symbol": _SYMBOLS[number // 8 % len(_SYMBOLS)]},
        "hovertemplate": f"{name}<extra></extra>",
    }  # fmt: skip


def _by_agreement(
    place: npt.NDArray[np.floating], agrees: npt.NDArray[np.float64] | None, *, dark: bool
) -> dict[str, Any]:
    shades = palette(dark=dark)
    marker: dict[str, Any] = {"size": 7, "color": colour(0, dark=dark)}
    if agrees is not None:
        scale = [[0, shades.bad], [0.5, shades.live], [1, shades.good]]
        marker |= {"color": agrees.round(3).tolist(), "colorscale": scale, "cmin": 0, "cmax": 1}
        marker |= {"colorbar": {"tickformat": ".0%", "thickness": 10}}
    return {
        "type": "scatter", "mode": "markers", "name": "",
        "x": place[:, 0].round(4).tolist(), "y": place[:, 1].round(4).tolist(), "customdata": list(range(len(place))),
        "marker": marker, "hovertemplate": "%{marker.color:.0%}<extra></extra>" if agrees is not None else "%{customdata}<extra></extra>",
    }  # fmt: skip


def _table(
    y: IntArray | None, agrees: npt.NDArray[np.float64] | None, classes: Sequence[str], language: Language
) -> pd.DataFrame:
    """How well the neighbours of each class agree; without labels nothing can be told."""
    if y is None or agrees is None:
        return pd.DataFrame()
    rows = [
        (name, int((y == k).sum()), float(agrees[y == k].mean())) for k, name in enumerate(classes) if (y == k).any()
    ]
    return pd.DataFrame(rows, columns=[one.to(language) for one in (_CLASS, _ITEM, _AGREES)])
