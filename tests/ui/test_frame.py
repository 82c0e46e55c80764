"""The frame without a browser: its theme is readable, errors never show a trace, the language follows URL and session."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import dashboard
from dashboard.settings import Settings
from dashboard.ui import studio

HERE = Path(dashboard.__path__[0])
CONFIG = tomllib.loads((HERE / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
THEMES = ("light", "dark")
READABLE = 4.5


def _luminance(colour: str) -> float:
    """Relative luminance of `#RRGGBB` (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, 1 to 21 (WCAG 2.2)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("shade", THEMES)
def test_text_links_and_buttons_are_readable(shade: str) -> None:
    theme: dict[str, Any] = CONFIG["theme"][shade]
    for ground in (theme["backgroundColor"], theme["secondaryBackgroundColor"], theme["sidebar"]["backgroundColor"]):
        assert contrast(theme["textColor"], ground) >= READABLE
        assert contrast(theme["linkColor"], ground) >= READABLE
    assert contrast("#FFFFFF", theme["primaryColor"]) >= READABLE, "the letters of a primary button"
    assert contrast(theme["primaryColor"], theme["backgroundColor"]) >= 3, "the edge of what is chosen"


def test_every_font_of_the_theme_ships_with_its_licence() -> None:
    for face in CONFIG["theme"]["fontFaces"]:
        assert (HERE / "static" / Path(face["url"]).name).is_file()
    assert (HERE / "static" / "mukta-OFL.txt").is_file()


def test_what_goes_wrong_in_a_page_is_one_sentence_with_an_id(caplog: pytest.LogCaptureFixture) -> None:
    script = """
from dashboard.ui.page import guarded
@guarded
def broken():
    raise ZeroDivisionError("secret detail")
broken()
"""
    app = AppTest.from_string(script).run()
    assert not app.exception
    (told,) = app.error
    number = next(
        record.args[0] for record in caplog.records if record.msg == "error %s" and isinstance(record.args, tuple)
    )
    assert str(number) in told.value and "secret" not in told.value
    assert CONFIG["client"]["showErrorDetails"] == "none"


def test_a_problem_is_told_in_the_language_on_screen() -> None:
    script = """
import streamlit as st
from dashboard.ui import language
from dashboard.ui.page import guarded
from data.text import Problem, Text
language.settle()
@guarded
def refuse():
    raise Problem(Text(en="Not so.", hi="ऐसे नहीं।"), code="no")
refuse()
"""
    app = AppTest.from_string(script)
    app.query_params["lang"] = "hi"
    assert app.run().error[0].value == "ऐसे नहीं।"
    del app.query_params["lang"]
    assert app.run().error[0].value == "ऐसे नहीं।"
    assert app.query_params["lang"] == "hi"
    app.query_params["lang"] = "klingon"
    assert app.run().error[0].value == "ऐसे नहीं।"


def test_only_ids_are_taken_from_the_url() -> None:
    script = """
import streamlit as st
from dashboard.ui.state import run_in_url, runs_in_url
st.write(repr((run_in_url(), runs_in_url())))
"""
    app = AppTest.from_string(script)
    app.query_params["run"] = "../../etc/passwd"
    app.query_params["compare"] = "6cjnav2ewf,<script>,8jqnhd86ay"
    assert app.run().markdown[0].value == repr((None, ("6cjnav2ewf", "8jqnhd86ay")))


def test_a_home_that_cannot_be_used_is_told_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")
    monkeypatch.setattr(studio, "settings", lambda: Settings(home=tmp_path / "home"))
    st.cache_resource.clear()
    app = AppTest.from_string("from dashboard.ui.page import guarded; from pages.home import render; guarded(render)()")
    app.session_state["frame.pages"] = {}
    app.run()
    (told,) = app.error
    assert str(tmp_path / "home") in told.value and "Traceback" not in told.value
    assert not app.exception
    st.cache_resource.clear()
