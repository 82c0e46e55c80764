"""The face "Attention in images" over a made answer: what is asked for and what is drawn, in both languages."""

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
from dashboard.ui import answers, links, studio
from dashboard.ui.background import Outcome
from data.discovery import Discovered
from lightning_modules.ssl import dino, simclr
from tests.watching.homes import home, make_run


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """A home with a run of DINO and one of SimCLR; what workers are asked is kept and answered at once."""
    settings, said = home(tmp_path), []
    catalogue = catalogue_of(Discovered(methods={"dino": dino.METHOD, "simclr": simclr.METHOD}))

    def answer(request: str, values: Mapping[str, Any], arrays: Any = None) -> Outcome[Message]:
        said.append((request, dict(values)))
        if request == "preview":
            return Outcome(Message({"test": 40, "shape": [1, 8, 8], "classes": []}, {}), None)
        if request == "pointing":
            told = {"pictures": 60, "chance": 0.4, "middle": 0.7}
            return Outcome(Message(told, {"hits": np.array([[0.5, 0.1, 0.2, 0.3], [0.9, 0.6, 0.95, 0.7]])}), None)
        weights = np.random.default_rng(0).dirichlet(np.ones(17), (1, 2, 3, 17))
        told = {"rows": 4, "columns": 4, "patch": 2}
        return Outcome(Message(told, {"x": np.zeros((1, 1, 8, 8), np.float32), "attention": weights}), None)

    with Store.open(settings) as opened:
        make_run(opened, method="dino", name="seer")
        make_run(opened, method="simclr", name="blind")
        monkeypatch.setattr(studio, "store", lambda: opened)
        monkeypatch.setattr(studio, "catalogue", lambda: catalogue)
        monkeypatch.setattr(studio, "supervisor", lambda: SupervisorStatus(alive=True))
        monkeypatch.setattr(links, "link", lambda *_, **__: None)
        monkeypatch.setattr(answers, "answer", answer)
        yield said


def _draw(language: str = "en", **parameters: str) -> AppTest:
    app = AppTest.from_string(
        f"import streamlit as st\nst.session_state['frame.language'] = '{language}'\n"
        "from dashboard.ui.seen_image_attention import render\nrender()",
        default_timeout=60,
    )
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def test_only_models_with_attention_are_offered_and_the_picture_asked_for_is_the_one_chosen(
    asked: list[tuple[str, dict[str, Any]]],
) -> None:
    app = _draw(item="7")
    [model] = [box for box in app.selectbox if any("seer" in option for option in box.options)]
    assert not any("blind" in option for option in model.options)
    assert [values["first"] for request, values in asked if request == "attention"] == [6]
    assert {"Layer", "Row of the place"} <= {slider.label for slider in app.slider}


@pytest.mark.parametrize("view", ["head", "grid", "rollout"])
@pytest.mark.parametrize("language", ["en", "hi"])
def test_every_view_is_drawn_in_both_languages(asked: list[Any], view: str, language: str) -> None:
    app = _draw(language, view=view, row="2")
    assert not app.warning and not app.error
    assert len(app.get("image")) == 1, {one.type for one in app.main}


@pytest.mark.parametrize(
    ("language", "best"), [("en", "Best of all: layer 2, head 2"), ("hi", "सबसे अच्छा: परत 2, हेड 2")]
)
def test_how_often_a_head_finds_the_object_stands_beside_chance_and_the_middle(
    asked: list[Any], language: str, best: str
) -> None:
    app = _draw(language, layer="2", head="1")
    assert best in [one.value for one in app.caption]
    assert {"**95%**", "**60%**", "**70%**", "**40%**"} <= {one.value for one in app.markdown}


@pytest.mark.parametrize(("language", "said"), [("en", "only 3 held-out pictures"), ("hi", "सिर्फ़ 3 अलग रखी तस्वीरों")])
def test_with_too_few_objects_the_page_says_why_no_score_is_told(
    asked: list[Any], monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    before = answers.answer

    def answer(request: str, values: Mapping[str, Any], arrays: Any = None) -> Outcome[Message] | None:
        if request == "pointing":
            return Outcome(Message({"pictures": 0, "found": 3, "needed": 10}, {}), None)
        return before(request, values, arrays)

    monkeypatch.setattr(answers, "answer", answer)
    assert any(said in one.value for one in _draw(language).caption)
