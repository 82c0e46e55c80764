"""Data: what there is to train on, a look into each set, and a person's own images and texts."""

from __future__ import annotations

import streamlit as st

from dashboard.catalogue import Catalogue, DatasetEntry
from dashboard.ui import links, own_data, own_texts, previews, studio
from dashboard.ui.background import Outcome
from dashboard.ui.choosing import OWN_IMAGES, OWN_TEXTS
from dashboard.ui.language import t
from dashboard.ui.page import Page, header
from dashboard.ui.passage import passage
from dashboard.ui.previews import Preview
from dashboard.ui.quantities import number
from data.text import Text

PAGE = Page("data", Text(en="Data", hi="डेटा"), ":material/database:", "library", 0)

CARD_PX = 260


def render() -> None:
    """Draw the page."""
    header(t("data.title"), t("data.caption"))
    catalogue = studio.catalogue()
    if catalogue is None:
        st.caption(f":material/hourglass_top: {t('data.first')}")
        for column in st.columns(3):
            column.skeleton(height=300)
    else:
        _shipped(catalogue)
    own_data.section()
    own_texts.section()
    st.caption(t("data.plugins", folder=studio.settings().plugins))
    previews.watch()


def _shipped(catalogue: Catalogue) -> None:
    grid = st.grid(3, min_column_width=CARD_PX, border=True)
    for dataset in catalogue.datasets.values():
        if dataset.name not in (OWN_IMAGES, OWN_TEXTS):
            with grid.cell():
                _card(dataset, trainable=bool(catalogue.methods_for(dataset.name)))


def _card(dataset: DatasetEntry, *, trainable: bool) -> None:
    required = any(field.required for field in dataset.fields)
    outcome = None if required else previews.preview(dataset.name)
    if outcome is None and not required:
        st.skeleton(height=previews.SHOWN_PX)
    elif outcome is not None and outcome.value is not None:
        _looks(dataset, outcome.value)
    st.markdown(f"**{t(dataset.title)}**", help=t("data.source", source=dataset.source) if dataset.source else None)
    st.caption(t(dataset.summary))
    _facts(outcome)
    st.caption(t("data.licence", licence=t(dataset.licence)))
    if trainable:
        links.link("new_run", t("data.train"), icon=":material/add_circle:", dataset=dataset.name)


def _looks(dataset: DatasetEntry, found: Preview) -> None:
    """The picture, with the captions of its first items under it, and the sounds to play."""
    if found.passage:
        passage(found.passage, key=dataset.name, height=previews.SHOWN_PX)
    else:
        st.image(found.png, width="stretch", alt=t("data.alt", title=t(dataset.title)))
    if found.wav is not None:
        st.audio(found.wav, format="audio/wav")
    if found.said:
        quoted = " · ".join(f"“{own_data.plain(t(one))}”" for one in found.said)
        st.caption(t("data.said", captions=quoted))


def _facts(outcome: Outcome[Preview] | None) -> None:
    """How many items there are, of which shape; or why they cannot be shown."""
    if outcome is None:
        return
    if outcome.problem is not None:
        st.caption(f":orange[:material/warning: {t(outcome.problem.text)}]")
    elif outcome.value is not None:
        found = outcome.value
        facts = [t("data.split", train=number(found.train), test=number(found.test)), _shape(found)]
        if found.classes:
            facts.append(t("data.classes", count=len(found.classes)))
        if found.captions:
            facts.append(t("data.captions", count=found.captions))
        st.caption(" · ".join(facts))


def _shape(found: Preview) -> str:
    """The shape of one item in words."""
    if found.kind == "points":
        return t("data.shape.points", count=found.shape[0])
    if found.kind == "cloud":
        return t("data.shape.cloud", count=found.shape[0])
    if found.kind == "audio":
        return t("data.shape.audio", seconds=number(found.shape[-1] / found.rate_hz, 2), rate=number(found.rate_hz))
    if found.kind == "text":
        return t("data.shape.text", count=found.shape[0])
    if found.kind == "video":
        frames, _, height, width = found.shape
        return t("data.shape.video", count=frames, width=width, height=height)
    channels, height, width = found.shape
    return t("data.shape.grey" if channels == 1 else "data.shape.colour", width=width, height=height)
