"""Explain a diffusion model: which pixels drive it at a noise level, what a word of the prompt does, and where the loss of a picture lies."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from dashboard.catalogue import MethodEntry
from dashboard.explain.contract import Explanation
from dashboard.explain.entry import ExplainerEntry
from dashboard.figures.overlay import alt, as_png, overlay, places_table
from dashboard.tracking.records import Run
from dashboard.ui import address, explain_opacity, explain_trained, explaining, lab_parts, studio
from dashboard.ui.face import Face
from dashboard.ui.language import current, t
from dashboard.ui.own_data import plain
from dashboard.ui.seen_encoders import DataFacts
from data.text import Text

FACE = Face(
    name="denoiser",
    title=Text(en="Diffusion", hi="डिफ़्यूज़न"),
    about=Text(
        en="See which pixels drive a denoiser at each noise level, what a word of the prompt does, and where the loss of a picture lies.",
        hi="देखें कि हर नॉइज़ स्तर पर मॉडल किन पिक्सेल से चलता है, प्रॉम्प्ट का एक शब्द क्या करता है, और तस्वीर का लॉस कहाँ है।",
    ),
    order=3,
)

FAMILIES = ("diffusion", "repair", "prompts")
USUAL = "driving_pixels"
_OF_WORDS = ("word_attention_map", "word_left_out")
_WHOLE, _NO_CLASS = "all", "-"
_WORD = "explain_denoiser.word"
_NOISE = 50


def render() -> None:
    """Draw the face."""
    with st.container(border=True, key="passage-denoiser-source"):
        found = explain_trained.choose_run(
            lambda method: method.family in FAMILIES, none=t("explain_denoiser.none"), method="ddpm", dataset="mnist"
        )
        if found is None:
            return
        run, data = found
        left, right = st.columns(2)
        with left:
            chosen = explain_trained.picture(run, data, parameter="item", label=t("explain_denoiser.item"))
        with right:
            noise = address.slide(
                t("explain_denoiser.noise"),
                0,
                100,
                parameter="noise",
                default=_NOISE,
                help=t("explain_denoiser.noise.help"),
            )
            told = _told(run, data)
    if chosen is None:
        return
    way = explain_trained.way(_ways(run), usual=USUAL)
    scope = explaining.as_json({"model": run.id, **told, **chosen.values})
    asked = {
        "kind": "denoiser", "method": way.name, "model": run.id, "noise": noise, **told, **chosen.values, "config": _config(way, scope)
    }  # fmt: skip
    explaining.explained(asked, partial(_draw, way=way, scope=scope), arrays=chosen.arrays, height=420)
    st.caption(t(f"explain_denoiser.calibrated.{way.name}"))


def _reads_words(run: Run) -> bool:
    catalogue = studio.catalogue()
    method: MethodEntry | None = None if catalogue is None else catalogue.methods.get(run.method)
    return method is not None and "words" in method.answers


def _ways(run: Run) -> dict[str, ExplainerEntry]:
    """The ways that this run's model knows: those of words where it reads some."""
    catalogue, words = studio.catalogue(), _reads_words(run)
    listed = () if catalogue is None else catalogue.explainers_for("denoiser")
    return {one.name: one for one in listed if words or one.name not in _OF_WORDS}


def _told(run: Run, data: DataFacts) -> dict[str, Any]:
    """What the model is told besides the picture: a prompt, or a class."""
    if _reads_words(run):
        prompt = address.words(
            t("explain_denoiser.prompt"), parameter="prompt", scope=run.id, placeholder=t("explain_denoiser.prompt")
        )
        return {"prompt": prompt} if prompt.strip() else {}
    if not data.classes:
        return {}
    options = [_NO_CLASS, *map(str, range(len(data.classes)))]
    label = address.pick(
        t("explain_denoiser.class"), options, parameter="label", scope=run.id,
        show=lambda one: t("explain_denoiser.class.own") if one == _NO_CLASS else data.classes[int(one)],
    )  # fmt: skip
    return {} if label == _NO_CLASS else {"label": int(label)}


def _config(way: ExplainerEntry, scope: str) -> dict[str, Any]:
    """What the way itself is told: a part of the answer, or a word that was chosen of these words."""
    if way.name in _OF_WORDS:
        of, word = st.session_state.get(_WORD, ("", ""))
        return {"word": word} if of == scope else {}
    part = next((field for field in way.fields if field.name == "part"), None)
    if part is None:
        return {}
    titles = {str(choice.value): choice.label for choice in part.choices}
    chosen = address.pick(
        t(part.title),
        list(titles),
        parameter="part",
        default=_WHOLE,
        show=lambda one: t(titles[one]),
        help=t(part.help),
    )
    return {} if chosen == _WHOLE else {"part": chosen}


def _draw(one: Explanation, way: ExplainerEntry, scope: str) -> None:
    """One snapshot: the sentence, the words, the three pictures, the numbers."""
    with st.container(key="passage-denoiser-why"):  # words of a prompt are those that were typed
        if "sentence" in one.details:
            st.markdown(f"#### {plain(t(Text(**one.details['sentence'])))}")
        if "words" in one.details:
            _words(one, scope)
        opacity = explain_opacity.choose()
        covered = overlay(one.arrays["seen"], one.attributions, opacity=opacity, outline=one.arrays.get("region"))
        told = alt(one.attributions, _title(one), current())
        step = f"{one.details['step']:,}"
        with st.grid(3, min_column_width=220):
            with st.container():
                lab_parts.picture(covered, t(f"explain_denoiser.map.{way.name}"), told)
                st.caption(t(f"explain_denoiser.legend.{way.name}"))
            with st.container():
                noisy = t("explain_denoiser.noisy", step=step, steps=f"{one.details['steps']:,}")
                lab_parts.picture(as_png(one.arrays["noisy"]), noisy, noisy)
            with st.container():
                lab_parts.picture(
                    as_png(one.arrays["denoised"]), t("explain_denoiser.denoised"), t("explain_denoiser.denoised.alt")
                )
        with st.popover(t("explain_image.numbers"), icon=":material/table:", type="tertiary"):
            st.dataframe(places_table(one.attributions, current()), hide_index=True, alt=told)


def _title(one: Explanation) -> str:
    return t(Text(**one.details["title"])) if "title" in one.details else one.target


def _words(one: Explanation, scope: str) -> None:
    """The words of the prompt; each can be looked at."""
    with st.container(horizontal=True):
        for number, word in enumerate(one.details["words"]):
            looked = word == one.details["word"]
            key = f"explain_denoiser.word.{number}"
            if st.button(plain(word), key=key, type="primary" if looked else "secondary") and not looked:
                st.session_state[_WORD] = (scope, word)
                st.rerun()  # the whole page: another question is asked
