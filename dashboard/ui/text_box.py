"""The boxes of a run whose model learned a language: it goes on from a beginning, or fills the blanks of a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.compute.framing import Message
from dashboard.figures.chances import bars
from dashboard.tracking.folder import CHECKPOINTS
from dashboard.tracking.records import Run
from dashboard.ui import answers, links, studio
from dashboard.ui.background import Outcome
from dashboard.ui.language import t
from dashboard.ui.page import guarded
from dashboard.ui.passage import passage

LONGEST = 2000
"""More is not taken from the keyboard; the model says itself how much of it it reads."""
_LENGTHS = (50, 100, 200, 400, 800)
_LOOK_EVERY_S = 0.3


def render(run: Run) -> None:
    """The boxes; nothing for a run whose model answers neither, or has no checkpoint yet."""
    catalogue = studio.catalogue()
    method = None if catalogue is None else catalogue.methods.get(run.method)
    if method is None or "text" not in method.accepts or run.deleted_at is not None or not _has_checkpoint(run):
        return
    for request, form in (("sample", _to_write), ("fill", _to_fill)):
        if request in method.answers:
            with st.container(border=True, key=f"text-{request}"):
                st.markdown(f"**{t(f'text_box.{request}')}**")
                form(run)
                _below(run, request)
    if "attention" in method.answers:
        links.link(
            "representations", t("text_box.attention"), icon=":material/visibility:", of="text_attention", looked=run.id
        )


def _has_checkpoint(run: Run) -> bool:
    return any((studio.settings().runs / run.id / CHECKPOINTS).glob("*.ckpt"))


def _to_write(run: Run) -> None:
    with st.form(f"write:{run.id}", border=False):
        prompt = st.text_area(
            t("text_box.prompt"), key=f"write-words:{run.id}", placeholder=t("text_box.prompt.example"),
            max_chars=LONGEST, height=80, help=t("text_box.prompt.help"),
        )  # fmt: skip
        length, heat, top, seed, go = st.columns([3, 3, 2, 2, 2], vertical_alignment="bottom")
        values = {
            "prompt": prompt,
            "length": length.select_slider(
                t("text_box.length"), _LENGTHS, 200, key=f"write-length:{run.id}", help=t("text_box.length.help")
            ),
            "temperature": heat.slider(
                t("text_box.temperature"), 0.0, 2.0, 0.8, 0.1,
                key=f"write-temperature:{run.id}", help=t("text_box.temperature.help"),
            ),
            "most_likely": int(top.number_input(
                t("text_box.top"), 0, 1000, 0, key=f"write-top:{run.id}", help=t("text_box.top.help")
            )),
            "seed": int(seed.number_input(
                t("text_box.seed"), 0, 2**31 - 1, 0, key=f"write-seed:{run.id}", help=t("text_box.seed.help")
            )),
        }  # fmt: skip
        if go.form_submit_button(t("text_box.write"), type="primary", icon=":material/edit:", width="stretch"):
            _wish(run, "sample", values)


def _to_fill(run: Run) -> None:
    with st.form(f"fill:{run.id}", border=False):
        left, go = st.columns([5, 1], vertical_alignment="bottom")
        prompt = left.text_input(
            t("text_box.blanks"), key=f"fill-words:{run.id}", placeholder=t("text_box.blanks.example"),
            max_chars=LONGEST, help=t("text_box.blanks.help"),
        )  # fmt: skip
        if go.form_submit_button(t("text_box.fill.go"), type="primary", icon=":material/edit:", width="stretch"):
            _wish(run, "fill", {"prompt": prompt, "expected": 8})


def _wish(run: Run, request: str, values: Mapping[str, Any]) -> None:
    """Ask the newest checkpoint; the answer stays on screen until something else is asked."""
    newest = studio.store().checkpoints(run.id)
    step = {"step": newest[-1].step} if newest and not run.example else {}
    st.session_state[_key(run, request)] = {"run": run.id, **step, **values}


def _below(run: Run, request: str) -> None:
    wish = st.session_state.get(_key(run, request))
    if wish is not None:
        waiting = answers.answer(request, wish) is None
        st.fragment(guarded(_answer), run_every=_LOOK_EVERY_S if waiting else None)(request, wish, waiting)


def _answer(request: str, wish: Mapping[str, Any], waited: bool) -> None:
    """What the model says, or a skeleton in its place."""
    outcome = answers.answer(request, wish)
    if outcome is None:
        st.skeleton(height=120)
        return
    if waited:
        st.rerun()  # once, so that the timer stops
    _show(outcome, request)


def _show(outcome: Outcome[Message], request: str) -> None:
    if outcome.value is None:
        if outcome.problem is not None:
            st.warning(t(outcome.problem.text), icon=":material/info:")
        return
    said = outcome.value.values
    if request == "sample":
        passage(said["prompt"] + said["texts"][0], key="box-written")
        if said["tokens"] > said["read"]:
            st.caption(t("text_box.read", read=said["read"], total=said["tokens"]))
        with st.expander(t("text_box.expected")):
            passage(bars(said["expected"]), key="box-expected")
        return
    passage(said["filled"], key="box-filled")
    for number, blank in enumerate(said["blanks"], start=1):
        st.caption(t("text_box.blank", number=number))
        passage(bars(blank), key=f"box-blank-{number}")


def _key(run: Run, request: str) -> str:
    return f"text-wish:{request}:{run.id}"
