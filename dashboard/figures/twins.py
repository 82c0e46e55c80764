"""The twins of a chart: what it shows in sentences, and the drawn buckets as a table."""

from __future__ import annotations

import pandas as pd

from dashboard.figures import words
from dashboard.figures.numbers import number
from dashboard.figures.scale import Scale, Style
from dashboard.figures.series import Panel
from data.text import Text


def in_words(panels: tuple[Panel, ...], scale: Scale, style: Style) -> str:
    """Each curve in two sentences, what is not finite, and the reference lines."""
    parts: list[str] = []
    for panel in panels:
        parts.append(words.ALT_CHART.format(title=panel.title, axis=scale.title).to(style.language))
        for series in panel.series[:6]:
            e = series.envelope
            if not len(e.mean):
                parts.append(f"{series.name}: {words.NO_POINTS.to(style.language)}")
                continue
            text = words.ALT_SERIES.format(
                name=series.name, points=f"{e.points:,}", first=number(float(e.mean[0])), last=number(float(e.mean[-1])),
                step=f"{int(e.last_step[-1]):,}", low=number(float(e.low.min())), high=number(float(e.high.max())),
            )  # fmt: skip
            parts.append(text.to(style.language))
            if len(e.broken_steps):
                parts.append(words.ALT_BROKEN.format(n=len(e.broken_steps)).to(style.language))
        parts += [
            words.ALT_LEVEL.format(label=level.label, value=number(level.value)).to(style.language)
            for level in panel.levels
        ]
    return " ".join(parts)


def as_table(panels: tuple[Panel, ...], style: Style) -> pd.DataFrame:
    """The drawn buckets as rows, one metric and run after the other."""

    def name(text: Text) -> str:
        return text.to(style.language)

    frames = []
    for panel in panels:
        for series in panel.series:
            e = series.envelope
            frames.append(
                pd.DataFrame(
                    {
                        name(words.METRIC): panel.title,
                        name(words.RUN): series.name,
                        name(words.STEP): e.last_step,
                        name(words.MEAN): e.mean,
                        name(words.LOWEST): e.low,
                        name(words.HIGHEST): e.high,
                        name(words.POINTS): e.count,
                    }
                )
            )
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
