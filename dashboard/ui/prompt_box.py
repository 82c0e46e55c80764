"""The box of a run whose model takes a prompt: words in, pictures out, drawn by a compute worker off the script thread."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st
from PIL import Image

from dashboard.compute.client import ask
from dashboard.tracking.folder import CHECKPOINTS
from dashboard.tracking.records import Run
from dashboard.ui import studio
from dashboard.ui.background import Background, Outcome
from dashboard.ui.language import t
from dashboard.ui.page import guarded

PICTURES = 6
STEPS = 20
SHOWN_PX = 140
"""Width and height of a picture on screen, two abreast on a phone; it is enlarged in whole pixels to at least this."""
_TIMEOUT_S = 60.0
_LOOK_EVERY_S = 0.3
_LONGEST = 300
"""More is not taken from the keyboard; what the model reads is shorter still, and it says so itself."""


@dataclass(frozen=True)
class Wish:
    """What is asked of the model of a run."""

    run: str
    prompt: str
    guidance: float
    seed: int

    @property
    def values(self) -> dict[str, Any]:
        """The request, as a compute worker takes it."""
        return {
            "run": self.run, "prompt": self.prompt, "guidance": self.guidance, "seed": self.seed,
            "count": PICTURES, "steps": STEPS,
        }  # fmt: skip


def render(run: Run) -> None:
    """The box; nothing for a run whose model takes no prompt or has no checkpoint yet."""
    catalogue = studio.catalogue()
    method = None if catalogue is None else catalogue.methods.get(run.method)
    if method is None or not method.needs_captions or run.deleted_at is not None or not _has_checkpoint(run):
        return
    with st.container(border=True, key="prompt"):
        st.markdown(f"**{t('prompt_box.title')}**")
        _form(run)
        wish = st.session_state.get(_key(run))
        if wish is not None:
            waiting = _drawings().ask(_name(wish), lambda: _drawn(wish)) is None
            st.fragment(guarded(_answer), run_every=_LOOK_EVERY_S if waiting else None)(wish, waiting)


def _has_checkpoint(run: Run) -> bool:
    return any((studio.settings().runs / run.id / CHECKPOINTS).glob("*.ckpt"))


def _form(run: Run) -> None:
    with st.form(f"prompt:{run.id}", border=False):
        prompt = st.text_input(
            t("prompt_box.prompt"),
            key=f"prompt-words:{run.id}",
            placeholder=t("prompt_box.example"),
            max_chars=_LONGEST,
            help=t("prompt_box.prompt.help"),
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
            wish = Wish(run.id, prompt, float(guidance), int(seed))
            _drawings().forget(_name(wish))  # a newer checkpoint may be there
            st.session_state[_key(run)] = wish


def _answer(wish: Wish, waited: bool) -> None:
    """The pictures, or skeletons in their place."""
    outcome = _drawings().ask(_name(wish), lambda: _drawn(wish))
    if outcome is None:
        for column in st.columns(PICTURES):
            with column:
                st.skeleton(height=SHOWN_PX)
        return
    if waited:
        st.rerun()  # once, so that the timer stops
    _show(outcome, wish)


def _show(outcome: Outcome[list[bytes]], wish: Wish) -> None:
    if outcome.problem is not None:
        st.warning(t(outcome.problem.text), icon=":material/info:")
        return
    with st.container(horizontal=True, gap="small"):
        for number, png in enumerate(outcome.value or (), start=1):
            st.image(png, width=SHOWN_PX, alt=t("prompt_box.alt", number=number, prompt=wish.prompt))


def _drawn(wish: Wish) -> list[bytes]:
    answer = ask(studio.settings(), "sample", wish.values, timeout_s=_TIMEOUT_S)
    return [enlarged(item) for item in answer.arrays["x"]]


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


def _name(wish: Wish) -> str:
    return json.dumps(vars(wish), sort_keys=True)


@st.cache_resource(show_spinner=False, max_entries=1)
def _drawings() -> Background[list[bytes]]:
    return Background(keep=64, waiting=16)
