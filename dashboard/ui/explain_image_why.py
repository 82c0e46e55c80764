"""Part of Explain, image: the sentence first, then the map over the picture, then the evidence, then the numbers."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import streamlit as st

from dashboard.catalogue import Catalogue
from dashboard.explain.contract import Explanation
from dashboard.explain.entry import ExplainerEntry
from dashboard.explain.image.places import pointing
from dashboard.explain.image.same_code import Told, same_code
from dashboard.figures.contours import SHARES, contours
from dashboard.figures.overlay import alt, as_png, is_signed, overlay, places_table
from dashboard.figures.removal import removal
from dashboard.ui import address, canvas, explain_code, explain_opacity, explaining, lab_parts
from dashboard.ui.explain_image_source import IMAGENET, Asked
from dashboard.ui.language import current, t
from dashboard.ui.own_data import plain
from data.text import Text

USUAL = "grad_cam"
_AUTOMATIC = ""


def render(asked: Asked, ways: dict[str, ExplainerEntry]) -> None:
    """Why the model says what it says of the picture, by one way to explain."""
    chosen = address.pick(
        t("explain_image.method"), list(ways), parameter="method", default=USUAL, show=lambda name: t(ways[name].title)
    )
    st.caption(t(ways[chosen].summary))
    layer = _AUTOMATIC
    if any(field.name == "layer" for field in ways[chosen].fields):
        layer = st.session_state.get(_layer_key(asked), _AUTOMATIC)
    config: dict[str, Any] = {"layer": layer} if layer else {}
    explaining.explained(
        asked.request(chosen, config), lambda one: _framed(one, asked, chosen), arrays=asked.arrays, height=420
    )
    st.caption(t("explain_image.calibrated"))


def ways_of(catalogue: Catalogue, asked: Asked) -> dict[str, ExplainerEntry]:
    """The ways to explain a picture, by name; those that look at attention where the model may have some."""
    convolutional = asked.values["model"] == IMAGENET
    return {
        one.name: one
        for one in catalogue.explainers_for("image")
        if not (convolutional and one.name.startswith("attention_"))
    }


def _framed(one: Explanation, asked: Asked, way: str) -> None:
    with st.container(key="passage-image-why"):  # names of classes are those of the model, in English
        draw(one, asked, way)


def draw(one: Explanation, asked: Asked, way: str) -> None:
    """One snapshot."""
    if "sentence" in one.details:
        st.markdown(f"#### {plain(t(Text(**one.details['sentence'])))}")
    else:
        share = f"{one.details['probability']:.2f}"
        st.markdown(f"#### {plain(t('explain_image.says', name=one.target, share=share))}")
    seen, told = one.arrays["seen"], alt(one.attributions, one.target, current())
    covered, legend = _shown(one)
    with st.grid(2, min_column_width=280):
        with st.container():
            lab_parts.picture(covered, t("explain_image.map"), told)
            st.caption(legend)
        with st.container():
            lab_parts.picture(as_png(seen), t("explain_image.seen"), t("explain_image.seen.alt", name=one.target))
            _says(one)
    with st.container(horizontal=True):
        with st.popover(t("explain_image.numbers"), icon=":material/table:", type="tertiary"):
            st.dataframe(places_table(one.attributions, current()), hide_index=True, alt=told)
        if "layers" in one.details:
            _layers(one, asked)
    _pointing(one)
    if "sentence" in one.details:
        lines = Told(
            asked.values["model"], asked.values.get("sample", ""), int(one.details["class"]), one.target, one.details
        )
        explain_code.render(same_code(way, lines))
    if "curves_blur" in one.arrays:
        st.markdown(f"**{t('explain_image.curves')}**")
        curves = np.asarray(one.arrays["curves_blur"])
        lab_parts.chart(removal(curves, name=one.target, language=current(), dark=lab_parts.dark()), key="curves_blur")


def _shown(one: Explanation) -> tuple[bytes, str]:
    """Draw how the map is to be shown -> the picture with it, and what its marks mean."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        way = address.choice(
            t("explain_image.shown"), ["map", "contours"], parameter="shown", show=lambda name: t(f"explain_image.shown.{name}")
        )  # fmt: skip
        if way == "contours":
            shares = " · ".join(f"{share:.0%}" for share in SHARES)
            return contours(one.arrays["seen"], one.attributions), t("explain_image.legend.contours", shares=shares)
        opacity = explain_opacity.choose()
    covered = overlay(one.arrays["seen"], one.attributions, opacity=opacity, outline=one.arrays.get("region"))
    return covered, t("explain_image.legend.signed" if is_signed(one.attributions) else "explain_image.legend")


def _pointing(one: Explanation) -> None:
    """The pointing game: a person paints what should matter, and reads how far the map agrees."""
    seen = one.arrays["seen"]
    if not st.toggle(t("explain_image.pointing"), key="explain_image.pointing", help=t("explain_image.pointing.help")):
        return
    wanted = canvas.paint(seen, key=f"pointing.{hashlib.sha256(seen.tobytes()).hexdigest()[:12]}")
    if not wanted.any():
        st.caption(t("explain_image.pointing.none"))
        return
    score = pointing(one.attributions, wanted)
    st.markdown(f"{':green[:material/my_location:]' if score.hit else ':red[:material/location_off:]'} {t(score.text)}")


def _says(one: Explanation) -> None:
    """The likeliest classes; each can be asked about."""
    for number, (name, share) in enumerate(one.details["top"]):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(min(1.0, float(share)), text=f"{plain(name)} · {share:.2f}", width="stretch")
            if name != one.target:
                asked = st.button(
                    t("explain_image.why"),
                    key=f"explain_image.why.{number}",
                    type="tertiary",
                    help=t("explain_image.why.help", name=name),
                )
                if asked:
                    address.put("target", None if number == 0 else name)
                    st.rerun()  # the whole page: another question is asked


def _layer_key(asked: Asked) -> str:
    return f"explain_image.layer.{asked.values['model']}"


def _layers(one: Explanation, asked: Asked) -> None:
    names, now = list(one.details["layers"]), str(one.details["layer"])
    with st.popover(t("explain_image.layer", name=now), icon=":material/layers:", type="tertiary"):
        chosen = st.selectbox(
            t("explain_image.layer.which"),
            names,
            names.index(now),
            key=f"{_layer_key(asked)}.{now}",
            help=t("explain_image.layer.help"),
        )
    if chosen != now:
        st.session_state[_layer_key(asked)] = chosen
        st.rerun()  # the whole page: another question is asked
