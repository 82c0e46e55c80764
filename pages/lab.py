"""Lab: understand diffusion with your own hands; each face of the page is one file of `dashboard/ui/`."""

from __future__ import annotations

import streamlit as st

from dashboard.ui import address, answers, face, selftest, studio
from dashboard.ui.language import t
from dashboard.ui.page import Page, guarded, header
from data.text import Text

PAGE = Page("lab", Text(en="Lab", hi="लैब"), ":material/science:", "understand", 0, keeps_view=True)


def render() -> None:
    """Draw the chosen face."""
    faces = {one.face.name: one for one in face.discover()}
    studio.supervisor()
    header(t("lab.title"))
    chosen = faces[
        address.choice(t("lab.faces"), list(faces), parameter="face", show=lambda name: t(faces[name].face.title))
    ]
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(t(chosen.face.about), width="content")
        selftest.badge()
    guarded(chosen.render)()
    answers.watch()
