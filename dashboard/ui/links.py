"""Ways from page to page. The addresses are a promise: people bookmark and send them.

/run?run=<id>                   one run
/runs?compare=<id>,<id>         several runs side by side
/new_run?like=<id>              the form, filled with that run's values
/new_run?weights=<id>           the form, to begin with that run's weights
/new_run?method=..&dataset=..   the form, with these chosen
"""

from __future__ import annotations

from typing import NoReturn, cast

import streamlit as st

from dashboard.ui.language import PARAMETER

_PAGES = "frame.pages"


def register(pages: dict[str, st.Page]) -> None:
    """Called once a run by the frame: the pages of this session by name."""
    st.session_state[_PAGES] = pages


def goto(page: str, **parameters: str) -> NoReturn:
    """Leave for another page, keeping the language."""
    st.switch_page(_page(page), query_params=_with_language(parameters))


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
