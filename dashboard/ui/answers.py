"""Answers of compute workers for the pages: asked off the script thread, kept, and the page drawn anew when they come."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy.typing as npt
import streamlit as st

from dashboard.compute.client import ask
from dashboard.compute.framing import Message
from dashboard.ui import studio
from dashboard.ui.background import Background, Outcome
from dashboard.ui.page import guarded

_TIMEOUT_S = 120.0
_LOOK_EVERY_S = 0.25
_KEPT = 48
_MOST_BYTES = 12 * 2**20
"""All sessions together: one walk of a model is up to a few MiB, and the process of the pages is to stay small."""
_MISSED, _WAKING = "answers.missed", "answers.waking"


def answer(
    request: str,
    values: Mapping[str, Any],
    arrays: Mapping[str, npt.NDArray[Any]] | None = None,
    *,
    timeout_s: float = _TIMEOUT_S,
) -> Outcome[Message] | None:
    """The answer to a request; None while it is being worked out. The same question is asked once."""
    here, asked, given = studio.settings(), dict(values), dict(arrays or {})
    key = key_of(request, asked, given)
    outcome = background().ask(key, lambda: ask(here, request, asked, given, timeout_s=timeout_s))
    if outcome is None:
        st.session_state.setdefault(_MISSED, set()).add(key)
    return outcome


def known(request: str, values: Mapping[str, Any]) -> Outcome[Message] | None:
    """The answer to a request if it is there already; nothing is asked."""
    return background().peek(key_of(request, values, {}))


def forget(request: str, values: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]] | None = None) -> None:
    """Ask again next time."""
    background().forget(key_of(request, values, arrays or {}))


def key_of(request: str, values: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> str:
    """What tells a question from another."""
    digest = hashlib.sha256(json.dumps([request, dict(values)], sort_keys=True).encode())
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.shape} {array.dtype}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def wake_when(ready: Callable[[], bool]) -> None:
    """Draw the page once more when this is so, whatever else it waits for."""
    st.session_state[_WAKING] = ready


def watch() -> None:
    """Draw the page anew whenever one of the answers it lacks has come, also when it came while the page was being drawn.

    Not only when all have: what takes long, here or of another person, would hold back what is there.
    """
    missed, ready = st.session_state.pop(_MISSED, set()), st.session_state.pop(_WAKING, None)
    if missed or ready is not None:
        st.fragment(guarded(lambda: _look(missed, ready)), run_every=_LOOK_EVERY_S)()


def _look(missed: set[str], ready: Callable[[], bool] | None) -> None:
    if not all(background().pending(key) for key in missed) or (ready is not None and ready()):
        st.rerun()


@st.cache_resource(show_spinner=False, max_entries=1)
def background() -> Background[Message]:
    """Where the questions wait."""
    return Background(keep=_KEPT, waiting=24, weigh=_bytes, most_bytes=_MOST_BYTES)


def _bytes(message: Message) -> int:
    return sum(array.nbytes for array in message.arrays.values())
