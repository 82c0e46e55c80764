"""What faces of the lab share: a chart with its table beside it, waiting places, a row of pictures, a person's upload."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard.figures.drawing import Drawing
from dashboard.ui.language import t
from dashboard.ui.plot import plot
from data.text import Problem


def dark() -> bool:
    """Whether the page is shown in the dark theme."""
    return st.context.theme.type == "dark"


def chart(drawing: Drawing, *, key: str, on_pick: Callable[[str], None] | None = None) -> None:
    """A figure, and its numbers behind a button for those who want to read them."""
    plot(drawing, key=key, on_pick=on_pick)
    for note in drawing.notes:
        st.caption(note)
    with st.popover(t("lab.numbers"), icon=":material/table:", type="tertiary"):
        st.dataframe(drawing.table, hide_index=True, height=320, alt=drawing.alt)


def waiting(words: str, *, height: int) -> None:
    """A place where something is being worked out."""
    st.caption(f":material/hourglass_top: {words}")
    st.skeleton(height=height)


def sorry(problem: Problem) -> None:
    """What went wrong, where it would have stood."""
    st.warning(t(problem.text), icon=":material/warning:")


def picture(png: bytes, title: str, alt: str) -> None:
    """A picture under its name."""
    st.markdown(f"**{title}**")
    st.image(png, width="stretch", alt=alt)


def facts(pairs: Sequence[tuple[str, str, str | None]]) -> None:
    """Numbers with their names, side by side as long as there is room; the third word of each is its help."""
    with st.container(border=True), st.container(horizontal=True, horizontal_alignment="distribute"):
        for name, value, help_ in pairs:
            with st.container(width="content", gap=None):
                st.caption(name, help=help_)
                st.markdown(f"**{value}**")
