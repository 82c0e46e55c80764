"""A text as a strip of tokens: point at one, and those it attends to are inked. All of it happens in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

_HTML = (
    '<div class="samajh-tokens" role="group"><div class="strip"></div><div class="line" aria-live="polite"></div></div>'
)
_CSS = """
.samajh-tokens { font-family: var(--st-font, inherit); color: var(--st-text-color); }
.samajh-tokens .strip { display: flex; flex-wrap: wrap; gap: 3px; }
.samajh-tokens button { all: unset; cursor: pointer; padding: 3px 5px; border-radius: 4px; min-width: 8px; min-height: 20px;
  text-align: center; border: 1px solid color-mix(in srgb, currentColor 25%, transparent); white-space: pre; }
.samajh-tokens button[aria-pressed="true"] { outline: 2px solid var(--st-text-color); }
.samajh-tokens .line { margin-top: 10px; min-height: 48px; overflow-wrap: anywhere; }
"""


@lru_cache(maxsize=1)
def _component() -> ComponentRenderer:
    script = (Path(__file__).parent / "token_strip.js").read_text(encoding="utf-8")
    return st.components.v2.component("samajh_tokens", html=_HTML, css=_CSS, js=script, isolate_styles=False)


def token_strip(
    tokens: Sequence[str], weights: npt.NDArray[np.floating], *, label: str, key: str, first: int = -1
) -> None:
    """Show tokens and who looks where, weights [tokens, tokens]; `first` is the token that is pointed at before anybody does."""
    rows = np.rint(np.asarray(weights) * 1000).astype(int).tolist()
    shown = {"tokens": list(tokens), "rows": rows, "label": label, "at": first % len(tokens)}
    with st.container(key=f"passage-{key}"):
        _component()(key=key, data=shown)
