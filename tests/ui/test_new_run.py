"""The form without a browser: values of the preset, messages at their fields, one token a form, links into it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.catalogue import Catalogue
from dashboard.jobs import control
from dashboard.jobs.control import Estimate, Prepared
from dashboard.jobs.spec import RunSpec
from dashboard.publishing import catalogue_of
from dashboard.settings import Settings
from dashboard.tracking.records import NewRun, Run
from dashboard.tracking.store import Store
from dashboard.ui import estimate, extras, links, previews, studio
from dashboard.ui.background import Outcome
from data import text_uploads, weight_files
from data.discovery import discover
from data.text import Text
from tests.hostile import files

SCRIPT = "from pages.new_run import render; render()"
ORDER = RunSpec(method="ddpm", dataset="mnist", preset="tiny", training={"steps": 321, "seed": 5}, method_config={})


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """The shipped declarations and one of a person's own that cannot be imported."""
    plugins = tmp_path_factory.mktemp("plugins")
    (plugins / "mine.py").write_text("import nowhere_to_be_found\n")
    return catalogue_of(discover(plugins))


@pytest.fixture
def went(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """Where the page left for."""
    visited: list[dict[str, str]] = []

    def goto(page: str, **where: str) -> None:
        visited.append({"page": page, **where})
        st.stop()

    monkeypatch.setattr(links, "goto", goto)
    monkeypatch.setattr(links, "link", lambda *_, **__: None)
    return visited


@pytest.fixture
def home(
    tmp_path: Path, catalogue: Catalogue, went: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """A studio without processes: estimates come at once, submissions are only stored."""
    settings = Settings(home=tmp_path / "home", examples=False)
    monkeypatch.setattr(studio, "settings", lambda: settings)
    monkeypatch.setattr(studio, "catalogue", lambda: catalogue)
    monkeypatch.setattr(previews, "preview", lambda *_: None)
    monkeypatch.setattr(previews, "watch", lambda: None)
    monkeypatch.setattr(estimate, "prepared", _prepared)
    monkeypatch.setattr(control, "ensure_supervisor", lambda *_, **__: None)
    st.cache_resource.clear()
    yield settings
    st.cache_resource.clear()


def _prepared(spec: RunSpec) -> Outcome[Prepared]:
    """As the worker answers; thirteen items a batch are refused where torch is."""
    if spec.training["batch_size"] == 13:
        return Outcome(Prepared(errors={"batch_size": Text(en="Not thirteen.", hi="तेरह नहीं।")}))
    if (spec.start_from or "").startswith("file:"):
        return Outcome(Prepared(errors={"start_from": Text(en="Of another architecture.", hi="किसी और आर्किटेक्चर का।")}))
    cost = Estimate(seconds=200, mib=345, step_seconds=0.2, looking_seconds=1, weights=10, items=10)
    return Outcome(Prepared(spec=spec, estimate=cost))


def open_form(**parameters: str) -> AppTest:
    app = AppTest.from_string(SCRIPT, default_timeout=60)
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def field(app: AppTest, name: str, *, choice: str = "ddpm.digits.small") -> str:
    return f"new_run.{choice}.{name}"


def press_start(app: AppTest) -> AppTest:
    return next(one for one in app.button if str(one.key).startswith("new_run.start.")).click().run()


def runs(settings: Settings) -> list[Run]:
    with Store.open(settings) as store:
        return store.runs()


def captions(app: AppTest) -> str:
    return "\n".join(one.value for one in app.caption)


def test_the_form_holds_the_values_of_the_preset(home: Settings, catalogue: Catalogue) -> None:
    app = open_form(dataset="digits")
    usual = catalogue.resolve("ddpm", "digits", "small")
    assert app.number_input(field(app, "training.steps")).value == usual.training["steps"]
    assert app.selectbox(field(app, "method.objective")).value == usual.method_config["objective"]
    assert "3 min 20 s" in "\n".join(one.value for one in app.markdown)


def test_a_file_that_cannot_be_imported_is_a_disabled_card_with_its_reason(home: Settings) -> None:
    app = open_form()
    assert "nowhere_to_be_found" in captions(app)
    assert next(one for one in app.button if str(one.key).startswith("new_run.broken.")).disabled


def test_a_value_out_of_bounds_is_told_at_its_field_in_the_language_on_screen(home: Settings) -> None:
    app = open_form(dataset="digits", lang="hi")
    app.session_state["frame.language"] = "hi"
    app.number_input(field(app, "training.steps")).set_value(0).run()
    assert "स्टेप कम से कम 1 होना चाहिए।" in captions(app)
    start = next(one for one in app.button if str(one.key).startswith("new_run.start."))
    assert start.disabled


def test_what_only_the_worker_can_refuse_is_told_at_its_field_too(home: Settings) -> None:
    app = open_form(dataset="digits")
    app.number_input(field(app, "training.batch_size")).set_value(13).run()
    assert "Not thirteen." in captions(app)


def test_a_weight_file_that_does_not_fit_is_told_before_a_run_exists(
    home: Settings, went: list[dict[str, str]]
) -> None:
    kept = weight_files.keep(
        files.safetensors({"w": files._entry([1], 0, 4)}, b"1234"), "mine.safetensors", home.weights
    )
    app = open_form(dataset="digits")
    choice = next(one for one in app.selectbox if one.key == extras.START_FROM)
    assert any("mine.safetensors" in option for option in choice.options)
    choice.set_value(kept.reference).run()
    assert "Of another architecture." in [one.value for one in app.error]
    assert next(one for one in app.button if str(one.key).startswith("new_run.start.")).disabled
    assert runs(home) == [] and went == []


def test_pressing_start_twice_is_one_job_and_leaves_for_it(home: Settings, went: list[dict[str, str]]) -> None:
    app = open_form(dataset="digits")
    press_start(app)
    first = runs(home)
    assert [went[0]["page"], went[0]["run"]] == ["run", first[0].id]
    press_start(app)
    assert len(runs(home)) == 1
    assert went == [went[0], went[0]]


def test_the_same_form_in_two_tabs_is_one_job_and_another_form_is_another(home: Settings) -> None:
    press_start(open_form(dataset="digits", draft="0123456789ab"))
    press_start(open_form(dataset="digits", draft="0123456789ab"))
    assert len(runs(home)) == 1
    press_start(open_form(dataset="digits"))
    assert len(runs(home)) == 2


def test_a_changed_value_in_the_second_tab_is_a_run_of_its_own(home: Settings) -> None:
    press_start(open_form(dataset="digits", draft="0123456789ab"))
    other = open_form(dataset="digits", draft="0123456789ab")
    other.number_input(field(other, "training.seed")).set_value(9).run()
    press_start(other)
    assert sorted(run.seed for run in runs(home)) == [0, 9]


def test_repeats_are_a_group_of_seeds_that_opens_as_a_comparison(home: Settings, went: list[dict[str, str]]) -> None:
    app = open_form(dataset="digits")
    app.number_input("new_run.extras.repeat").set_value(3).run()
    press_start(app)
    assert sorted(run.seed for run in runs(home)) == [0, 1, 2]
    assert went[0]["page"] == "runs" and went[0]["compare"].count(",") == 2


def test_a_sabotaged_run_and_a_healthy_one_start_in_one_click_and_open_side_by_side(
    home: Settings, went: list[dict[str, str]]
) -> None:
    app = open_form(method="dino", dataset="digits", preset="tiny")
    app.button(key="do-sabotage").click().run()
    healthy, sabotaged = sorted(runs(home), key=lambda run: run.config["method_config"]["centring"], reverse=True)
    assert went == [{"page": "runs", "compare": f"{healthy.id},{sabotaged.id}"}]
    assert (healthy.seed, sabotaged.config["method_config"]["centring"]) == (sabotaged.seed, False)


def test_a_link_fills_the_form_like_an_earlier_run(home: Settings) -> None:
    with Store.open(home) as store:
        new = NewRun("x", "ddpm", "mnist", "tiny", ORDER.model_dump(mode="json"), seed=5, total_steps=321)
        run, _ = store.create_run(new)
    app = open_form(like=run.id)
    assert app.number_input(field(app, "training.steps", choice="ddpm.mnist.tiny")).value == 321
    assert app.number_input(field(app, "training.seed", choice="ddpm.mnist.tiny")).value == 5
    assert "like" not in app.query_params


def test_a_link_to_a_run_that_is_gone_says_so_above_a_form_that_works(home: Settings) -> None:
    app = open_form(like="nowhere123")
    assert len(app.error) == 1
    assert app.number_input(field(app, "training.steps")).value


def test_a_changed_field_can_be_taken_back(home: Settings) -> None:
    app = open_form(dataset="digits")
    before = app.number_input(field(app, "training.steps")).value
    app.number_input(field(app, "training.steps")).set_value(7).run()
    app.button("new_run.reset").click().run()
    assert app.number_input(field(app, "training.steps")).value == before


def test_ones_own_images_are_asked_for_before_anything_can_start(home: Settings) -> None:
    app = open_form(dataset="image_folder")
    assert "Images is needed." in captions(app) or "Images must not be empty." in captions(app)


def test_before_the_first_catalogue_the_page_says_what_is_happening(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio, "catalogue", lambda: None)
    assert "PyTorch" in captions(open_form())


def test_a_link_that_names_a_text_alone_brings_a_method_that_takes_texts(home: Settings) -> None:
    app = open_form(dataset="topics")
    assert app.selectbox(key="new_run.dataset").value == "topics"
    assert app.session_state["new_run.method"] == "bert"


def test_a_text_of_ones_own_comes_into_the_form_by_its_link(home: Settings) -> None:
    kept = text_uploads.accept(b"the rain fell on the roof\n" * 60, "rain.txt", home.uploads)
    app = open_form(method="gpt", text=kept.id)
    chosen = app.selectbox(key="new_run.gpt.text_file.small.data.file")
    assert app.selectbox(key="new_run.dataset").value == "text_file"
    assert chosen.value == kept.id and "rain.txt · 1,560 characters" in chosen.options
    app.segmented_control(key="new_run.preset").set_value("tiny").run()
    assert app.selectbox(key="new_run.gpt.text_file.tiny.data.file").value == kept.id
