"""Addresses are typed by people, too: what is no number there is no error."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.ui.address import counted

SCRIPT = """
import streamlit as st
from dashboard.ui import address

st.session_state["slid"] = address.slide("Slide", 1, 10, parameter="item", default=3)
st.session_state["typed"] = address.whole("Type", 0, 100, parameter="seed", default=7)
st.session_state["zoomed"] = address.span()
"""


@pytest.mark.parametrize("word", ["", "²", "-1", "1.5", "1e3", "٫", "9" * 40, "seven"])
def test_what_is_no_whole_number_leaves_the_default(word: str) -> None:
    app = AppTest.from_string(SCRIPT)
    for parameter in ("item", "seed"):
        app.query_params[parameter] = word
    app.query_params["zoom"] = f"{word}-{word}"
    app.run()
    assert not app.exception
    assert (app.session_state["slid"], app.session_state["typed"], app.session_state["zoomed"]) == (3, 7, None)


def test_numbers_are_read_in_either_script() -> None:
    assert (counted("42"), counted("४२"), counted("0")) == (42, 42, 0)


def test_a_zoom_is_two_numbers_in_order() -> None:
    app = AppTest.from_string(SCRIPT)
    app.query_params["zoom"] = "10-200"
    app.run()
    assert app.session_state["zoomed"] == (10, 200)
