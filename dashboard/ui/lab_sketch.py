"""Part of the lab's face "Draw": the canvas, and ready shapes beside it; gives the drawing as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.figures.template import palette
from dashboard.lab.strokes import SHAPES, from_canvas
from dashboard.ui import lab_parts
from dashboard.ui.language import t

SIDE_PX = 290
"""As wide as a card on a phone of 360 pixels."""
_ROUND, _READY = "lab.sketch.round", "lab.sketch.ready"
_BRUSH_PX = 6
_PAPER = "#F4F5FA"
USUAL = "ring"


def ask() -> str:
    """Draw canvas and shapes; returns the drawing as JSON text, the usual shape while nothing is drawn."""
    st.markdown(f"**{t('lab_draw.canvas')}**")
    st.caption(t("lab_draw.canvas.about"))
    with st.container(horizontal=True, gap="small"):
        for name in SHAPES:
            st.button(
                t(f"lab_draw.shape.{name}"), key=f"lab-shape-{name}", type="tertiary", on_click=_take, args=(name,)
            )
    strokes = from_canvas(_sent(f"lab-canvas-{st.session_state.setdefault(_ROUND, 0)}"))
    if strokes:
        return json.dumps(strokes, separators=(",", ":"))
    return json.dumps(SHAPES[st.session_state.get(_READY, USUAL)], separators=(",", ":"))


def _sent(key: str) -> Mapping[str, Any] | None:
    """The component itself: what it says was drawn on it."""
    from streamlit_drawable_canvas import st_canvas  # registers itself with a running Streamlit when it is imported

    p = palette(dark=lab_parts.dark())
    result = st_canvas(
        stroke_width=_BRUSH_PX,
        stroke_color=p.sequence[0],
        background_color=p.grid if lab_parts.dark() else _PAPER,
        width=SIDE_PX,
        height=SIDE_PX,
        drawing_mode="freedraw",
        key=key,
    )
    drawn: Mapping[str, Any] | None = result.json_data
    return drawn


def _take(name: str) -> None:
    """A ready shape instead of what was drawn: the canvas begins anew."""
    st.session_state[_READY] = name
    st.session_state[_ROUND] += 1
