"""Part of Explain, image: a digit drawn on a canvas, explained anew after every stroke."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import streamlit as st

from dashboard.lab.drawn_picture import picture_of
from dashboard.lab.strokes import from_canvas
from dashboard.ui.language import t

_SIDE_PX, _BRUSH_PX = 280, 24
_ROUND = "explain_image.draw.round"


def ask() -> npt.NDArray[np.uint8] | None:
    """The canvas -> the picture that is drawn on it; None while it is empty."""
    from streamlit_drawable_canvas import st_canvas  # registers itself with a running Streamlit when it is imported

    turn = int(st.session_state.setdefault(_ROUND, 0))
    st.caption(t("explain_image.draw.about"))
    result = st_canvas(
        stroke_width=_BRUSH_PX, stroke_color="#FFFFFF", background_color="#000000", width=_SIDE_PX, height=_SIDE_PX,
        drawing_mode="freedraw", key=f"explain_image.draw.{turn}",
    )  # fmt: skip
    st.button(t("explain_image.draw.clear"), icon=":material/delete_sweep:", type="tertiary", on_click=_clear)
    return picture_of(from_canvas(result.json_data))


def _clear() -> None:
    st.session_state[_ROUND] += 1
