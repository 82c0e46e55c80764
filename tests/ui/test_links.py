"""A way to another page is gone to its end, also when the browser asks for the page that was left once more."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

SCRIPT = """
import streamlit as st
from dashboard.ui import links

def left_for(way):
    st.session_state.setdefault("left", []).append((way.page, way.parameters["run"]))

links._switch = left_for
page = st.session_state.get("browser_asks_for", "new_run")
links.here(page)
if st.session_state.get("start"):
    del st.session_state["start"]
    links.goto("run", run="abc")
if not st.session_state.get("interrupted"):
    links.arrived(page)
"""


def ask_for(app: AppTest, page: str, *, interrupted: bool = False) -> list[tuple[str, str]]:
    """Where the script left for when the browser asked for `page`."""
    app.session_state["left"] = []
    app.session_state["browser_asks_for"] = page
    app.session_state["interrupted"] = interrupted
    app.run()
    assert not app.exception
    return list(app.session_state["left"])


def started() -> AppTest:
    app = AppTest.from_string(SCRIPT)
    app.session_state["start"] = True
    app.session_state["interrupted"] = True  # leaving ends the script
    app.run()
    assert not app.exception
    assert list(app.session_state["left"]) == [("run", "abc")]
    return app


def test_a_late_request_for_the_page_that_was_left_leads_on() -> None:
    app = started()
    assert ask_for(app, "run", interrupted=True) == []
    assert ask_for(app, "new_run") == [("run", "abc")]


def test_once_the_page_is_drawn_the_way_back_is_free() -> None:
    app = started()
    assert ask_for(app, "run") == []
    assert ask_for(app, "new_run") == []


def test_another_page_than_the_one_that_was_left_is_where_the_person_wants_to_be() -> None:
    app = started()
    assert ask_for(app, "data", interrupted=True) == []
    assert ask_for(app, "new_run") == []


VIEW = """
import streamlit as st
from dashboard.ui import address, links

came_in = links.here(st.session_state["browser_asks_for"])
if st.session_state["browser_asks_for"] == "lab":
    address.recall("lab", came_in=came_in)
st.session_state["seen"] = dict(st.query_params)
"""


def test_the_navigation_leads_back_to_the_view_that_was_left() -> None:
    app = AppTest.from_string(VIEW)

    def seen(page: str, said: dict[str, str]) -> dict[str, str]:
        app.session_state["browser_asks_for"] = page
        app.query_params.clear()
        for name, value in said.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception
        return dict(app.session_state["seen"])

    assert seen("lab", {}) == {}
    assert seen("lab", {"face": "repair", "item": "3"}) == {"face": "repair", "item": "3"}
    assert seen("data", {}) == {}
    assert seen("lab", {"lang": "hi"}) == {"lang": "hi", "face": "repair", "item": "3"}
    assert seen("lab", {"face": "noise"}) == {"face": "noise"}, "a choice on the page counts"
    assert seen("lab", {}) == {}, "and so does one back to the defaults"
    seen("data", {})
    assert seen("lab", {}) == {}
