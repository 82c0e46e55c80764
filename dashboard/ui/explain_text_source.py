"""Part of Explain, text: which text, and which model is asked about it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.tracking.records import Run, RunFilter
from dashboard.ui import address, lab_parts, links, studio
from dashboard.ui.language import t
from dashboard.ui.seen_text_attention import can_be_looked_into

SENTIMENT, MINILM, ENGLISH_HINDI = "sentiment", "minilm", "english_hindi"
COMPARED = (MINILM, ENGLISH_HINDI)
_SAMPLES = {
    "favour": "A warm, funny film with wonderful actors, though the ending is a little slow.",
    "likeness": "A small red heart",
    "other": "love",
    "next": "The value of the",
    "blank": "The value of the ____ is a string.",
}
"""What stands there at first: in English, as what the models read."""
_LOOKED_AT = 300
_MOST = 600


def choose() -> dict[str, Any] | None:
    """Draw the choices -> the request without its method; None, with the reason on screen, while there is no text."""
    if studio.catalogue() is None:
        lab_parts.waiting(t("explain_text.first"), height=320)
        return None
    runs = {run.id: run for run in studio.store().runs(RunFilter(limit=_LOOKED_AT)) if can_be_looked_into(run)}
    with st.container(border=True, key="passage-text-source"):
        model = address.pick(
            t("explain_text.model"), [SENTIMENT, *COMPARED, *runs], parameter="model",
            show=lambda one: _named(one, runs), help=t("explain_text.model.help"),
        )  # fmt: skip
        family = _family(model, runs)
        text = _typed("text", family, t(f"explain_text.type.{family}"), _SAMPLES[family])
        other = ""
        if model in COMPARED:
            other = _typed("other", family, t("explain_text.other"), _SAMPLES["other"])
        if model != ENGLISH_HINDI:
            looked = MINILM if model in (SENTIMENT, *COMPARED) else model
            links.link(
                "representations", t("explain_text.attention"), icon=":material/visibility:",
                of="text_attention", looked=looked, text=text[:200],
            )  # fmt: skip
    if not text.strip():
        st.info(t("explain_text.empty"), icon=":material/edit:")
        return None
    target = st.query_params.get("target")
    return {
        "kind": "text", "model": model, "text": text, **({"other": other} if other else {}), **({"target": target} if target else {}),
    }  # fmt: skip


def _named(model: str, runs: dict[str, Run]) -> str:
    return f"{runs[model].name} · {model}" if model in runs else t(f"explain_text.model.{model}")


def _family(model: str, runs: dict[str, Run]) -> str:
    """What the model is asked: favour, likeness, the next token, or a blank."""
    if model == SENTIMENT:
        return "favour"
    if model in COMPARED:
        return "likeness"
    return "blank" if runs[model].method == "bert" else "next"


def _typed(name: str, scope: str, label: str, first: str) -> str:
    """A text of some lines; it stands in the address, so that a link shows the same."""
    key = f"explain_text.{name}:{scope}"
    if key not in st.session_state:
        asked = st.query_params.get(name)
        st.session_state[key] = asked[:_MOST] if asked else first

    def keep() -> None:
        address.put(name, str(st.session_state[key]))
        address.put("target", None)  # of another text

    return str(st.text_area(label, key=key, max_chars=_MOST, height=96, on_change=keep))
