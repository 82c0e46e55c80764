"""Part of Explain, text: the sentence first, then the words, then the evidence, then the numbers."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from dashboard.explain.contract import Explanation
from dashboard.explain.entry import ExplainerEntry
from dashboard.explain.text.same_code import FAVOURABLE, Told, same_code
from dashboard.figures import word_chips as figure
from dashboard.ui import address, explain_code, explaining, studio
from dashboard.ui.language import current, t
from dashboard.ui.own_data import plain
from dashboard.ui.word_chips import word_chips
from data.text import Text

USUAL = "word_shap"
_COMPARED = ("word_shap", "word_lime", "word_gradients", "leave_one_out", "word_attention")


def render(asked: dict[str, Any]) -> None:
    """Why the model says what it says of the text, by one way to explain."""
    ways = _ways()
    chosen = address.pick(
        t("explain_text.method"), list(ways), parameter="method", default=USUAL, show=lambda name: t(ways[name].title)
    )
    st.caption(t(ways[chosen].summary))
    explaining.explained(
        {**asked, "method": chosen, "config": {}}, partial(_framed, asked=asked, way=chosen), height=260
    )
    st.caption(t("explain_text.calibrated"))


def side_by_side(asked: dict[str, Any]) -> None:
    """Several ways, each with its own words."""
    ways = _ways()
    chosen = address.several(
        t("explain_text.compare.which"), list(ways), parameter="ways", default=_COMPARED, show=lambda name: t(ways[name].title), most=6
    )  # fmt: skip
    for name in chosen:
        with st.container(border=True):
            st.markdown(f"**{t(ways[name].title)}**", help=t(ways[name].summary))
            explaining.explained(
                {**asked, "method": name, "config": {}}, partial(_words, key=f"chips-{name}"), height=90, evidence=False
            )


def _ways() -> dict[str, ExplainerEntry]:
    catalogue = studio.catalogue()
    return {} if catalogue is None else {one.name: one for one in catalogue.explainers_for("text")}


def _framed(one: Explanation, asked: dict[str, Any], way: str) -> None:
    with st.container(key="passage-text-why"):  # words are those that were typed, whatever their language
        draw(one)
    if "sentence" in one.details:
        good = one.details["title"]["en"] == FAVOURABLE
        explain_code.render(
            same_code(way, Told(asked["model"], asked["text"], asked.get("other", ""), good, one.details))
        )


def draw(one: Explanation) -> None:
    """One snapshot."""
    if "sentence" in one.details:
        st.markdown(f"#### {plain(t(Text(**one.details['sentence'])))}")
    else:
        share = f"{one.details['score']:.2f}"
        st.markdown(f"#### {t('explain_text.so_far', share=share)}")
    if "held_out" in one.details:
        held = one.details["held_out"]
        st.caption(
            t(
                "explain_text.held_out",
                share=f"{held['accuracy']:.1%}".replace("%", " %"),
                texts=f"{held['texts']:,}",
                commonest=f"{held['commonest']:.1%}".replace("%", " %"),
                learned=f"{held['learned_from']:,}",
            )
        )
    with st.container(border=True):
        _words(one, key="chips")
        st.caption(t("explain_text.legend.looked" if one.details.get("looked") else "explain_text.legend"))
    with st.container(horizontal=True):
        with st.popover(t("explain_text.numbers"), icon=":material/table:", type="tertiary"):
            words = one.details["words"]
            st.dataframe(
                figure.table(words, one.attributions, one.half_width, current()), hide_index=True,
                alt=figure.alt(words, one.attributions, current()),
            )  # fmt: skip
        with st.popover(t("explain_text.answers"), icon=":material/format_list_numbered:", type="tertiary"):
            _answers(one)


def _words(one: Explanation, *, key: str) -> None:
    words = one.details["words"]
    word_chips(
        figure.chips(words, one.attributions, one.half_width, one.details["always"]),
        label=figure.alt(words, one.attributions, current()), hint=t("explain_text.hint"), key=key,
    )  # fmt: skip


def _answers(one: Explanation) -> None:
    """The likeliest answers; each can be asked about."""
    here = Text(**one.details["title"])
    for number, (title, share) in enumerate(one.details["top"]):
        said = Text(**title)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(min(1.0, max(0.0, float(share))), text=f"{plain(t(said))} · {share:.2f}", width="stretch")
            if said != here and st.button(t("explain_text.why"), key=f"explain_text.why.{number}", type="tertiary"):
                address.put("target", said.en)
                st.rerun()  # the whole page: another question is asked
