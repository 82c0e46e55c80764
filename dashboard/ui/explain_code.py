"""Part of Explain: the few lines that give the same number without the studio, where a library does."""

from __future__ import annotations

import streamlit as st

from dashboard.ui.language import t


def render(code: str | None) -> None:
    """Draw them, folded."""
    with st.expander(t("explain_code.title"), icon=":material/code:"):
        if code is None:
            st.caption(t("explain_code.none"))
        else:
            st.caption(t("explain_code.about"))
            st.code(code, language="python", height=420)
