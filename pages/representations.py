"""Representations: what a model has learned without labels, what it is worth, and where it looks; each face is one file of `dashboard/ui/`."""

from __future__ import annotations

import streamlit as st

from dashboard.ui import address, answers, face, studio
from dashboard.ui.language import t
from dashboard.ui.page import Page, guarded, header
from data.text import Text

PAGE = Page(
    "representations", Text(en="Representations", hi="रिप्रेज़ेंटेशन"), ":material/hub:", "understand", 1, keeps_view=True
)


def render() -> None:
    """Draw the chosen face."""
    faces = {one.face.name: one for one in face.discover(face.REPRESENTATIONS)}
    studio.supervisor()
    header(t("representations.title"))
    chosen = faces[
        address.choice(
            t("representations.faces"), list(faces), parameter="of", show=lambda name: t(faces[name].face.title)
        )
    ]
    st.caption(t(chosen.face.about))
    guarded(chosen.render)()
    answers.watch()
