"""A picture of one's own, brought to the shape that a model knows; a part of faces of Representations."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.lab.fitting import fitted
from dashboard.ui.language import t
from dashboard.ui.page import tell
from data.catalog import FloatArray
from data.images import SUFFIXES, decode_image
from data.text import Problem


def own_picture(shape: Sequence[int], *, key: str) -> FloatArray | None:
    """Draw the field for a file; the picture [colours, height, width] in [-1, 1], or None while there is none that can be read."""
    given = st.file_uploader(t("seen_picture.own"), type=[suffix[1:] for suffix in SUFFIXES], key=f"{key}-own")
    if given is None:
        return None
    turned = st.toggle(t("seen_picture.negative"), key=f"{key}-negative", help=t("seen_picture.negative.help"))
    try:
        picture = decode_image(given.getvalue(), given.name)
    except Problem as problem:
        tell(problem)
        return None
    return fitted(picture, shape, negative=turned)
