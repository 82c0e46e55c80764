"""The face "Map of pictures" over a made answer, and its own small arithmetic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from dashboard.compute.framing import Message
from dashboard.jobs.control import SupervisorStatus
from dashboard.lab.fitting import fitted
from dashboard.publishing import catalogue_of
from dashboard.tracking.store import Store
from dashboard.ui import answers, links, studio
from dashboard.ui.background import Outcome
from dashboard.ui.seen_embedding import nearest_to, numbers_of
from data.discovery import Discovered
from lightning_modules.ssl import simclr
from tests.watching.homes import home, make_run


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    settings, said = home(tmp_path), []
    catalogue = catalogue_of(Discovered(methods={"simclr": simclr.METHOD}))
    generator = np.random.default_rng(0)

    def answer(request: str, values: Mapping[str, Any], arrays: Any = None) -> Outcome[Message]:
        said.append(dict(values))
        arrays = {
            "vectors": generator.normal(size=(30, 4)).astype(np.float32),
            "place": generator.normal(size=(30, 2)).astype(np.float32),
            "near": generator.integers(0, 30, (30, 6)),
            "x": np.zeros((30, 1, 8, 8), np.float32),
            "y": np.arange(30) % 3,
        }
        return Outcome(Message({"classes": ["0", "1", "2"], "width": 4}, arrays))

    with Store.open(settings) as opened:
        make_run(opened, method="simclr", name="encoder")
        monkeypatch.setattr(studio, "store", lambda: opened)
        monkeypatch.setattr(studio, "catalogue", lambda: catalogue)
        monkeypatch.setattr(studio, "supervisor", lambda: SupervisorStatus(alive=True))
        monkeypatch.setattr(links, "link", lambda *_, **__: None)
        monkeypatch.setattr(answers, "answer", answer)
        yield said


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_map_is_drawn_with_what_its_neighbours_say(asked: list[dict[str, Any]], language: str) -> None:
    app = AppTest.from_string(
        f"import streamlit as st\nst.session_state['frame.language'] = '{language}'\n"
        "from dashboard.ui.seen_embedding import render\nrender()",
        default_timeout=60,
    )
    app.query_params["map"] = "tsne"
    app.run()
    assert not app.exception and not app.warning, app.exception
    assert [values["map"] for values in asked] == ["tsne"]
    assert any("33%" in caption.value for caption in app.caption)  # three classes by chance


def test_circled_points_are_numbers_of_items_each_once() -> None:
    points = [{"customdata": 7}, {"customdata": [3]}, {"customdata": 7}, {"x": 1}]
    assert numbers_of({"selection": {"points": points}}) == [3, 7]
    assert numbers_of(None) == [] and numbers_of({"selection": {"points": []}}) == []


def test_a_picture_becomes_an_item_of_the_models_shape() -> None:
    picture = Image.new("RGB", (50, 30), (255, 255, 255))
    assert fitted(picture, (1, 8, 6), negative=False).shape == (1, 8, 6)
    assert fitted(picture, (3, 8, 8), negative=False).min() == 1.0
    assert fitted(picture, (1, 8, 8), negative=True).max() == -1.0


def test_nearest_are_those_of_the_largest_cosine() -> None:
    vectors = np.array([[1.0, 0], [10, 10], [0, 1], [-1, 0]])
    assert nearest_to(np.array([2.0, 1.9]), vectors, 3) == [1, 0, 2]
