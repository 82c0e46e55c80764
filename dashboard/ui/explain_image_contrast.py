"""Part of Explain, image: two answers contrasted: two classes of a model, or two models, on the same picture by the same way."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy.typing as npt
import streamlit as st

from dashboard.explain.contract import Explanation
from dashboard.explain.entry import ExplainerEntry
from dashboard.figures.overlay import alt, overlay
from dashboard.ui import address, explaining
from dashboard.ui.explain_image_source import Asked, classifiers
from dashboard.ui.explain_image_why import USUAL
from dashboard.ui.language import current, t
from dashboard.ui.own_data import plain
from data.text import Text

_OPACITY = 0.8


def render(asked: Asked, ways: dict[str, ExplainerEntry]) -> None:
    """Draw both, and how much they share."""
    way = address.pick(
        t("explain_image.method"), list(ways), parameter="method", default=USUAL, show=lambda name: t(ways[name].title)
    )
    found: list[tuple[npt.NDArray[Any], str]] = []
    rivals: list[str] = []

    def draw(one: Explanation, side: str) -> None:
        if side == "one":
            rivals[:] = [name for name, _ in one.details["top"] if name != one.target]
        told = Text(**one.details["sentence"]) if "sentence" in one.details else None
        region = one.arrays.get("region")
        if told is not None and region is not None:
            found.append((region.astype(bool), one.target))
        st.image(
            overlay(one.arrays["seen"], one.attributions, opacity=_OPACITY, outline=region), width="stretch",
            alt=alt(one.attributions, one.target, current()),
        )  # fmt: skip
        if told is not None:
            st.markdown(f"**{plain(t(told))}**")
        _others(one, side)

    with st.grid(2, min_column_width=280, border=True):
        with st.container():
            st.markdown(f"**{t('explain_image.contrast.one')}**")
            st.caption(classifiers()[asked.values["model"]])
            explaining.explained(
                asked.request(way), partial(draw, side="one"), arrays=asked.arrays, height=320, evidence=False
            )
        with st.container():
            st.markdown(f"**{t('explain_image.contrast.other')}**")
            explaining.explained(
                _other(asked, rivals).request(way),
                partial(draw, side="other"),
                arrays=asked.arrays,
                height=320,
                evidence=False,
            )
    if len(found) == 2 and found[0][0].shape == found[1][0].shape:
        (first, a), (second, b) = found
        shared = float((first & second).sum() / max(1, (first | second).sum()))
        st.markdown(t("explain_image.contrast.shared", share=f"{shared:.0%}", a=plain(a), b=plain(b)))


def _other(asked: Asked, rivals: list[str]) -> Asked:
    """The same picture before another model, or about another class: the strongest rival until one is chosen."""
    known = classifiers()
    model = address.pick(
        t("explain_image.model"),
        list(known),
        parameter="model2",
        default=asked.values["model"],
        show=lambda one: known[one],
    )
    rival = rivals[0] if rivals and model == asked.values["model"] else None
    target = st.query_params.get("target2") or rival
    values = {key: value for key, value in asked.values.items() if key != "target"}
    return replace(asked, values={**values, "model": model, **({"target": target} if target else {})})


def _others(one: Explanation, side: str) -> None:
    """The likeliest classes: each can be taken for the right side."""
    with st.container(horizontal=True):
        for name, share in one.details["top"]:
            if st.button(
                f"{plain(name)} · {share:.2f}",
                key=f"contrast.{side}.{name}",
                type="tertiary",
                help=t("explain_image.contrast.take"),
            ):
                address.put("target2", name)
                st.rerun()  # the whole page: another question is asked
