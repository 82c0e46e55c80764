"""The button that saves a run as one HTML file."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard.figures.report import report
from dashboard.ui import studio
from dashboard.ui.language import current, t
from data.text import Language


def save_as_html(run: str) -> None:
    """The file is made only when somebody clicks."""
    st.download_button(
        t("run.do.save"),
        partial(_page, run, current()),
        file_name=f"samajh-{run}.html",
        mime="text/html",
        icon=":material/save_alt:",
        on_click="ignore",
        key="do-save",
    )


def _page(run: str, language: Language) -> bytes:
    return report(studio.store(), run, catalogue=studio.catalogue(), language=language).encode()
