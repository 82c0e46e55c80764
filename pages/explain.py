"""Explain: why a model said what it said, of an image, a table or a text; each kind is one file of `dashboard/ui/`."""

from __future__ import annotations

import streamlit as st

from dashboard.ui import address, answers, face, studio
from dashboard.ui.language import t
from dashboard.ui.page import Page, guarded, header
from data.text import Text

PAGE = Page("explain", Text(en="Explain", hi="वजह"), ":material/quiz:", "understand", 2, keeps_view=True)


def render() -> None:
    """Draw the chosen kind."""
    faces = {one.face.name: one for one in face.discover(face.EXPLAIN)}
    studio.supervisor()
    header(t("explain.title"))
    chosen = faces[
        address.choice(t("explain.faces"), list(faces), parameter="of", show=lambda name: t(faces[name].face.title))
    ]
    st.caption(t(chosen.face.about))
    guarded(chosen.render)()
    answers.watch()
