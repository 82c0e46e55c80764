"""Explain a likeness: two pictures before an encoder that learned without labels, and the parts of each that make them alike."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from dashboard.explain.contract import Explanation
from dashboard.figures.overlay import alt, as_png, is_signed, overlay, places_table
from dashboard.ui import explain_opacity, explain_trained, explaining, lab_parts, studio
from dashboard.ui.face import Face
from dashboard.ui.language import current, t
from data.text import Text

FACE = Face(
    name="embedding",
    title=Text(en="Likeness", hi="समानता"),
    about=Text(
        en="Two pictures, and why an encoder that learned without labels finds them alike: which parts of each its vectors have in common.",
        hi="दो तस्वीरें, और बिना लेबल सीखे एनकोडर को वे एक जैसी क्यों लगती हैं: हर एक के किन हिस्सों से उनके वेक्टर मिलते हैं।",
    ),
    order=4,
)

USUAL = "alike_hiding"


def render() -> None:
    """Draw the face."""
    with st.container(border=True, key="embedding-source"):
        found = explain_trained.choose_run(
            lambda method: "embed" in method.answers, none=t("explain_embedding.none"), method="simclr", dataset="mnist"
        )
        if found is None:
            return
        run, data = found
        left, right = st.columns(2)
        with left:
            one = explain_trained.picture(run, data, parameter="item", label=t("explain_embedding.first"))
        with right:
            other = explain_trained.picture(
                run, data, parameter="other", label=t("explain_embedding.second"), default=2, array="other", number="other_item"
            )  # fmt: skip
    catalogue = studio.catalogue()
    if one is None or other is None or catalogue is None:
        return
    way = explain_trained.way({entry.name: entry for entry in catalogue.explainers_for("embedding")}, usual=USUAL)
    asked = {"kind": "embedding", "method": way.name, "model": run.id, "config": {}, **one.values, **other.values}
    explaining.explained(asked, _draw, arrays={**one.arrays, **other.arrays}, height=420)
    st.caption(t("explain_embedding.calibrated"))


def _draw(one: Explanation) -> None:
    """One snapshot: the sentence, both pictures with their maps, the numbers."""
    if "sentence" in one.details:
        st.markdown(f"#### {t(Text(**one.details['sentence']))}")
    name = t("explain_embedding.likeness")
    told = alt(one.attributions, name, current())
    shown = partial(overlay, opacity=explain_opacity.choose())
    with st.grid(2, min_column_width=240):
        with st.container():
            first = shown(one.arrays["seen"], one.attributions, outline=one.arrays.get("region"))
            lab_parts.picture(first, t("explain_embedding.first"), told)
        with st.container():
            if "other_map" in one.arrays:
                there = np.asarray(one.arrays["other_map"])
                second = shown(one.arrays["other_seen"], there, outline=one.arrays["other_region"])
                lab_parts.picture(second, t("explain_embedding.second"), alt(there, name, current()))
            else:
                lab_parts.picture(
                    as_png(one.arrays["other_seen"]), t("explain_embedding.second"), t("explain_embedding.second")
                )
    st.caption(t("explain_embedding.legend.signed" if is_signed(one.attributions) else "explain_embedding.legend"))
    with st.popover(t("explain_image.numbers"), icon=":material/table:", type="tertiary"):
        st.dataframe(places_table(one.attributions, current()), hide_index=True, alt=told)
