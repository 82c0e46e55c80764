"""The face "Map of pictures": where an encoder puts the pictures of its data, who is near whom, and a picture of one's own."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import streamlit as st

from dashboard.compute.framing import Message
from dashboard.figures.embedding import ColourBy, agreement, embedding_map
from dashboard.lab.pictures import pixels_of, png
from dashboard.tracking.records import Run
from dashboard.ui import address, answers, lab_models, lab_parts
from dashboard.ui.face import Face
from dashboard.ui.language import current, t
from dashboard.ui.page import guarded
from dashboard.ui.seen_encoders import at_a_step, choose
from dashboard.ui.seen_picture import own_picture
from data.catalog import Kind
from data.text import Text

FACE = Face(
    name="embedding",
    title=Text(en="Map of pictures", hi="तस्वीरों का नक़्शा"),
    about=Text(
        en="Where an encoder puts the pictures of its data: circle some to see them, bring one of your own, move back in training.",
        hi="एनकोडर अपने डेटा की तस्वीरें कहाँ रखता है: कुछ को घेरकर देखें, अपनी एक तस्वीर लाएँ, ट्रेनिंग में पीछे जाएँ।",
    ),
    order=2,
)

KINDS: tuple[Kind, ...] = ("image", "video")
"""A film is shown as one of its frames."""
MAPS = ("pca", "tsne", "umap")
COLOURS: tuple[ColourBy, ...] = ("class", "agreement")
_COUNT = 400
_SHOWN, _COLUMNS = 48, 12


def render() -> None:
    """Draw the face."""
    with st.container(border=True, key="seen-model"):
        run = choose("embed", parameter="encoder", none=t("seen_embedding.none"), method="simclr", kinds=KINDS)
        if run is None:
            return
        left, right = st.columns(2, vertical_alignment="bottom")
        with left:
            step = at_a_step(run)
        with right:
            how = address.choice(
                t("seen_embedding.map"), MAPS, parameter="map", show=lambda word: t(f"seen_embedding.map.{word}")
            )
    outcome = answers.answer("embed", {"run": run.id, **step, "count": _COUNT, "map": how})
    if not lab_models.settled(outcome, height=460):
        return
    assert outcome is not None and outcome.value is not None
    st.fragment(guarded(_look))(outcome.value)
    _own(outcome.value, run, step)


def _look(said: Message) -> None:
    """The map, drawn alone while it is coloured and circled."""
    y, classes = said.arrays.get("y"), said.values["classes"]
    by: ColourBy = "class"
    if y is not None:
        by = cast(ColourBy, address.choice(
            t("seen_embedding.colour"), COLOURS, parameter="colour", show=lambda word: t(f"seen_embedding.colour.{word}")
        ))  # fmt: skip
        share = float(agreement(said.arrays["near"], y).mean())
        even = float(np.square(np.bincount(y) / len(y)).sum())
        st.caption(t("seen_embedding.agreement", share=f"{share:.0%}", chance=f"{even:.0%}"))
    drawing = embedding_map(
        said.arrays["place"], said.arrays["near"], y, classes, by=by, dark=lab_parts.dark(), language=current()
    )
    with st.container(border=True):
        event = st.plotly_chart(
            drawing.spec, key="seen-embedding-map", theme=None, on_select="rerun", selection_mode=("lasso", "box", "points"),
            config={"displaylogo": False, "scrollZoom": False},
        )  # fmt: skip
        if y is not None:
            with st.popover(t("lab.numbers"), icon=":material/table:", type="tertiary"):
                st.dataframe(drawing.table, hide_index=True, height=320, alt=drawing.alt)
    chosen = numbers_of(event)
    if not chosen:
        st.caption(t("seen_embedding.circle"))
    elif len(chosen) == 1:
        _row(said, said.arrays["near"][chosen[0]].tolist(), said.arrays["x"][chosen[0]], t("seen_embedding.neighbours"))
    else:
        shown = said.arrays["x"][chosen[:_SHOWN]]
        st.image(
            png(pixels_of(shown, "image", columns=_COLUMNS), width=640),
            width="content",
            alt=t("seen_embedding.chosen", n=len(chosen)),
        )
        st.caption(t("seen_embedding.chosen", n=len(chosen)))


def numbers_of(event: Any) -> list[int]:
    """The items that are circled on the map, by number."""
    points = event.get("selection", {}).get("points", []) if event else []
    return sorted({int(np.ravel(point["customdata"])[0]) for point in points if point.get("customdata") is not None})


def _row(said: Message, near: list[int], first: Any, caption: str) -> None:
    """A picture and those nearest to it."""
    row = np.concatenate([first[None], said.arrays["x"][near]])
    st.image(png(pixels_of(row, "image", columns=len(row)), width=560), width="content", alt=caption)
    st.caption(caption)


def _own(said: Message, run: Run, step: dict[str, Any]) -> None:
    """A picture of one's own and the pictures nearest to it."""
    with st.container(border=True):
        x = own_picture(said.arrays["x"].shape[1:], key="seen-embedding")
        if x is None:
            return
        outcome = answers.answer("embed", {"run": run.id, **step}, {"x": x[None]})
        if not lab_models.settled(outcome, height=80):
            return
        assert outcome is not None and outcome.value is not None
        _row(
            said,
            nearest_to(outcome.value.arrays["vectors"][0], said.arrays["vectors"]),
            x,
            t("seen_embedding.own.near"),
        )


def nearest_to(vector: Any, vectors: Any, count: int = 6) -> list[int]:
    """Numbers of the vectors [items, features] with the largest cosine to `vector` [features]."""
    lengths = np.linalg.norm(vectors, axis=1) * max(float(np.linalg.norm(vector)), 1e-12)
    found: list[int] = np.argsort(-(vectors @ vector) / np.maximum(lengths, 1e-12))[:count].tolist()
    return found
