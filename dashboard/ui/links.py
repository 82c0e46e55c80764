"""Ways from page to page. The addresses are a promise: people bookmark and send them.

/run?run=<id>                   one run
/runs?compare=<id>,<id>         several runs side by side
/new_run?like=<id>              the form, filled with that run's values
/new_run?weights=<id>           the form, to begin with that run's weights
/new_run?method=..&dataset=..   the form, with these chosen
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import NoReturn, cast

import streamlit as st

from dashboard.ui.language import PARAMETER

_PAGES, _HERE, _LEAVING = "frame.pages", "frame.here", "frame.leaving"
_GIVEN_UP_S = 30.0


@dataclass(frozen=True)
class Leaving:
    """A way that was begun: from where to where, and when."""

    origin: str
    page: str
    parameters: dict[str, str]
    began: float


def register(pages: dict[str, st.Page]) -> None:
    """Called once a run by the frame: the pages of this session by name."""
    st.session_state[_PAGES] = pages


def goto(page: str, **parameters: str) -> NoReturn:
    """Leave for another page, keeping the language."""
    origin = st.session_state.get(_HERE, "")
    st.session_state[_LEAVING] = Leaving(origin, page, _with_language(parameters), time.monotonic())
    _switch(st.session_state[_LEAVING])


def here(page: str) -> bool:
    """Called by the frame before it draws a page; True on the first run of a page after another.

    Leaves again when the page is one that was left a moment ago.

    A request that the browser sent before it knew of the way, such as a field it had still to commit, names the page that
    was left; Streamlit then goes back there, and a run that was just started would be out of sight.
    """
    came_in: bool = st.session_state.get(_HERE) != page
    st.session_state[_HERE] = page
    leaving: Leaving | None = st.session_state.get(_LEAVING)
    if leaving is None or leaving.page == page:
        return came_in
    if leaving.origin == page and time.monotonic() - leaving.began < _GIVEN_UP_S:
        _switch(leaving)
    del st.session_state[_LEAVING]
    return came_in


def arrived(page: str) -> None:
    """Called by the frame once a page is wholly drawn: the way there is over."""
    leaving: Leaving | None = st.session_state.get(_LEAVING)
    if leaving is not None and leaving.page == page:
        del st.session_state[_LEAVING]


def _switch(way: Leaving) -> NoReturn:
    st.switch_page(_page(way.page), query_params=way.parameters)


def link(
    page: str, label: str, *, icon: str | None = None, help: str | None = None, stretch: bool = False, **parameters: str
) -> None:
    """A link to another page; needs no rerun of this one."""
    st.page_link(
        _page(page),
        label=label,
        icon=icon,
        help=help,
        width="stretch" if stretch else "content",
        query_params=_with_language(parameters),
    )


def _page(name: str) -> st.Page:
    return cast("dict[str, st.Page]", st.session_state[_PAGES])[name]


def _with_language(parameters: dict[str, str]) -> dict[str, str]:
    language = st.query_params.get(PARAMETER)
    return {**parameters, PARAMETER: language} if language else parameters
