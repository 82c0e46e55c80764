"""What a model does on rows it has not seen, drawn: hits against false alarms, chances against what came, misses of numbers, who was
taken for whom."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dashboard.figures.drawing import Drawing
from dashboard.figures.template import palette, template, translucent
from data.text import Language, Text

Array = npt.NDArray[np.float64]

HEIGHT_PX = 330
FALSE_RATE = Text(en="false alarms", hi="ग़लत अलार्म")
TRUE_RATE = Text(en="found", hi="पकड़े गए")
GUESS = Text(en="by chance", hi="संयोग से")
HERE = Text(en="at this cut-off", hi="इस कट-ऑफ़ पर")
MODEL = Text(en="the model", hi="मॉडल")
SAID = Text(en="chance the model gives", hi="मॉडल की बताई संभावना")
CAME = Text(en="how often it was so", hi="असल में कितनी बार हुआ")
PERFECT = Text(en="chances that come true", hi="जो संभावना कही, वही हुआ")
LOW, HIGH, ROWS = Text(en="low", hi="नीचे"), Text(en="high", hi="ऊपर"), Text(en="rows", hi="पंक्तियाँ")
PREDICTED = Text(en="predicted", hi="मॉडल का अनुमान")
MISS = Text(en="truth less prediction", hi="सच घटा अनुमान")
ALT_ROC = Text(
    en="Found against false alarms: at {here_x} false alarms {here_y} are found.",
    hi="ग़लत अलार्म के मुक़ाबले पकड़े गए: {here_x} ग़लत अलार्म पर {here_y} पकड़े गए।",
)
ALT_RELIABILITY = Text(
    en="How often it was so, against the chance the model gives, in {n} groups: {pairs}.",
    hi="{n} समूहों में मॉडल की बताई संभावना और असल में कितनी बार हुआ: {pairs}।",
)
ALT_RESIDUALS = Text(
    en="Truth less prediction against the prediction, {n} rows; the middle 95 % lie between {low} and {high}.",
    hi="{n} पंक्तियों में सच घटा अनुमान; बीच की 95 % {low} और {high} के बीच हैं।",
)
ALT_CONFUSION = Text(
    en="True classes down, predicted ones across: {right} of {all} on the diagonal.",
    hi="सच नीचे की ओर, मॉडल का अनुमान आड़े: {all} में से {right} विकर्ण पर।",
)
TRUE_CLASS = Text(en="true: {name}", hi="असल: {name}")
SAID_CLASS = Text(en="model: {name}", hi="मॉडल: {name}")


def roc_curve(x: Array, y: Array, here: tuple[float, float], *, language: Language, dark: bool) -> Drawing:
    """The curve, with the point of the chosen cut-off."""
    p = palette(dark=dark)
    traces = [
        _line([0, 1], [0, 1], GUESS.to(language), p.muted, dash="dot"),
        _line(x, y, MODEL.to(language), p.sequence[0]),
        {"type": "scatter", "mode": "markers", "x": [here[0]], "y": [here[1]], "name": HERE.to(language),
         "marker": {"color": p.live, "size": 13, "symbol": "diamond"}},
    ]  # fmt: skip
    alt = ALT_ROC.to(language).format(here_x=f"{here[0]:.0%}", here_y=f"{here[1]:.0%}")
    layout = _layout(FALSE_RATE.to(language), TRUE_RATE.to(language), dark=dark, shares=True)
    table = {FALSE_RATE.to(language): x, TRUE_RATE.to(language): y}
    return Drawing({"data": traces, "layout": layout}, alt, lambda: pd.DataFrame(table))


def reliability_curve(
    said: Array, came: Array, low: Array, high: Array, rows: Array, *, language: Language, dark: bool
) -> Drawing:
    """Each group with its 95 % interval, beside the line where chances come true."""
    p = palette(dark=dark)
    traces = [
        _line([0, 1], [0, 1], PERFECT.to(language), p.muted, dash="dot"),
        {"type": "scatter", "mode": "lines+markers", "x": said, "y": came, "name": MODEL.to(language),
         "line": {"color": p.sequence[0], "width": 1.5}, "marker": {"color": p.sequence[0], "size": 9},
         "error_y": {"type": "data", "symmetric": False, "array": high - came, "arrayminus": came - low, "color": p.text,
                     "thickness": 1.3, "width": 3}},
    ]  # fmt: skip
    pairs = "; ".join(f"{a:.0%}: {b:.0%}" for a, b in zip(said, came, strict=True))
    names = (SAID, CAME, LOW, HIGH, ROWS)
    table = {name.to(language): values for name, values in zip(names, (said, came, low, high, rows), strict=True)}
    return Drawing(
        {"data": traces, "layout": _layout(SAID.to(language), CAME.to(language), dark=dark, shares=True)},
        ALT_RELIABILITY.to(language).format(n=len(said), pairs=pairs),
        lambda: pd.DataFrame(table),
    )


def residual_cloud(
    said: Array, residual: Array, quantiles: Sequence[float], *, language: Language, dark: bool
) -> Drawing:
    """One point a row; lines at zero and around the middle 95 %."""
    p = palette(dark=dark)
    ends = [float(said.min()), float(said.max())]
    traces: list[dict[str, Any]] = [
        {"type": "scatter", "mode": "markers", "x": said, "y": residual, "marker": {"color": translucent(p.sequence[0], 0.55), "size": 6},
         "showlegend": False, "hovertemplate": "%{x:.4g} → %{y:+.4g}<extra></extra>"},
        _line(ends, [0, 0], "0", p.muted, shown=False),
    ]  # fmt: skip
    traces += [
        _line(ends, [end, end], "95 %", p.live, dash="dash", shown=k == 0) for k, end in enumerate(quantiles[::2])
    ]
    alt = ALT_RESIDUALS.to(language).format(n=len(said), low=f"{quantiles[0]:.3g}", high=f"{quantiles[2]:.3g}")
    layout = _layout(PREDICTED.to(language), MISS.to(language), dark=dark)
    table = {PREDICTED.to(language): said, MISS.to(language): residual}
    return Drawing({"data": traces, "layout": layout}, alt, lambda: pd.DataFrame(table))


def confusion_squares(
    counts: npt.NDArray[np.int64], classes: Sequence[str], *, language: Language, dark: bool
) -> Drawing:
    """Who was taken for whom: a square for each pair, the stronger the larger its part of the true class; the number inside."""
    p = palette(dark=dark)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    k = len(classes)
    size = max(18, min(86, 250 // k))
    cells = [(j, i) for i in range(k) for j in range(k)]
    colours = [p.good if i == j else p.bad for j, i in cells]
    names = [html.escape(name if len(name) <= 14 else f"{name[:13]}…", quote=False) for name in classes]
    trace = {
        "type": "scatter", "mode": "markers+text", "x": [j for j, _ in cells], "y": [i for _, i in cells],
        "text": [f"{counts[i, j]:,}" for j, i in cells], "textfont": {"color": p.text, "size": 15 if k < 6 else 11},
        "marker": {
            "symbol": "square", "size": size,
            "color": [translucent(c, 0.08 + 0.55 * float(share[i, j])) for c, (j, i) in zip(colours, cells, strict=True)],
        },
        "hovertext": [f"{share[i, j]:.0%}" for j, i in cells], "hoverinfo": "text", "cliponaxis": False,
    }  # fmt: skip
    axis = {
        "tickvals": list(range(k)),
        "showgrid": False,
        "showspikes": False,
        "fixedrange": True,
        "range": [-0.6, k - 0.4],
    }
    layout = {
        "template": template(dark=dark), "height": max(200, k * (size + 14) + 70), "showlegend": False, "dragmode": False,
        "xaxis": {**axis, "side": "top", "ticktext": [SAID_CLASS.to(language).format(name=name) for name in names]},
        "yaxis": {**axis, "range": [k - 0.4, -0.6], "ticktext": [TRUE_CLASS.to(language).format(name=name) for name in names]},
    }  # fmt: skip
    alt = ALT_CONFUSION.to(language).format(right=int(np.trace(counts)), all=int(counts.sum()))

    def table() -> pd.DataFrame:
        columns = [SAID_CLASS.to(language).format(name=name) for name in classes]
        found = pd.DataFrame(counts, columns=columns)
        found.insert(0, "", [TRUE_CLASS.to(language).format(name=name) for name in classes])
        return found

    return Drawing({"data": [trace], "layout": layout}, alt, table)


def _line(x: Any, y: Any, name: str, colour: str, *, dash: str = "solid", shown: bool = True) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "lines", "x": x, "y": y, "name": name, "showlegend": shown,
        "line": {"color": colour, "width": 2, "dash": dash}, "hovertemplate": "%{x:.3g}, %{y:.3g}<extra></extra>",
    }  # fmt: skip


def _layout(x: str, y: str, *, dark: bool, shares: bool = False) -> dict[str, Any]:
    ends = {"range": [-0.02, 1.02], "tickformat": ".0%"} if shares else {}
    return {
        "template": template(dark=dark),
        "height": HEIGHT_PX,
        "dragmode": False,
        "legend": {"orientation": "h", "y": 1.1, "x": 0},
        "xaxis": {"title": {"text": x}, "fixedrange": True, **ends},
        "yaxis": {"title": {"text": y}, "fixedrange": True, **ends},
    }
