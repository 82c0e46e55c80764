"""A living Plotly chart: refreshes without flicker, keeps its zoom, and tells when a person zooms.

`st.plotly_chart` makes a chart's identity from its whole content (Streamlit 1.67, `key_as_main_identity=False`), so a
live chart is torn down and built anew at each refresh: it flickers, and `uirevision` has nothing to hold on to. This
component keeps one chart alive under its key. Its library is Plotly's own "basic" bundle (scatter, bar, pie) of the
version that the Python package carries, served from `dashboard/static`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from dashboard.figures.drawing import Drawing

LIBRARY = "plotly-basic-4.1.1.min.js"
_HTML = '<div class="samajh-plot" role="img"></div>'
_CSS = ".samajh-plot { width: 100%; }"


@lru_cache(maxsize=1)
def _component() -> ComponentRenderer:
    script = (Path(__file__).parent / "plot.js").read_text(encoding="utf-8")
    return st.components.v2.component("samajh_plot", html=_HTML, css=_CSS, js=script, isolate_styles=False)


def plot(
    drawing: Drawing,
    *,
    key: str,
    on_zoom: Callable[[str], None] | None = None,
    on_pick: Callable[[str], None] | None = None,
) -> None:
    """Show a drawing under a fixed key.

    Args:
        drawing: The figure with its alternative text.
        key: Identity of the chart; the same key keeps the same chart in the browser.
        on_zoom: Called with the key after a person zoomed; `zoomed(key)` then tells the range.
        on_pick: Called with the id of a point that a person clicked; only points of traces with `ids` have one.
    """
    shown = {"figure": drawing.json(), "alt": drawing.alt, "library": f"app/static/{LIBRARY}"}

    def changed() -> None:
        if on_zoom is not None:
            on_zoom(key)

    def clicked() -> None:
        state = st.session_state.get(key)
        if on_pick is not None and state is not None and state.get("pick"):
            on_pick(str(state["pick"]))

    _component()(key=key, data=shown, on_zoom_change=changed, on_pick_change=clicked)


def zoomed(key: str) -> tuple[float, float] | None:
    """Inside `on_zoom`: the x range a person chose, in axis units; None after a double click (the whole curve)."""
    state = st.session_state.get(key)
    chosen = state.get("zoom") if state is not None else None
    return (float(chosen[0]), float(chosen[1])) if chosen else None
