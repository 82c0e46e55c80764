"""A head of attention as a heat map: a row for each token that looks, a column for each that is looked at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from dashboard.figures.drawing import Drawing
from dashboard.figures.template import colour, palette, template
from data.text import Language, Text

_ROW_PX, _LOWEST_PX, _HIGHEST_PX, _EDGES_PX = 16, 280, 900, 110
_LOOKS = Text(en="token", hi="टोकन")
_LOOKED_AT = Text(en="attends to", hi="किस पर ध्यान")
_SHARE = Text(en="share", hi="हिस्सा")
_ALT = Text(
    en="Heat map of attention among {count} tokens; the strongest link is from {a} to {b}, {share}",
    hi="{count} टोकन के बीच अटेंशन का हीट मैप; सबसे मज़बूत संबंध {a} से {b} तक, {share}",
)


def heat_map(
    weights: npt.NDArray[np.floating], tokens: Sequence[str], *, dark: bool = False, language: Language = "en"
) -> Drawing:
    """One head [tokens, tokens]."""
    ink, places = palette(dark=dark), list(range(len(tokens)))
    trace = {
        "type": "heatmap",
        "z": np.round(weights, 4).tolist(),
        "colorscale": [[0, ink.paper], [1, colour(0, dark=dark)]],
        "zmin": 0,
        "zmax": max(0.05, float(weights.max())),
        "showscale": False,
        "customdata": [[[one, other] for other in tokens] for one in tokens],
        "hovertemplate": "%{customdata[0]} → %{customdata[1]}: %{z:.1%}<extra></extra>",
    }
    axis = {
        "tickvals": places,
        "ticktext": list(tokens),
        "showgrid": False,
        "tickfont": {"size": 11},
        "automargin": True,
    }
    height = min(max(_EDGES_PX + _ROW_PX * len(tokens), _LOWEST_PX), _HIGHEST_PX)
    layout = {
        "template": template(dark=dark),
        "height": height,
        "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
        "xaxis": {**axis, "side": "top", "tickangle": -60},
        "yaxis": {**axis, "autorange": "reversed"},
    }
    i, j = divmod(int(np.argmax(weights)), len(tokens))
    alt = _ALT.to(language).format(count=len(tokens), a=tokens[i], b=tokens[j], share=f"{float(weights[i, j]):.0%}")
    return Drawing({"data": [trace], "layout": layout}, alt, lambda: _table(weights, tokens, language))


def _table(weights: npt.NDArray[np.floating], tokens: Sequence[str], language: Language) -> pd.DataFrame:
    """Each link of one in a hundred and more, the strongest first."""
    rows = [
        (f"{i + 1} {tokens[i]}", f"{j + 1} {tokens[j]}", float(weights[i, j]))
        for i, j in zip(*np.nonzero(weights >= 0.01), strict=True)
    ]
    rows.sort(key=lambda row: -row[2])
    return pd.DataFrame(rows, columns=[one.to(language) for one in (_LOOKS, _LOOKED_AT, _SHARE)])
