"""Part of the lab's face "Draw": the canvas, and ready shapes beside it; gives the drawing as text."""

from __future__ import annotations

import json

import streamlit as st
from streamlit_drawable_canvas import st_canvas

from dashboard.figures.template import palette
from dashboard.lab.strokes import SHAPES, from_canvas
from dashboard.ui import lab_parts
from dashboard.ui.language import t

SIDE_PX = 360
_ROUND, _READY = "lab.sketch.round", "lab.sketch.ready"
_BRUSH_PX = 6
USUAL = "ring"


def ask() -> str:
    """Draw canvas and shapes; returns the drawing as JSON text, the usual shape while nothing is drawn."""
    p = palette(dark=lab_parts.dark())
    st.markdown(f"**{t('lab_draw.canvas')}**")
    st.caption(t("lab_draw.canvas.about"))
    with st.container(horizontal=True, gap="small"):
        for name in SHAPES:
            st.button(
                t(f"lab_draw.shape.{name}"), key=f"lab-shape-{name}", type="tertiary", on_click=_take, args=(name,)
            )
    result = st_canvas(
        stroke_width=_BRUSH_PX,
        stroke_color=p.sequence[0],
        background_color=p.grid if lab_parts.dark() else "#F4F5FA",
        width=SIDE_PX,
        height=SIDE_PX,
        drawing_mode="freedraw",
        key=f"lab-canvas-{st.session_state.setdefault(_ROUND, 0)}",
    )
    strokes = from_canvas(result.json_data)
    if strokes:
        return json.dumps(strokes, separators=(",", ":"))
    return json.dumps(SHAPES[st.session_state.get(_READY, USUAL)], separators=(",", ":"))


def _take(name: str) -> None:
    """A ready shape instead of what was drawn: the canvas begins anew."""
    st.session_state[_READY] = name
    st.session_state[_ROUND] += 1
