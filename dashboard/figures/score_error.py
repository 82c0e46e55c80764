"""Error of learned scores against the exact one, noise level by noise level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dashboard.figures.drawing import Drawing
from dashboard.figures.template import colour, dash, palette, template

Array = npt.NDArray[np.float64]

HEIGHT_PX = 320


@dataclass(frozen=True)
class Words:
    """Labels in the language on screen."""

    sigma: str
    error: str
    blind: str
    alt: str


def score_error(curves: Mapping[str, tuple[Array, Array]], words: Words, *, dark: bool) -> Drawing:
    """Relative error over sigma = level / signal for each name; at 100 % a model does no better than one that says zero."""
    p = palette(dark=dark)
    traces: list[dict[str, Any]] = [
        {"type": "scatter", "mode": "lines+markers", "name": name, "x": sigma, "y": error, "marker": {"size": 6},
         "line": {"color": colour(k, dark=dark), "width": 2, "dash": dash(k)}, "showlegend": len(curves) > 1}
        for k, (name, (sigma, error)) in enumerate(curves.items())
    ]  # fmt: skip
    everything = np.concatenate([error for _, error in curves.values()]) if curves else np.ones(1)
    low, high = np.log10(max(1e-3, float(everything.min()) / 2)), np.log10(max(1.5, float(everything.max()) * 1.3))
    layout = {
        "template": template(dark=dark),
        "height": HEIGHT_PX,
        "uirevision": "score-error",
        "hovermode": "x",
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "xaxis": {"type": "log", "title": {"text": words.sigma}, "dtick": 1},
        "yaxis": {"type": "log", "title": {"text": words.error}, "range": [low, high], "tickvals": [0.001, 0.01, 0.1, 1, 10], "ticktext": ["0.1%", "1%", "10%", "100%", "1000%"]},
        "shapes": [
            {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 1, "y1": 1, "line": {"color": p.bad, "dash": "dash", "width": 1}}
        ],
        "annotations": [
            {"xref": "paper", "x": 1, "y": 0, "xanchor": "right", "yanchor": "bottom", "text": words.blind, "showarrow": False, "font": {"color": p.bad}}
        ],
    }  # fmt: skip
    return Drawing({"data": traces, "layout": layout}, words.alt, lambda: _table(curves, words))


def _table(curves: Mapping[str, tuple[Array, Array]], words: Words) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"": name, words.sigma: sigma.round(4), words.error: error.round(4)}) for name, (sigma, error) in curves.items()
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)
