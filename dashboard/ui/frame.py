"""The frame around every page: mark, navigation, language."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.ui import address, health, language, links
from dashboard.ui.language import t
from dashboard.ui.page import SECTIONS, Discovered, guarded

STATIC = Path(__file__).resolve().parent.parent / "static"


@guarded
def show(pages: list[Discovered]) -> None:
    """Draw the frame and the page that the URL names."""
    # before the navigation, or the browser fetches the page's icon from a font server for its tab
    st.set_page_config(page_icon=str(STATIC / "mark.svg"), layout="wide")
    language.settle()
    shade = "dark" if st.context.theme.type == "dark" else "light"
    st.logo(STATIC / f"logo-{shade}.svg", size="large", icon_image=STATIC / "mark.svg")
    entries = {one.page.name: _entry(one) for one in pages}
    links.register(entries)
    chosen = st.navigation(_menu(pages, entries))
    st.set_page_config(page_title=f"{chosen.title} · {t('frame.product')}")
    with st.sidebar:
        language.chooser()
        health.line()
    page = next(one.page for one in pages if entries[one.page.name] is chosen)
    came_in = links.here(page.name)
    if page.keeps_view:
        address.recall(page.name, came_in=came_in)
    chosen.run()
    links.arrived(page.name)


def _entry(one: Discovered) -> st.Page:
    return st.Page(
        guarded(one.render),
        title=t(one.page.title),
        icon=one.page.icon,
        url_path=one.page.name,
        default=one.page.name == "home",
        visibility="hidden" if one.page.hidden else "visible",
    )


def _menu(pages: list[Discovered], entries: dict[str, st.Page]) -> dict[str, list[st.Page]]:
    """Entries by section heading; home stands above the headings."""
    menu: dict[str, list[st.Page]] = {}
    for section in SECTIONS:
        shown = [entries[one.page.name] for one in pages if one.page.section == section]
        if shown:
            menu["" if section == "home" else t(f"frame.section.{section}")] = shown
    return menu
