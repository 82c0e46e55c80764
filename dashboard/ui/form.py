"""A form drawn from declarations: a widget for each field, and its message beside it.

Bounds are checked by the declaration itself, not by the widgets: so the message stands at the field, in the language on
screen, and is the same sentence that the command line says.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.ui.language import t
from dashboard.ui.quantities import number, unit
from data.fields import Field
from data.text import Text

COLUMN_PX = 230


@dataclass(frozen=True)
class Question:
    """A field as a form asks for it.

    `section` is "training", "method" or "data"; `usual` is the value when nobody changes it; `offered` are values to
    choose from, with their names, for a text that may also be typed.
    """

    section: str
    field: Field
    usual: Any
    offered: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def name(self) -> str:
        """The qualified name, as in `--set training.steps=100`."""
        return f"{self.section}.{self.field.name}"

    @property
    def shown(self) -> Any:
        """The usual value as the widget holds it."""
        return as_held(self.field, self.usual)


def draw(questions: Sequence[Question], *, key: str, errors: Mapping[str, Text]) -> None:
    """Draw the questions, each with its message.

    Args:
        questions: What to ask.
        key: Beginning of the widgets' keys; the same key finds the same draft again, also after another page.
        errors: What is wrong, by qualified name.
    """
    grid = st.grid(min_column_width=COLUMN_PX, gap=("small", "medium"))
    for question in questions:
        with grid.cell():
            _widget(question, key=f"{key}.{question.name}")
            if question.name in errors:
                st.caption(f":red[:material/error: {t(errors[question.name])}]")


def held(question: Question, *, key: str) -> Any:
    """What the widget holds; the usual value before it was ever drawn."""
    value = st.session_state.get(f"{key}.{question.name}", question.shown)
    return as_held(question.field, value) if question.field.type == "string" else value


def put(question: Question, value: Any, *, key: str) -> None:
    """Put a value into the widget before it is drawn."""
    st.session_state[f"{key}.{question.name}"] = as_held(question.field, value)


def clear(key: str) -> None:
    """Forget the draft under `key`."""
    for name in [name for name in st.session_state if str(name).startswith(f"{key}.")]:
        del st.session_state[name]


def as_held(field: Field, value: Any) -> Any:
    """A value as the field's widget holds it."""
    if field.type == "number" and isinstance(value, int | float):
        return float(value)
    if field.type == "string" and value is None:
        return ""
    return json.dumps(value) if field.type == "json" else value


def _widget(question: Question, *, key: str) -> None:
    field = question.field
    st.session_state.setdefault(key, question.shown)
    label, about = _label(field), _help(field)
    match field.type:
        case "choice":
            texts = {choice.value: choice.label for choice in field.choices}
            st.selectbox(
                label, list(texts), format_func=lambda one: t(texts[one]), key=key, help=about, persist_state="session"
            )
        case "boolean":
            st.toggle(label, key=key, help=about, persist_state="session")
        case "integer":
            st.number_input(label, value=None, step=1, key=key, help=about, persist_state="session")
        case "number":
            step = _step(question.usual)
            st.number_input(label, value=None, step=step, format="%g", key=key, help=about, persist_state="session")
        case "string" | "json" if question.offered:
            _offer(question.offered, label, about, key=key)
        case "string" | "json":
            st.text_input(label, key=key, help=about, persist_state="session")


def _offer(offered: Mapping[str, str], label: str, about: str, *, key: str) -> None:
    """A text with values to choose from; another may be typed."""
    if not st.session_state[key]:
        st.session_state[key] = None
    st.selectbox(
        label,
        list(offered),
        format_func=lambda one: offered.get(one, one),
        key=key,
        help=about,
        placeholder=t("frame.field.choose"),
        accept_new_options=True,
        persist_state="session",
    )


def _step(value: Any) -> float:
    """The increment of a number: a unit in its first digit."""
    size = abs(value) if isinstance(value, int | float) and value else 0.01
    return float(10.0 ** math.floor(math.log10(size)))


def _label(field: Field) -> str:
    title, measure = t(field.title), unit(field.unit)
    return f"{title} ({measure})" if measure and measure.casefold() not in title.casefold() else title


def _help(field: Field) -> str:
    """What it does; then symbol, bounds and source, one to a line."""
    lines = [t(field.help)]
    if field.symbol:
        lines.append(t("frame.field.symbol", symbol=field.symbol))
    if field.low is not None and field.high is not None:
        lines.append(t("frame.field.range", low=number(field.low), high=number(field.high)))
    elif field.low is not None:
        lines.append(t("frame.field.least", low=number(field.low)))
    if field.source:
        lines.append(t("frame.field.source", source=field.source))
    return "  \n".join(lines)
