"""The face "Two views" over a made answer: other views when one asks again, and a verdict that fits the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.compute.framing import Message
from dashboard.figures.alike import alike_and_apart
from dashboard.jobs.control import SupervisorStatus
from dashboard.lab.looking import nearer_than
from dashboard.publishing import catalogue_of
from dashboard.tracking.store import Store
from dashboard.ui import answers, links, studio
from dashboard.ui.background import Outcome
from data.discovery import Discovered
from lightning_modules.ssl import simclr
from tests.watching.homes import home, make_run


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    settings, catalogue = home(tmp_path), catalogue_of(Discovered(methods={"simclr": simclr.METHOD}))
    said: list[dict[str, Any]] = []

    def answer(request: str, values: Mapping[str, Any], arrays: Any = None) -> Outcome[Message]:
        if request == "preview":
            return Outcome(Message({"test": 40, "shape": [1, 8, 8], "classes": []}, {}))
        said.append(dict(values))
        one = np.zeros((1, 1, 8, 8), np.float32)
        high = 0.9 if values["seed"] else 0.1
        arrays = {
            "x": one, "views": np.zeros((2, 6, 1, 8, 8), np.float32), "alike": np.full(6, high, np.float32),
            "apart": np.linspace(-0.2, 0.5, 60, dtype=np.float32).reshape(6, 10), "near": np.repeat(one, 6, axis=0),
        }  # fmt: skip
        return Outcome(Message({"own_views": True, "others": 10}, arrays))

    with Store.open(settings) as opened:
        make_run(opened, method="simclr", name="encoder")
        monkeypatch.setattr(studio, "store", lambda: opened)
        monkeypatch.setattr(studio, "catalogue", lambda: catalogue)
        monkeypatch.setattr(studio, "supervisor", lambda: SupervisorStatus(alive=True))
        monkeypatch.setattr(links, "link", lambda *_, **__: None)
        monkeypatch.setattr(answers, "answer", answer)
        yield said


@pytest.mark.parametrize(("language", "bad", "good"), [("en", "hardly", "knows"), ("hi", "मुश्किल", "फिर पहचान लेता")])
def test_asking_again_draws_other_views_and_the_verdict_follows(
    asked: list[dict[str, Any]], language: str, bad: str, good: str
) -> None:
    app = AppTest.from_string(
        f"import streamlit as st\nst.session_state['frame.language'] = '{language}'\n"
        "from dashboard.ui.seen_views import render\nrender()",
        default_timeout=60,
    )
    app.run()
    assert not app.exception, app.exception
    assert any(bad in one.value for one in app.markdown)
    app.button(key="seen-views-again").click().run()
    assert not app.exception and [values["seed"] for values in asked] == [0, 1]
    assert any(good in one.value for one in app.markdown)


def test_a_partner_among_others_is_placed_and_drawn() -> None:
    alike, apart = np.array([0.9, 0.5]), np.array([[0.1, 0.2], [0.5, 0.7]])
    assert nearer_than(alike, apart) == pytest.approx((2 + 0.5) / 4)
    drawing = alike_and_apart(alike, apart, language="hi")
    assert sum(drawing.figure.data[0].y) == 4 and list(drawing.figure.data[1].x) == [0.9, 0.5]
    assert "0.70" in drawing.alt and drawing.table.shape == (2, 3)
