"""The section of own texts on the data page, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.settings import Settings
from dashboard.ui import links, studio
from data import text_uploads


def _app(language: str) -> AppTest:
    return AppTest.from_string(
        f"import streamlit as st\nst.session_state['frame.language'] = '{language}'\n"
        "from dashboard.ui import own_texts\nown_texts.section()",
        default_timeout=30,
    )


@pytest.mark.parametrize("language", ["en", "hi"])
def test_a_text_is_uploaded_listed_and_deleted_and_a_bad_one_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    settings = Settings(home=tmp_path)
    monkeypatch.setattr(studio, "settings", lambda: settings)
    monkeypatch.setattr(links, "link", lambda *_, **__: None)
    app = _app(language).run()
    app.file_uploader[0].set_value(("mine.txt", b"caf\xe9 " * 900, "text/plain")).run()
    assert not app.exception and "UTF-8" in app.error[0].value
    app.file_uploader[0].set_value(("rain.txt", b"the rain fell on the roof\n" * 60, "text/plain")).run()
    assert not app.exception and not app.error
    assert app.code[0].value.startswith("the rain fell")
    assert any("1,560" in one.value for one in app.caption)
    (kept,) = text_uploads.listed(settings.uploads)
    app.button(key=f"own_texts.delete.{kept.id}").click().run()
    assert not app.exception and text_uploads.listed(settings.uploads) == []
