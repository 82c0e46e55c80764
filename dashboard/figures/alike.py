"""How alike two views of a picture are, against views of other pictures: a histogram with the pairs marked on it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from dashboard.figures.drawing import Drawing
from dashboard.figures.template import colour, template, translucent
from data.text import Language, Text

_HEIGHT_PX = 280
_BINS = 40
_OTHERS = Text(en="views of other pictures", hi="दूसरी तस्वीरों के व्यू")
_OWN = Text(en="two views of this picture", hi="इस तस्वीर के दो व्यू")
_COSINE = Text(en="cosine", hi="कोसाइन")
_COUNT = Text(en="pairs", hi="जोड़े")
_ALT = Text(
    en="Cosines from {low} to {high}: with views of other pictures {apart} on average, of two views of this picture {alike}",
    hi="कोसाइन {low} से {high}: दूसरी तस्वीरों के व्यू से औसतन {apart}, इस तस्वीर के दो व्यू में {alike}",
)


def alike_and_apart(
    alike: npt.NDArray[np.floating], apart: npt.NDArray[np.floating], *, dark: bool = False, language: Language = "en"
) -> Drawing:
    """Cosines of pairs [pairs], and of first views with views of others [pairs, others]."""
    low = min(float(apart.min()), float(alike.min()))
    counts, edges = np.histogram(apart, _BINS, (low, 1.0))
    middles = (edges[:-1] + edges[1:]) / 2
    traces = [
        {
            "type": "bar", "name": _OTHERS.to(language), "x": middles.round(4).tolist(), "y": counts.tolist(), "width": float(edges[1] - edges[0]),
            "marker": {"color": translucent(colour(7, dark=dark), 0.55)}, "hovertemplate": "%{x:.2f}: %{y}<extra></extra>",
        },
        {
            "type": "scatter", "mode": "markers", "name": _OWN.to(language), "x": alike.astype(float).round(4).tolist(),
            "y": [float(counts.max()) * 0.06] * len(alike), "marker": {"size": 13, "symbol": "diamond", "color": colour(1, dark=dark)},
            "hovertemplate": "%{x:.3f}<extra></extra>",
        },
    ]  # fmt: skip
    layout = {
        "template": template(dark=dark), "height": _HEIGHT_PX, "bargap": 0,
        "xaxis": {"title": {"text": _COSINE.to(language)}, "range": [low - 0.03, 1.03], "showspikes": False},
        "yaxis": {"title": {"text": _COUNT.to(language)}}, "legend": {"orientation": "h", "y": 1.12},
    }  # fmt: skip
    alt = _ALT.to(language).format(
        low=f"{low:.2f}", high="1.00", apart=f"{float(apart.mean()):.2f}", alike=f"{float(alike.mean()):.2f}"
    )

    def table() -> pd.DataFrame:
        return pd.DataFrame(
            {
                _OWN.to(language): alike.round(3),
                _OTHERS.to(language): apart.mean(axis=1).round(3),
                "max": apart.max(axis=1).round(3),
            }
        )

    return Drawing({"data": traces, "layout": layout}, alt, table)
