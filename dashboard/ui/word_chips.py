"""Draws words as chips (`dashboard.figures.word_chips`); pointing at one reads out its number, all in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

_HTML = (
    '<div class="samajh-words"><div class="strip" role="group"></div><div class="line" aria-live="polite"></div></div>'
)
_CSS = """
.samajh-words { font-family: var(--st-font, inherit); color: var(--st-text-color); font-size: 1.15rem; line-height: 1.5; }
.samajh-words .strip { display: flex; flex-wrap: wrap; gap: 5px 4px; }
.samajh-words button { all: unset; cursor: pointer; padding: 2px 6px; border-radius: 5px 5px 2px 2px; min-height: 24px; overflow-wrap: anywhere; }
.samajh-words button:focus-visible { outline: 2px solid var(--st-text-color); }
.samajh-words sup { font-size: 0.75em; margin-left: 2px; font-weight: 600; }
.samajh-words .line { margin-top: 8px; min-height: 24px; font-size: 0.9rem; opacity: 0.75; overflow-wrap: anywhere; }
"""


@lru_cache(maxsize=1)
def _component() -> ComponentRenderer:
    script = (Path(__file__).parent / "word_chips.js").read_text(encoding="utf-8")
    return st.components.v2.component("samajh_words", html=_HTML, css=_CSS, js=script, isolate_styles=False)


def word_chips(chips: Sequence[dict[str, Any]], *, label: str, hint: str, key: str) -> None:
    """Show words; `label` says the same to those who hear the page, `hint` stands where numbers are read out."""
    with st.container(key=f"passage-{key}"):
        _component()(key=key, data={"chips": list(chips), "label": label, "hint": hint})
