"""Widgets whose value stands in the URL, so that a reload or a link shows the same view.

Streamlit's own `bind="query-params"` writes the shown (translated) label of a choice; these write a stable word, the
same in every language. A value that is the default leaves no trace in the URL. `scope` (a run id, say) keeps the
widgets of two things apart that share a parameter.

What the URL says is handed to a widget as its default and kept for as long as the widget lives. Written into the session
instead, it would reach the browser in one run only; a browser that draws the next run first (a page that redraws itself when
an answer comes) would show the plain default, send it back, and the URL would be overwritten.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, TypeVar

import streamlit as st

from dashboard.ui.language import PARAMETER

Wide = Literal["content", "stretch"]
Value = TypeVar("Value")
Number = TypeVar("Number", int, float)

_TURNS = ":turns"
"""Ends the name under which a session counts how often a choice was set from elsewhere."""


def choice(
    label: str,
    options: Sequence[str],
    *,
    parameter: str,
    scope: str = "",
    default: str | None = None,
    show: Callable[[str], str] = str,
    width: Wide = "content",
) -> str:
    """One of a few, as a segmented control without a visible label."""
    usual = default if default is not None else options[0]
    key, first = _settle(
        parameter, scope, lambda word: word if word in options else None, usual, fits=options.__contains__
    )
    st.segmented_control(
        label,
        options,
        default=first,
        key=key,
        format_func=show,
        required=True,
        label_visibility="collapsed",
        width=width,
        wrap=True,  # in a narrow place a second line: what is scrolled out of sight is not found
        on_change=_write,
        args=(parameter, key, usual),
    )
    return str(st.session_state[key])


def several(
    label: str,
    options: Sequence[str],
    *,
    parameter: str,
    scope: str = "",
    default: Sequence[str] = (),
    show: Callable[[str], str] = str,
    placeholder: str | None = None,
    most: int | None = None,
) -> list[str]:
    """Any of many, in the order chosen; written with commas between."""
    standard = [option for option in default if option in options]
    key, first = _settle(
        parameter,
        scope,
        lambda word: [w for w in word.split(",") if w in options] or None,
        standard,
        fits=lambda chosen: all(one in options for one in chosen),
    )
    st.multiselect(
        label,
        options,
        first,
        key=key,
        format_func=show,
        placeholder=placeholder,
        max_selections=most,
        on_change=_write,
        args=(parameter, key, standard),
    )
    return list(st.session_state[key])


def level(
    label: str,
    options: Sequence[Number],
    *,
    parameter: str,
    scope: str = "",
    default: Number,
    show: Callable[[Number], str] = str,
    help: str | None = None,
) -> Number:
    """One of ascending numbers, fractions too, as a slider."""
    named = {_word(option): option for option in options}
    key, first = _settle(parameter, scope, named.get, default, fits=options.__contains__)
    st.select_slider(
        label, options, first, key=key, format_func=show, help=help, on_change=_write, args=(parameter, key, default)
    )
    chosen: Number = st.session_state[key]
    return chosen


def pick(
    label: str,
    options: Sequence[str],
    *,
    parameter: str,
    scope: str = "",
    default: str | None = None,
    show: Callable[[str], str] = str,
    help: str | None = None,
) -> str:
    """One of many, as a drop-down list."""
    usual = default if default is not None else options[0]
    key, first = _settle(
        parameter, scope, lambda word: word if word in options else None, usual, fits=options.__contains__
    )
    st.selectbox(
        label,
        options,
        options.index(first),
        key=key,
        format_func=show,
        help=help,
        on_change=_write,
        args=(parameter, key, usual),
    )
    return str(st.session_state[key])


def slide(
    label: str, low: int, high: int, *, parameter: str, scope: str = "", default: int, help: str | None = None
) -> int:
    """A whole number of a range, as a slider."""

    def read(word: str) -> int | None:
        value = counted(word)
        return value if value is not None and low <= value <= high else None

    key, first = _settle(parameter, scope, read, default, fits=lambda value: low <= value <= high)
    st.slider(label, low, high, first, key=key, help=help, on_change=_write, args=(parameter, key, default))
    return int(st.session_state[key])


def whole(
    label: str, low: int, high: int, *, parameter: str, scope: str = "", default: int, help: str | None = None
) -> int:
    """A whole number, typed."""

    def read(word: str) -> int | None:
        value = counted(word)
        return value if value is not None and low <= value <= high else None

    key, first = _settle(parameter, scope, read, default)
    st.number_input(
        label, low, high, first, step=1, key=key, help=help, on_change=_write, args=(parameter, key, default)
    )
    given = st.session_state[key]
    return default if given is None else int(given)


def switch(label: str, *, parameter: str, scope: str = "", default: bool = False, help: str | None = None) -> bool:
    """On or off; 1 or 0 in the URL."""
    key, first = _settle(parameter, scope, lambda word: {"1": True, "0": False}.get(word), default)
    st.toggle(label, first, key=key, help=help, on_change=_write, args=(parameter, key, default))
    return bool(st.session_state[key])


def words(label: str, *, parameter: str, scope: str = "", placeholder: str = "", icon: str | None = None) -> str:
    """A line of text, such as a search."""
    key, first = _settle(parameter, scope, lambda word: word[:200], "")
    st.text_input(
        label,
        first,
        key=key,
        placeholder=placeholder,
        icon=icon,
        label_visibility="collapsed",
        on_change=_write,
        args=(parameter, key, ""),
    )
    return str(st.session_state[key])


def span() -> tuple[int, int] | None:
    """The steps a person zoomed to, from the URL."""
    first, last = map(counted, (st.query_params.get("zoom") or "").partition("-")[::2])
    return (first, last) if first is not None and last is not None and first < last else None


def counted(word: str) -> int | None:
    """A whole number of the URL, 0 or more and below 10^11; None for anything else. ("²" is a digit to `str.isdigit` and none to `int`.)"""
    return int(word) if word.isdecimal() and len(word) < 12 else None


def put_span(steps: tuple[int, int] | None) -> None:
    """Write the steps in view into the URL, or take them out."""
    put("zoom", f"{steps[0]}-{steps[1]}" if steps is not None else None)


def put(parameter: str, value: str | None) -> None:
    """Write one parameter, or take it out."""
    if value is not None:
        st.query_params[parameter] = value
    elif parameter in st.query_params:
        del st.query_params[parameter]


def turn(parameter: str, value: str | int, *, scope: str = "") -> None:
    """Set a choice from elsewhere, such as a click on a chart or an upload: from the next run on address and widget say it.

    The widget begins anew under another key: under the old one the browser remembers what a person chose, and says it again.
    """
    put(parameter, str(value))
    turns = f"{parameter}:{scope}{_TURNS}"
    st.session_state[turns] = st.session_state.get(turns, 0) + 1


def recall(page: str, *, came_in: bool) -> None:
    """Called by the frame before it draws a page that keeps its view: a bare address, as the navigation has it, is filled
    with what the page's address said when the page was left (`came_in`: on the first run after another page)."""
    held = f"address.{page}"
    said = {name: value for name, value in st.query_params.items() if name != PARAMETER}
    if came_in and not said:
        for name, value in st.session_state.get(held, {}).items():
            put(name, value)
    else:
        st.session_state[held] = said


def _settle(
    parameter: str,
    scope: str,
    read: Callable[[str], Value | None],
    default: Value,
    *,
    fits: Callable[[Value], bool] | None = None,
) -> tuple[str, Value]:
    """The key of a widget, and what it began with: the value of the URL, or the default.

    A value that does not fit any more (`fits`) is given up, and the widget begins anew.
    """
    turns = st.session_state.get(f"{parameter}:{scope}{_TURNS}", 0)
    key = f"{parameter}:{scope}:{turns}" if turns else f"{parameter}:{scope}"
    begun = f"{key}:begun"
    if key in st.session_state and fits is not None and not fits(st.session_state[key]):
        del st.session_state[key]
    if key not in st.session_state:
        asked = st.query_params.get(parameter)
        found = read(asked) if asked is not None else None
        st.session_state[begun] = default if found is None else found
    first: Value = st.session_state.get(begun, default)
    if fits is not None and not fits(first):
        first = st.session_state[begun] = default
    return key, first


def _write(parameter: str, key: str, default: object) -> None:
    value = st.session_state[key]
    put(parameter, None if value == default else _word(value))


def _word(value: object) -> str:
    """How a value is written in the URL."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, list):
        return ",".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
