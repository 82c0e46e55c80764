"""The boxes of language models: which a run has, and what they ask."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.compute.framing import Message
from dashboard.ui import answers, studio, text_box
from dashboard.ui.background import Outcome
from data.fields import checked
from lightning_modules.language.filling import FillRequest
from lightning_modules.language.gpt import WriteRequest


class _Method:
    accepts = ("text",)
    answers: tuple[str, ...] = ()


class _Catalogue:
    def __init__(self, *said: str) -> None:
        method = _Method()
        method.answers = said
        self.methods = {"any": method}


class _Store:
    @staticmethod
    def checkpoints(run: str) -> list[Any]:
        return []


def _app(language: str = "en") -> AppTest:
    return AppTest.from_string(
        "import streamlit as st\nfrom types import SimpleNamespace\n"
        f"st.session_state['frame.language'] = '{language}'\n"
        "from dashboard.ui import text_box\n"
        "from dashboard.ui.passage import passage\n"
        "[passage('shown while it trained', key=name) for name in ('written', 'filled')]\n"
        "text_box.render(SimpleNamespace(id='a', method='any', deleted_at=None, example=False))",
        default_timeout=30,
    )


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []

    def answer(request: str, values: dict[str, Any], arrays: None = None) -> Outcome[Message]:
        found.append((request, values))
        said: dict[str, Any] = {"prompt": "The ", "texts": ["rain"], "expected": [], "tokens": 90, "read": 64}
        return Outcome(Message({**said, "filled": "The rain", "blanks": [[{"token": "rain", "chance": 0.5}]]}, {}))

    monkeypatch.setattr(answers, "answer", answer)
    monkeypatch.setattr(studio, "store", _Store)
    monkeypatch.setattr(studio, "catalogue", lambda: _Catalogue("sample", "fill"))
    monkeypatch.setattr(text_box, "_has_checkpoint", lambda run: True)
    return found


@pytest.mark.parametrize("language", ["en", "hi"])
def test_both_boxes_ask_what_the_models_understand_and_show_what_they_say(
    asked: list[tuple[str, dict[str, Any]]], language: str
) -> None:
    app = _app(language).run()
    assert not app.exception and not asked
    app.text_area[0].input("The ")
    app.button[0].click().run()
    request, values = asked[0]
    wanted = checked(WriteRequest, {key: value for key, value in values.items() if key != "run"})
    assert request == "sample" and (wanted.prompt, wanted.length, wanted.temperature) == ("The", 200, 0.8)
    app.text_input[0].input("The ____")
    app.button[1].click().run()
    request, values = asked[-1]
    assert request == "fill"
    assert checked(FillRequest, {k: v for k, v in values.items() if k != "run"}).prompt == "The ____"
    assert not app.exception
    shown = [one.value for one in app.code]
    assert "The rain" in shown and any("50.0%  rain" in one for one in shown)
    assert any("64" in one.value and "90" in one.value for one in app.caption)


def test_a_model_that_answers_neither_has_no_box(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studio, "catalogue", lambda: _Catalogue())
    app = _app().run()
    assert not app.exception and not app.button
