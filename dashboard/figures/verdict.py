"""Whether a metric is worth more than its reference lines yet, in one plain sentence."""

from __future__ import annotations

from collections.abc import Sequence

from data.catalog import ReferenceLine
from data.text import Text


def verdict(title: Text, value: float, lines: Sequence[ReferenceLine]) -> Text | None:
    """A share, from 0 to 1, beside the highest of its lines; None without lines."""
    if not lines:
        return None
    best = max(lines, key=lambda line: line.value)
    shown = {"value": f"{value:.1%}", "level": f"{best.value:.1%}"}
    if value > best.value:
        return Text(
            en=f"{title.en}: {shown['value']}, better than {best.label.en} ({shown['level']}).",
            hi=f"{title.hi}: {shown['value']}, {best.label.hi} ({shown['level']}) से बेहतर।",
        )
    return Text(
        en=f"{title.en}: {shown['value']}, no better than {best.label.en} ({shown['level']}) yet.",
        hi=f"{title.hi}: {shown['value']}, अभी {best.label.hi} ({shown['level']}) से बेहतर नहीं।",
    )
