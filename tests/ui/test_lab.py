"""The lab's faces without a browser; models answer for real, in this process instead of a worker."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from dashboard import settings as settings_module
from dashboard.catalogue import Catalogue
from dashboard.compute.framing import Message
from dashboard.compute.requests import HANDLERS
from dashboard.compute.served import Served
from dashboard.contests.entering import TAG
from dashboard.jobs import control
from dashboard.publishing import catalogue_of
from dashboard.settings import Settings
from dashboard.tracking.records import NewRun, RunFilter, State
from dashboard.ui import answers, face, lab_models, lab_sketch, links, studio
from data.discovery import discover

SCRIPT = "from pages.lab import render; render()"
SLOW_S = 120
_ASKED: list[str] = []
"""Every request that was answered, in turn."""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return catalogue_of(discover())


@pytest.fixture
def home(tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A studio with the bundled examples and no processes."""
    monkeypatch.setenv("SAMAJH_HOME", str(tmp_path / "home"))
    settings_module.settings.cache_clear()
    monkeypatch.setattr(studio, "catalogue", lambda: catalogue)
    monkeypatch.setattr(studio, "supervisor", lambda: None)
    monkeypatch.setattr(links, "link", lambda *_, **__: None)
    monkeypatch.setattr(answers, "ask", _answered)
    monkeypatch.setattr(lab_sketch, "_sent", lambda _: None)  # components need a running Streamlit
    st.cache_resource.clear()
    yield settings_module.settings()
    st.cache_resource.clear()
    settings_module.settings.cache_clear()


def _answered(_: Settings, request: str, values: Mapping[str, Any], arrays: Mapping[str, Any], **__: Any) -> Message:
    _ASKED.append(request)
    served = HANDLERS[request](dict(values), arrays)
    assert isinstance(served, Served)
    return Message(served.values, served.arrays)


def drawn(**query: str) -> AppTest:
    """The page at an address, run until every answer is there."""
    app = AppTest.from_string(SCRIPT, default_timeout=SLOW_S)
    for name, value in query.items():
        app.query_params[name] = value
    return complete(app)


def complete(app: AppTest) -> AppTest:
    """Run until a run has asked nothing new: an answer that came while its own run was still drawing is not on the page yet."""
    for _ in range(9):
        asked = len(_ASKED)
        app.run()
        until = time.monotonic() + SLOW_S
        while answers.background().busy:
            assert time.monotonic() < until
            time.sleep(0.02)
        if len(_ASKED) == asked:
            break
    assert not app.exception and not app.error, [one.value for one in app.error]
    return app


def words(app: AppTest) -> str:
    return " ".join(str(one.value) for kind in (app.markdown, app.caption, app.info, app.warning) for one in kind)


def test_every_face_has_an_address_and_is_found() -> None:
    names = [one.face.name for one in face.discover()]
    assert names[:4] == ["noise", "steps", "particles", "draw"] and len(set(names)) == len(names)


@pytest.mark.parametrize(
    "query", [{"face": "noise"}, {"face": "steps"}, {"face": "particles"}, {"face": "draw"}], ids=str
)
def test_each_face_opens_populated_on_an_empty_home(home: Settings, query: dict[str, str]) -> None:
    app = drawn(**query)
    assert not app.warning and not app.info
    assert app.session_state["face:"] == query["face"]


def test_the_slider_changes_what_is_left_of_the_signal(home: Settings) -> None:
    app = drawn(face="noise", t="100")
    before = words(app)
    app.slider(key="t:1000").set_value(900).run()
    assert words(app) != before and app.query_params["t"] in ("900", ["900"])


def test_a_picture_of_any_mode_and_size_is_taken_and_anything_else_is_refused_in_words(home: Settings) -> None:
    for mode, size in (("L", (31, 77)), ("RGBA", (640, 3)), ("P", (9, 9)), ("I;16", (20, 30))):
        file = io.BytesIO()
        Image.new(mode, size).save(file, "PNG")
        app = drawn(**{"face": "noise", "from": "own"})
        app.file_uploader(key="lab.upload").set_value(("mine.png", file.getvalue(), "image/png"))
        assert not complete(app).warning
    app = drawn(**{"face": "noise", "from": "own"})
    app.file_uploader(key="lab.upload").set_value(("mine.png", b"<svg>no pixels</svg>", "image/png"))
    assert "mine.png" in complete(app).warning[0].value


def test_a_fork_goes_on_from_the_stage_on_screen(home: Settings) -> None:
    app = drawn(face="steps", stage="10", steps="10", **{"class": "1"})
    assert "The branch" not in words(app)
    forked = drawn(face="steps", stage="9", steps="10", fork="3", fclass="7", **{"class": "1"})
    assert "The branch" in words(forked) and "Where the branch ends" in words(forked)
    early = drawn(face="steps", stage="2", steps="10", fork="3", fclass="7", **{"class": "1"})
    assert "both ways are one" in words(early)


def test_samplers_and_guidance_have_a_row_each(home: Settings) -> None:
    rows = words(drawn(face="steps", view="samplers", budget="4"))
    assert all(name in rows for name in ("DDIM", "Heun", "DPM-Solver", "Euler")) and "Not shown: Ancestral" in rows
    table = drawn(face="steps", view="guidance", **{"class": "3"}).dataframe[0].value
    shares = [int(one.rstrip("%")) for one in table.iloc[:, 1]]
    assert shares[0] < 40 and shares[2] > 70  # without guidance one class in ten; with it, the asked one


def test_what_cannot_be_looked_into_is_said_and_another_is_shown(home: Settings) -> None:
    assert "not there" in drawn(face="steps", model="no-such-run-1").warning[0].value
    assert "not there" in drawn(face="particles", points="example-digits-v").warning[0].value
    odd = drawn(face="moon", fork="x", stage="-4", s="a", seed="1e9", budget="7")
    assert odd.session_state["face:"] == "noise"


def test_samples_begin_as_guided_as_the_pictures_of_the_run(home: Settings) -> None:
    assert [drawn(face="steps", model=one).select_slider[0].value for one in ("example-mnist", "example-digits-v")] == [
        1.5,
        1.0,
    ]


def test_a_run_without_a_checkpoint_is_said_at_its_place(home: Settings) -> None:
    studio.store()  # brings the examples in
    for file in (home.runs / "example-digits-v" / "checkpoints").iterdir():
        file.unlink()
    assert "no checkpoint" in drawn(face="steps").warning[0].value


@pytest.mark.parametrize(
    ("task", "method"), [("inpaint", "inpainting"), ("upscale", "super_resolution"), ("colorize", "colorization")]
)
def test_a_run_that_was_trained_to_repair_is_offered_for_its_task_and_leads_there(
    home: Settings, task: str, method: str
) -> None:
    dataset = "photos" if method == "colorization" else "faces"
    run, _ = studio.store().create_run(NewRun("mine", method, dataset, "tiny", {}, 0, 1))
    studio.store().update(run.id, step=1)
    offered = drawn(face="repair", task=task).selectbox[0].options
    assert [one for one in offered if one.startswith("mine")], offered
    assert lab_models.address_of(studio.store().run(run.id)) == {"face": "repair", "task": task, "run": run.id}
    others = {"inpaint", "upscale", "colorize"} - {task}
    for other in others:
        assert not [one for box in drawn(face="repair", task=other).selectbox for one in box.options if "mine" in one]


def test_an_address_of_a_run_that_repairs_nothing_says_so_and_one_of_another_task_does_not(home: Settings) -> None:
    assert "not there" in drawn(face="repair", run="example-classifier").warning[0].value
    assert not drawn(face="repair", task="upscale", run="example-digits-v").warning
    assert not drawn(face="repair", run="example-digits-v").warning


def test_one_click_is_one_contest_of_ordinary_runs(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "ensure_supervisor", lambda *_, **__: None)
    monkeypatch.setattr(control, "prepare", lambda _, spec, **__: control.Prepared(spec=spec))
    app = drawn(face="draw")
    app.button(key="lab-draw-train").click().run()
    until = time.monotonic() + SLOW_S
    while "contest" not in app.query_params:
        assert time.monotonic() < until
        time.sleep(0.05)
        app.run()
    runs = studio.store().runs(RunFilter(example=False))
    assert {run.method for run in runs} == {"ddpm", "flow_matching", "gan", "point_vae"} and len(runs) == 4
    assert all(run.state is State.QUEUED and run.tags[0].startswith(TAG) for run in runs)
    assert {run.config["dataset_config"]["drawing"] for run in runs} == {runs[0].config["dataset_config"]["drawing"]}
    assert "No samples yet" in " ".join(str(one.text) for one in app.get("progress"))


def test_a_tiny_drawing_is_refused_where_it_is_drawn(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab_sketch, "ask", lambda: "[[[1,1],[2,2]]]")
    assert "at least 3" in drawn(face="draw").warning[0].value


def test_the_badge_tells_after_a_press_how_many_truths_hold(home: Settings) -> None:
    app = drawn(face="noise")
    next(one for one in app.button if one.key == "selftest.run").click()
    complete(app)
    table = next(one.value for one in app.dataframe if "Got" in one.value.columns)
    assert len(table) >= 40 and set(table.iloc[:, 0]) == {"✓"}
