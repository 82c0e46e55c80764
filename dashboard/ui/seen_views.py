"""The face "Two views": random views of a picture of one's own, as training makes them, and where the encoder puts them."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from dashboard.compute.framing import Message
from dashboard.explain.embedding.telling import cosine
from dashboard.figures.alike import alike_and_apart
from dashboard.lab.looking import nearer_than
from dashboard.lab.pictures import pixels_of, png
from dashboard.ui import address, answers, lab_models, lab_parts
from dashboard.ui.face import Face
from dashboard.ui.language import current, t
from dashboard.ui.seen_encoders import at_a_step, choose, data_of
from dashboard.ui.seen_picture import own_picture
from data.text import Text

FACE = Face(
    name="views",
    title=Text(en="Two views", hi="दो व्यू"),
    about=Text(
        en="What SimCLR is asked: two altered views of one picture must be found again among others. Try it with a photo of your own.",
        hi="SimCLR से यही पूछा जाता है: एक तस्वीर के दो बदले हुए व्यू बाक़ी सबमें से पहचानो। अपनी फ़ोटो से आज़माएँ।",
    ),
    order=1,
)

PAIRS = 6
_PAIR_PX, _ROW_PX = 110, 560
_KNOWN_AGAIN = 0.9
"""Share of others that the second view must be nearer than, for the encoder to be said to know the picture again."""

SNIPPET = """import torchvision.transforms as T
from PIL import Image

transform = T.Compose([
    T.RandomResizedCrop(224),
    T.RandomHorizontalFlip(),
    T.ColorJitter(),
    T.ToTensor()
])

img = Image.open("cat.jpg")
x1 = transform(img)  # View 1
x2 = transform(img)  # View 2

# Pass x1, x2 to encoder → project → NT-Xent loss"""
"""The source document's, "Use Case: SimCLR in Vision (PyTorch)"."""


def render() -> None:
    """Draw the face."""
    with st.container(border=True, key="seen-model"):
        run = choose("embed", parameter="encoder", none=t("seen_worth.none"), method="simclr")
        if run is None:
            return
        step = at_a_step(run)
    data = data_of(run)
    if data is None:
        lab_parts.waiting(t("lab.asking"), height=320)
        return
    left, right = st.columns([3, 2])
    with left, st.container(border=True):
        mine = own_picture(data.shape, key="seen-views")
        item = 0
        if mine is None and data.held_out > 1:
            item = address.slide(
                t("seen_views.item"), 1, min(data.held_out, 200), parameter="item", scope=run.id, default=1
            ) - 1  # fmt: skip
    with right, st.container(border=True):
        st.markdown(f"**{t('seen_views.document')}**")
        with st.container(height=210, border=False):
            st.code(SNIPPET, language="python")
        st.caption(t("seen_views.document.about"))
    seed = _seed()
    given = {} if mine is None else {"x": mine[None]}
    outcome = answers.answer("views", {"run": run.id, **step, "item": item, "pairs": PAIRS, "seed": seed}, given)
    if lab_models.settled(outcome, height=420):
        assert outcome is not None and outcome.value is not None
        _draw(outcome.value)


def _seed() -> int:
    return address.counted(st.query_params.get("vseed", "")) or 0


def _again() -> None:
    address.put("vseed", str(_seed() + 1))


def _draw(said: Message) -> None:
    """The verdict in words, the pairs, where they lie among others, and the neighbours."""
    arrays = said.arrays
    alike, apart = arrays["alike"], arrays["apart"]
    share = nearer_than(alike, apart)
    key = "seen_views.verdict.good" if share >= _KNOWN_AGAIN else "seen_views.verdict.bad"
    st.markdown(
        t(
            key,
            alike=cosine(alike.mean()),
            apart=cosine(apart.mean()),
            share=f"{share:.1%}",
            others=said.values["others"],
        )
    )
    if not said.values["own_views"]:
        st.caption(t("seen_views.borrowed"))
    with st.container(border=True):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"**{t('seen_views.pairs')}**", width="content")
            st.button(
                t("seen_views.again"),
                icon=":material/casino:",
                help=t("seen_views.again.help"),
                on_click=_again,
                key="seen-views-again",
            )
        with st.container(horizontal=True):
            _picture(arrays["x"], t("seen_views.yours"), t("seen_views.yours"))
            for k in range(len(alike)):
                _picture(arrays["views"][:, k], cosine(alike[k]), t("seen_views.pair", alike=cosine(alike[k])))
    with st.container(border=True):
        st.markdown(f"**{t('seen_views.chart')}**")
        drawing = alike_and_apart(alike, apart, dark=lab_parts.dark(), language=current())
        lab_parts.chart(drawing, key="seen-views")
    with st.container(border=True):
        row = np.concatenate([arrays["x"], arrays["near"]])
        st.image(
            png(pixels_of(row, "image", columns=len(row)), width=_ROW_PX), width="content", alt=t("seen_views.near")
        )
        st.caption(t("seen_views.near"))


def _picture(items: Any, caption: str, alt: str) -> None:
    """One picture, or two of them one below the other, over a caption."""
    with st.container(width="content", gap=None):
        st.image(png(pixels_of(items, "image", columns=1), width=_PAIR_PX), width=_PAIR_PX, alt=alt)
        st.caption(caption)
