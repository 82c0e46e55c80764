"""The face "Attention in images": what each place of a picture attends to, in every layer and head, over the checkpoints of a run."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from dashboard.compute.framing import Message
from dashboard.figures.template import colour
from dashboard.lab import attended
from dashboard.lab.looking import rollout
from dashboard.lab.pictures import png
from dashboard.tracking.records import Run
from dashboard.ui import address, answers, lab_models, lab_parts
from dashboard.ui.face import Face
from dashboard.ui.language import t
from dashboard.ui.page import guarded
from dashboard.ui.seen_encoders import at_a_step, choose, held_out
from data.text import Text
from lightning_modules.ssl.pointing import Cut, on_object

FACE = Face(
    name="image_attention",
    title=Text(en="Attention in images", hi="तस्वीरों में अटेंशन"),
    about=Text(
        en="Where a vision transformer looks: choose a place, a layer and a head, and move back to see attention form.",
        hi="विज़न ट्रांसफ़ॉर्मर कहाँ देखता है: जगह, परत और हेड चुनें, और पीछे जाकर अटेंशन को बनते देखें।",
    ),
    order=3,
)

VIEWS = ("head", "grid", "rollout")
_MEAN, _WHOLE = "0", 0
_WIDTH_PX = 420


def render() -> None:
    """Draw the face."""
    with st.container(border=True, key="seen-model"):
        run = choose("attention", parameter="seer", none=t("seen_image_attention.none"), method="dino")
        if run is None:
            return
        left, right = st.columns(2, vertical_alignment="bottom")
        with left:
            step = at_a_step(run)
        with right:
            count = held_out(run)
            item = 0 if count < 2 else address.slide(
                t("seen_image_attention.item"), 1, min(count, 200), parameter="item", scope=run.id, default=1
            ) - 1  # fmt: skip
    outcome = answers.answer("attention", {"run": run.id, **step, "first": item, "count": 1})
    if not lab_models.settled(outcome, height=420):
        return
    assert outcome is not None and outcome.value is not None
    played = answers.answer("pointing", {"run": run.id, **step})
    st.fragment(guarded(_look))(outcome.value, run, None if played is None else played.value)


def _look(said: Message, run: Run, played: Message | None) -> None:
    """The weights over the picture, drawn alone while place, layer and head are chosen; `played`: the pointing game, once it is known."""
    x, attention = said.arrays["x"][0], said.arrays["attention"][0]
    cut = Cut(int(said.values["rows"]), int(said.values["columns"]), int(said.values["patch"]))
    ink = _ink()
    view = address.choice(
        t("seen_image_attention.view"),
        VIEWS,
        parameter="view",
        show=lambda word: t(f"seen_image_attention.view.{word}"),
    )
    if view == "grid":
        picture = attended.all_heads(x, attention, cut, ink)
        layers, heads = attention.shape[:2]
        alt = t("seen_image_attention.grid.alt", layers=layers, heads=heads)
        st.image(png(picture, width=picture.shape[1]), width="content", alt=alt)
        st.caption(t("seen_image_attention.grid.about"))
        return
    if view == "rollout":
        st.caption(t("seen_image_attention.rollout.about"))
        _shown(x, rollout(attention)[0, 1:], cut, None)
        return
    layer, head = _head(x, attention, cut, run)
    _pointing(played, layer, head)


def _head(x: Any, attention: Any, cut: Cut, run: Run) -> tuple[int, int]:
    """What one place attends to; the layer and the head that are chosen, counted from 1, head 0 for the mean of all."""
    layers, heads = attention.shape[:2]
    with st.grid(4, min_column_width=150):
        layer = _numbered("layer", layers, run.id, default=layers)
        head = address.pick(
            t("seen_image_attention.head"), [_MEAN, *map(str, range(1, heads + 1))], parameter="head", scope=run.id,
            show=lambda word: t("seen_image_attention.head.mean") if word == _MEAN else word,
        )  # fmt: skip
        row = address.slide(
            t("seen_image_attention.row"),
            _WHOLE,
            cut.rows,
            parameter="row",
            scope=run.id,
            default=_WHOLE,
            help=t("seen_image_attention.row.help"),
        )
        column = 1 if row == _WHOLE else _numbered("column", cut.columns, run.id, default=(cut.columns + 1) // 2)
    token = 0 if row == _WHOLE else 1 + (row - 1) * cut.columns + column - 1
    of_layer = attention[layer - 1]
    weights = (of_layer.mean(axis=0) if head == _MEAN else of_layer[int(head) - 1])[token]
    _shown(x, weights[1:], cut, None if token == 0 else token - 1)
    return layer, int(head)


def _pointing(played: Message | None, layer: int, head: int) -> None:
    """How often this head finds the object, over many pictures."""
    if played is None:
        return
    if not played.values["pictures"]:
        found, needed = played.values["found"], played.values["needed"]
        st.caption(t("seen_image_attention.pointing.few", count=found, needed=needed))
        return
    st.caption(t("seen_image_attention.pointing", count=played.values["pictures"]))
    hits = played.arrays["hits"]
    best, which = np.unravel_index(int(hits[:, 1:].argmax()), hits[:, 1:].shape)
    lab_parts.facts(
        [
            (t("seen_image_attention.pointing.here"), f"{hits[layer - 1, head]:.0%}", t("seen_image_attention.pointing.help")),
            (t("seen_image_attention.pointing.best", layer=int(best) + 1, head=int(which) + 1), f"{hits[:, 1:].max():.0%}",
             t("seen_image_attention.pointing.best.help", heads=hits[:, 1:].size)),
            (t("seen_image_attention.pointing.middle"), f"{played.values['middle']:.0%}", t("seen_image_attention.pointing.middle.help")),
            (t("seen_image_attention.pointing.chance"), f"{played.values['chance']:.0%}", None),
        ]
    )  # fmt: skip


def _shown(x: Any, weights: Any, cut: Cut, mark: int | None) -> None:
    laid = cut.laid(weights)
    left, right = st.columns([3, 2])
    with left:
        picture = attended.overlay(x, laid, cut, _ink(), mark=mark)
        st.image(png(picture, width=_WIDTH_PX), width=_WIDTH_PX, alt=t("seen_image_attention.alt"))
        st.caption(t("seen_image_attention.read"))
    with right:
        on, chance = on_object(x, laid, cut)
        lab_parts.facts(
            [
                (t("seen_image_attention.on"), f"{on:.0%}", t("seen_image_attention.on.help")),
                (t("seen_image_attention.chance"), f"{chance:.0%}", t("seen_image_attention.chance.help")),
            ]
        )


def _numbered(parameter: str, count: int, scope: str, *, default: int) -> int:
    """A number from 1 on; without a slider where there is but one."""
    label = t(f"seen_image_attention.{parameter}")
    return address.slide(label, 1, count, parameter=parameter, scope=scope, default=default) if count > 1 else 1


def _ink() -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour(1, dark=False).removeprefix("#"))
    return red, green, blue
