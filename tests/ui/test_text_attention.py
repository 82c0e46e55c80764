"""The face "Attention in text" over a made answer: the gradient-weighted view asks for it, and is drawn in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.compute.framing import Message
from dashboard.jobs.control import SupervisorStatus
from dashboard.publishing import catalogue_of
from dashboard.tracking.store import Store
from dashboard.ui import answers, links, seen_text_attention, studio
from dashboard.ui.background import Outcome
from data.discovery import Discovered
from lightning_modules.language import gpt
from tests.watching.homes import home, make_run

TOKENS = ["the", "cat", "sat"]


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """A home with a run of GPT; what workers are asked of attention is kept and answered at once, what is drawn goes into the last of it."""
    settings, said = home(tmp_path), []
    catalogue = catalogue_of(Discovered(methods={"gpt": gpt.METHOD}))

    def answer(request: str, values: Mapping[str, Any], arrays: Any = None) -> Outcome[Message]:
        assert request == "attention"
        said.append(dict(values))
        weights = np.random.default_rng(0).dirichlet(np.ones(3), (2, 2, 3))
        more = {"drawn": np.eye(3)} if values.get("by_gradient") else {}
        return Outcome(Message({"tokens": TOKENS}, {"weights": weights, **more}), None)

    def strip(tokens: list[str], weights: Any, *, label: str, key: str) -> None:
        said.append({"tokens": tokens, "weights": weights, "label": label, "key": key})

    with Store.open(settings) as opened:
        make_run(opened, method="gpt", name="writer")
        monkeypatch.setattr(studio, "store", lambda: opened)
        monkeypatch.setattr(studio, "catalogue", lambda: catalogue)
        monkeypatch.setattr(studio, "supervisor", lambda: SupervisorStatus(alive=True))
        monkeypatch.setattr(links, "link", lambda *_, **__: None)
        monkeypatch.setattr(answers, "answer", answer)
        monkeypatch.setattr(seen_text_attention, "token_strip", strip)  # AppTest draws no components
        yield said


def _draw(language: str, view: str) -> AppTest:
    app = AppTest.from_string(
        f"import streamlit as st\nst.session_state['frame.language'] = '{language}'\n"
        "from dashboard.ui.seen_text_attention import render\nrender()",
        default_timeout=60,
    )
    app.query_params["view"] = view
    app.query_params["text"] = "the cat sat"
    app.run()
    assert not app.exception, app.exception
    return app


@pytest.mark.parametrize(("language", "about"), [("en", "drew on"), ("hi", "किससे बना")])
def test_the_gradient_view_asks_for_what_answers_drew_on_and_shows_that(
    asked: list[dict[str, Any]], language: str, about: str
) -> None:
    app = _draw(language, "gradient")
    *requests, drawn = asked
    assert requests[-1]["by_gradient"] and requests[-1]["prompt"] == "the cat sat"
    assert drawn["key"] == "attention-gradient" and np.array_equal(drawn["weights"], np.eye(3))
    assert any(about in one.value for one in app.caption)


def test_other_views_do_not_pay_for_gradients(asked: list[dict[str, Any]]) -> None:
    _draw("en", "head")
    assert not any(one.get("by_gradient") for one in asked)
