"""A page is one file in `pages/`: it declares `PAGE` and draws itself in `render()`; nothing else lists it.

Importing a page does nothing. Whatever goes wrong while it draws is told in one plain sentence with an id, and the
trace goes to the log under that id.
"""

from __future__ import annotations

import functools
import importlib
import logging
import pkgutil
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, ParamSpec

import streamlit as st

from dashboard.ui.language import t
from data.text import Problem, Text

Section = Literal["home", "train", "understand", "decide", "serve", "library"]
SECTIONS: tuple[Section, ...] = ("home", "train", "understand", "decide", "serve", "library")

Arguments = ParamSpec("Arguments")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Page:
    """What a page declares.

    `name` is its URL path, the same in every language. `hidden` pages are reached by links only (a run). A page that
    `keeps_view` shows, when the navigation leads back to it, what it showed when it was left.
    """

    name: str
    title: Text
    icon: str
    section: Section
    order: int
    hidden: bool = False
    keeps_view: bool = False


@dataclass(frozen=True)
class Discovered:
    """A page and the function that draws it."""

    page: Page
    render: Callable[[], None]


def discover(package: str = "pages") -> list[Discovered]:
    """Every page of the package, in the order of the navigation."""
    folder = importlib.import_module(package).__path__
    modules = [importlib.import_module(f"{package}.{info.name}") for info in pkgutil.iter_modules(folder)]
    found = [Discovered(module.PAGE, module.render) for module in modules]
    return sorted(found, key=lambda one: (SECTIONS.index(one.page.section), one.page.order, one.page.name))


def guarded(draw: Callable[Arguments, None]) -> Callable[Arguments, None]:
    """Tell what goes wrong in `draw` (a page, a fragment, a callback) in one sentence instead of a trace."""

    @functools.wraps(draw)
    def safe(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        try:
            draw(*args, **kwargs)
        except Problem as problem:
            tell(problem)
        except Exception as error:
            number = secrets.token_hex(3)
            _log.exception("error %s", number, exc_info=error)
            st.error(t("frame.error.unexpected", id=number), icon=":material/error:")

    return safe


def tell(problem: Problem) -> None:
    """Show a problem where it arose."""
    st.error(t(problem.text), icon=":material/error:")


def header(title: str, caption: str = "") -> None:
    """Title of a page with one line of facts under it."""
    st.title(title, anchor=False)
    if caption:
        st.caption(caption)
