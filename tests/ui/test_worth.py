"""The face "What is it worth?" over made figures: nothing is measured before one asks, and what comes is drawn in both languages."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.compute.framing import Message
from dashboard.jobs.control import SupervisorStatus
from dashboard.publishing import catalogue_of
from dashboard.tracking.store import Store
from dashboard.ui import answers, links, seen_worth, studio
from dashboard.ui.background import Outcome
from dashboard.worth.asking import Measured
from dashboard.worth.request import WorthRequest
from dashboard.worth.results import Results
from data.datasets import digits, mnist, photos
from data.discovery import Discovered
from lightning_modules.ssl import simclr
from lightning_modules.ssl.budgets import ALL, WAYS
from tests.watching.homes import home, make_run

FACTS = {
    "budgets": [1, ALL], "guessing": 0.1, "train": 1437, "held_out": 360, "classes": 10, "dataset": "mnist", "pretrained_on": "digits",
}  # fmt: skip


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    settings = home(tmp_path)
    said: list[dict[str, Any]] = []
    datasets = {one.DATASET.name: one.DATASET for one in (digits, mnist, photos)}
    catalogue = catalogue_of(Discovered(methods={"simclr": simclr.METHOD}, datasets=datasets))
    whole = Results(dict(FACTS), {(way, each, 0): 0.5 for way in WAYS for each in (1, ALL)})

    def answer(request: str, values: Mapping[str, Any], arrays: Any = None) -> Outcome[Message]:
        known = whole if any(not one["only_known"] for one in said) else Results(dict(FACTS))
        said.append(dict(values))
        return Outcome(Message({**known.plain(), "left": len(known.left(1)), "total": 10}, {}))

    def measured(_: Any, request: WorthRequest) -> Generator[Measured, None, None]:
        said.append(request.values())
        yield Measured(whole, 0, 10)

    with Store.open(settings) as opened:
        make_run(opened, method="simclr", name="encoder")
        monkeypatch.setattr(studio, "store", lambda: opened)
        monkeypatch.setattr(studio, "catalogue", lambda: catalogue)
        monkeypatch.setattr(studio, "supervisor", lambda: SupervisorStatus(alive=True))
        monkeypatch.setattr(links, "link", lambda *_, **__: None)
        monkeypatch.setattr(answers, "answer", answer)
        monkeypatch.setattr(answers, "forget", lambda *_: None)
        monkeypatch.setattr(seen_worth, "measured", measured)
        yield said


def _app(language: str) -> AppTest:
    return AppTest.from_string(
        f"import streamlit as st\nst.session_state['frame.language'] = '{language}'\n"
        "from dashboard.ui.seen_worth import render\nrender()",
        default_timeout=60,
    )


def _until_drawn(app: AppTest) -> None:
    for _ in range(20):
        if app.table:
            break
        app.run()
    assert not app.exception, app.exception


def test_figures_are_measured_when_one_asks_for_them_and_then_drawn(asked: list[dict[str, Any]]) -> None:
    app = _app("en")
    app.query_params["on"] = "mnist"
    app.run()
    assert not app.exception, app.exception
    assert [values["only_known"] for values in asked] == [True] and asked[0]["dataset"] == "mnist"
    assert len(app.selectbox[1].options) == 3
    app.button(key="seen-worth-start").click().run()
    _until_drawn(app)
    assert any(not values["only_known"] for values in asked)
    assert app.table[0].value.shape == (5, 5)


def test_figures_that_are_known_are_drawn_in_hindi(asked: list[dict[str, Any]]) -> None:
    asked.append({"only_known": False})
    app = _app("hi").run()
    _until_drawn(app)
    assert "मापा गया: हर क्लास के 1" in app.table[0].value.columns
    assert any("अंदाज़े से 10%" in caption.value for caption in app.caption)
