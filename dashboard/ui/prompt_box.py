"""The box of a run whose model takes a prompt: words in, pictures out, drawn by a compute worker off the script thread."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st
from PIL import Image

from dashboard.compute.client import ask
from dashboard.lab.word_maps import lead, overlay
from dashboard.tracking.folder import CHECKPOINTS
from dashboard.tracking.records import Run
from dashboard.ui import studio
from dashboard.ui.background import Background, Outcome
from dashboard.ui.language import t
from dashboard.ui.page import guarded
from data.images import SUFFIXES, decode_image, square
from data.text import Problem

PICTURES = 6
STEPS = 20
SHOWN_PX = 140
"""Width and height of a picture on screen, two abreast on a phone; it is enlarged in whole pixels to at least this."""
_TIMEOUT_S = 60.0
_LOOK_EVERY_S = 0.3
_MOST_MIB = 10
_LONGEST = 300
"""More is not taken from the keyboard; what the model reads is shorter still, and it says so itself."""


Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Wish:
    """What is asked of the model of a run: `toward` is a second prompt that the pictures lead to, `varied` a picture in place of prompts."""

    run: str
    prompt: str
    guidance: float
    seed: int
    toward: str = ""
    request: str = "sample"
    varied: Array | None = None

    @property
    def values(self) -> dict[str, Any]:
        """The request, as a compute worker takes it."""
        return {
            "run": self.run, "prompt": self.prompt, "guidance": self.guidance, "seed": self.seed,
            "count": PICTURES, "steps": STEPS, **({"toward": self.toward} if self.toward else {}),
        }  # fmt: skip

    @property
    def arrays(self) -> dict[str, Array]:
        """What goes with it."""
        return {} if self.varied is None else {"picture": self.varied[None]}

    @property
    def name(self) -> str:
        """What tells it from another."""
        picture = b"" if self.varied is None else self.varied.tobytes()
        return hashlib.sha256(json.dumps([self.request, self.values]).encode() + picture).hexdigest()


@dataclass(frozen=True)
class Drawn:
    """Pictures [count, channels, height, width]; if they were watched, the words and where each was at work [count, words, height, width]."""

    x: Array
    words: tuple[str, ...] = ()
    maps: Array | None = None


def render(run: Run) -> None:
    """The box; nothing for a run whose model takes no prompt or has no checkpoint yet."""
    catalogue = studio.catalogue()
    method = None if catalogue is None else catalogue.methods.get(run.method)
    if method is None or not method.needs_captions or run.deleted_at is not None or not _has_checkpoint(run):
        return
    with st.container(border=True, key="prompt"):
        st.markdown(f"**{t('prompt_box.title')}**")
        _form(run, varies="vary" in method.answers)
        wish = st.session_state.get(_key(run))
        if wish is not None:
            waiting = _drawings().ask(wish.name, lambda: _drawn(wish)) is None
            st.fragment(guarded(_answer), run_every=_LOOK_EVERY_S if waiting else None)(
                run, wish, method.answers, waiting
            )


def _has_checkpoint(run: Run) -> bool:
    return any((studio.settings().runs / run.id / CHECKPOINTS).glob("*.ckpt"))


def _form(run: Run, *, varies: bool) -> None:
    with st.form(f"prompt:{run.id}", border=False):
        prompt = st.text_input(
            t("prompt_box.prompt"),
            key=f"prompt-words:{run.id}",
            placeholder=t("prompt_box.example"),
            max_chars=_LONGEST,
            help=t("prompt_box.prompt.help"),
        )
        toward = ""
        if varies:
            toward = st.text_input(
                t("prompt_box.toward"),
                key=f"prompt-toward:{run.id}",
                max_chars=_LONGEST,
                help=t("prompt_box.toward.help"),
            )
        left, right, last = st.columns([3, 2, 2], vertical_alignment="bottom")
        guidance = left.slider(
            t("prompt_box.guidance"), 0.0, 8.0, 2.0, 0.5,
            key=f"prompt-guidance:{run.id}", help=t("prompt_box.guidance.help"),
        )  # fmt: skip
        seed = right.number_input(
            t("prompt_box.seed"), 0, 2**31 - 1, 0, key=f"prompt-seed:{run.id}", help=t("prompt_box.seed.help")
        )
        if last.form_submit_button(t("prompt_box.draw"), type="primary", icon=":material/brush:", width="stretch"):
            wish = Wish(run.id, prompt, float(guidance), int(seed), toward.strip())
            _drawings().forget(wish.name)  # a newer checkpoint may be there
            st.session_state[_key(run)] = wish


def _answer(run: Run, wish: Wish, answers: Sequence[str], waited: bool) -> None:
    """The pictures, or skeletons in their place."""
    if st.session_state.get(_key(run)) is not wish:
        st.rerun()  # a button in here has asked for something else, which the page has to ask with its own timer
    outcome = _drawings().ask(wish.name, lambda: _drawn(wish))
    if outcome is None:
        for column in st.columns(PICTURES):
            with column:
                st.skeleton(height=SHOWN_PX)
        return
    if waited:
        st.rerun()  # once, so that the timer stops
    _show(run, outcome, wish, answers)


def _show(run: Run, outcome: Outcome[Drawn], wish: Wish, answers: Sequence[str]) -> None:
    if outcome.problem is not None:
        st.warning(t(outcome.problem.text), icon=":material/info:")
        return
    assert outcome.value is not None
    drawn = outcome.value
    with st.container(horizontal=True, gap="small"):
        for number, item in enumerate(drawn.x, start=1):
            st.image(enlarged(item), width=SHOWN_PX, alt=t("prompt_box.alt", number=number, prompt=wish.prompt))
    if "words" in answers:
        _words(run, wish, drawn)
    if "vary" in answers:
        _vary(run, wish, drawn)


def _words(run: Run, wish: Wish, drawn: Drawn) -> None:
    """Which pixels each word drove, once it is asked for."""
    if drawn.maps is None:
        watched = replace(wish, request="words")
        st.button(
            t("prompt_box.words"), key=f"prompt-watch:{run.id}", icon=":material/visibility:", type="tertiary",
            help=t("prompt_box.words.help"), on_click=_wish, args=(run, watched),
        )  # fmt: skip
        return
    number = _chosen(run, "words", len(drawn.x))
    over = lead(drawn.maps[number])
    with st.container(horizontal=True, gap="small"):
        for word, share in zip(drawn.words, over, strict=True):
            with st.container(width=SHOWN_PX, gap=None):
                picture = overlay(drawn.x[number], share, float(over.max()))
                st.image(enlarged(picture), width=SHOWN_PX, alt=t("prompt_box.words.alt", word=word))
                st.caption(word)
    st.caption(t("prompt_box.words.about"))


def _vary(run: Run, wish: Wish, drawn: Drawn) -> None:
    """Other pictures like one of these, or like one of the person's own."""
    number = _chosen(run, "vary", len(drawn.x))
    with st.container(horizontal=True, vertical_alignment="center"):
        again = replace(wish, varied=drawn.x[number], toward="")
        st.button(
            t("prompt_box.vary"), key=f"prompt-vary:{run.id}", icon=":material/shuffle:",
            help=t("prompt_box.vary.help"), on_click=_wish, args=(run, again),
        )  # fmt: skip
        with st.popover(t("prompt_box.own"), icon=":material/upload:", type="tertiary"):
            sent = st.file_uploader(
                t("prompt_box.own.file"),
                type=[suffix.removeprefix(".") for suffix in sorted(SUFFIXES)],
                key=f"prompt-own:{run.id}",
                max_upload_size=_MOST_MIB,
            )
            if sent is not None:
                try:
                    image = decode_image(sent.getvalue(), sent.name)
                except Problem as problem:
                    st.warning(t(problem.text), icon=":material/warning:")
                    return
                own = square(image, drawn.x.shape[-1], grey=drawn.x.shape[1] == 1).transpose(2, 0, 1)
                given = replace(wish, varied=(own / 127.5 - 1).astype(np.float32), toward="")
                st.button(t("prompt_box.vary"), key=f"prompt-vary-own:{run.id}", on_click=_wish, args=(run, given))


def _chosen(run: Run, what: str, count: int) -> int:
    """The number, from 0, of the picture that is meant."""
    numbers = list(range(1, count + 1))
    chosen = st.segmented_control(
        t("prompt_box.which"), numbers, default=1, wrap=True, key=f"prompt-which-{what}:{run.id}"
    )
    return int(chosen or 1) - 1


def _wish(run: Run, wish: Wish) -> None:
    st.session_state[_key(run)] = wish


def _drawn(wish: Wish) -> Drawn:
    answer = ask(studio.settings(), wish.request, wish.values, wish.arrays, timeout_s=_TIMEOUT_S)
    return Drawn(answer.arrays["x"], tuple(answer.values.get("words", ())), answer.arrays.get("maps"))


def enlarged(item: npt.NDArray[Any]) -> bytes:
    """One picture [1 or 3, height, width] in [-1, 1] as PNG, in whole pixels at least `SHOWN_PX` high."""
    pixels = np.clip((item + 1) * 127.5, 0, 255).round().astype(np.uint8).transpose(1, 2, 0)
    times = -(-SHOWN_PX // pixels.shape[0])
    whole = pixels.repeat(times, axis=0).repeat(times, axis=1)
    written = io.BytesIO()
    Image.fromarray(whole[..., 0] if whole.shape[2] == 1 else whole).save(written, "PNG")
    return written.getvalue()


def _key(run: Run) -> str:
    return f"prompt-wish:{run.id}"


@st.cache_resource(show_spinner=False, max_entries=1)
def _drawings() -> Background[Drawn]:
    return Background(keep=64, waiting=16)
