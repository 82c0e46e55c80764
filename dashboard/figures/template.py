"""The one look of every figure: palette, type and axes, light and dark, as Plotly templates.

Streamlit's chart colours do not reach Plotly 7 figures, so figures are drawn with `theme=None` and this template.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

FONT = "Mukta, 'Noto Sans', 'Noto Sans Devanagari', sans-serif"
FONT_SIZE_PX = 13


@dataclass(frozen=True)
class Palette:
    """Colours of one theme; `sequence` names runs and metrics, the others mean something."""

    text: str
    muted: str
    grid: str
    paper: str
    live: str
    good: str
    bad: str
    sequence: tuple[str, ...]


LIGHT = Palette(
    text="#1C2030",
    muted="#5B6472",
    grid="#E2E4EF",
    paper="#FFFFFF",
    live="#E08A00",
    good="#0F8B6D",
    bad="#C2366B",
    sequence=("#3D47B8", "#E08A00", "#0F8B6D", "#C2366B", "#2B8FD9", "#7A5AC8", "#8A6D1D", "#5B6472"),
)
DARK = Palette(
    text="#E7E9F3",
    muted="#A3ABBD",
    grid="#2C3042",
    paper="#12141C",
    live="#F2A93B",
    good="#3CC29F",
    bad="#F0719C",
    sequence=("#8C96FF", "#F2A93B", "#3CC29F", "#F0719C", "#6BB8F0", "#B39CF0", "#CDB25A", "#A3ABBD"),
)
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


def palette(*, dark: bool) -> Palette:
    """The palette of a theme."""
    return DARK if dark else LIGHT


def colour(index: int, *, dark: bool) -> str:
    """Colour of the series number `index`; the sequence starts again after its end (then the dash differs)."""
    sequence = palette(dark=dark).sequence
    return sequence[index % len(sequence)]


def dash(index: int) -> str:
    """Dash of the series number `index`: a second mark beside colour, new for each round of the palette."""
    return DASHES[(index // len(LIGHT.sequence)) % len(DASHES)]


def translucent(hex_colour: str, opacity: float) -> str:
    """`#RRGGBB` as an rgba() colour."""
    red, green, blue = (int(hex_colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"


@lru_cache(maxsize=2)
def template(*, dark: bool) -> dict[str, Any]:
    """The Plotly template of a theme, as the plain dictionary that goes into `layout.template`."""
    p = palette(dark=dark)
    axis = {
        "gridcolor": p.grid,
        "linecolor": p.grid,
        "zeroline": False,
        "automargin": True,
        "tickfont": {"color": p.muted, "size": FONT_SIZE_PX - 1},
        "title": {"font": {"color": p.muted, "size": FONT_SIZE_PX}, "standoff": 6},
    }
    return {
        "layout": {
            "font": {"family": FONT, "size": FONT_SIZE_PX, "color": p.text},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": list(p.sequence),
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "hoverlabel": {
                "bgcolor": p.paper,
                "bordercolor": p.grid,
                "font": {"family": FONT, "size": FONT_SIZE_PX, "color": p.text},
            },
            "xaxis": {
                **axis,
                "showgrid": False,
                "showspikes": True,
                "spikemode": "across",
                "spikesnap": "cursor",
                "spikethickness": 1,
                "spikedash": "solid",
                "spikecolor": p.muted,
            },
            "yaxis": axis,
            "legend": {"font": {"color": p.text, "size": FONT_SIZE_PX - 1}, "bgcolor": "rgba(0,0,0,0)"},
            "modebar": {"color": p.muted, "activecolor": p.sequence[0], "bgcolor": "rgba(0,0,0,0)"},
        }
    }
