"""A text as it stands in a data set or as a model wrote it: its line breaks kept, nothing in it read as markup."""

from __future__ import annotations

import streamlit as st


def passage(text: str, *, key: str, height: int | None = None) -> None:
    """Show a text in its own language; `key` tells it from the other texts of the page."""
    with st.container(key=f"passage-{key}"):
        st.code(text, language=None, wrap_lines=True, height="content" if height is None else height)
