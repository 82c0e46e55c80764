"""The run page and the runs page, drawn from made runs: what stands on them in each state, in both languages."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.jobs import control
from dashboard.jobs.control import SupervisorStatus
from dashboard.publishing import catalogue_of
from dashboard.settings import Settings
from dashboard.tracking.records import Reason, State
from dashboard.tracking.store import Store
from dashboard.ui import links, plot, studio
from data.discovery import Discovered
from data.text import Text
from lightning_modules.ssl import byol
from tests.watching.homes import home, make_run

os.environ["SAMAJH_STRICT_TEXTS"] = "1"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store that the pages see; charts are only counted, since AppTest draws no components."""
    settings: Settings = home(tmp_path)
    with Store.open(settings) as opened:
        monkeypatch.setattr(studio, "store", lambda: opened)
        monkeypatch.setattr(studio, "settings", lambda: settings)
        monkeypatch.setattr(studio, "catalogue", lambda: None)
        monkeypatch.setattr(studio, "supervisor", lambda: SupervisorStatus(alive=True))
        monkeypatch.setattr(links, "link", lambda *_, **__: None)  # there is no navigation around these pages
        monkeypatch.setattr(plot, "_component", lambda: lambda **_: None)
        yield opened


def draw(page: str, language: str = "en", **parameters: str) -> AppTest:
    app = AppTest.from_string(
        f"import streamlit as st\nst.session_state['frame.language'] = '{language}'\n"
        f"from pages.{page} import render\nrender()",
        default_timeout=30,
    )
    for name, value in parameters.items():
        app.query_params[name] = value
    return app.run()


def texts(app: AppTest) -> str:
    parts = [*app.title, *app.caption, *app.markdown, *app.warning, *app.error, *app.info]
    return "\n".join(str(part.value) for part in parts)


def test_a_finished_run_shows_its_state_its_facts_and_its_newest_value(store: Store) -> None:
    app = draw("run", run=make_run(store))
    assert not app.exception
    assert app.title[0].value == "Digits from noise"
    assert "seed 0" in texts(app) and "All steps are done." in texts(app)
    assert app.metric[0].label == "loss" and app.metric[0].value == "0.01667"


def test_the_buttons_fit_the_state(store: Store) -> None:
    stopped = make_run(store, state=State.STOPPED, reason=None, total=100)
    app = draw("run", run=stopped)
    assert "Resume" in [button.label for button in app.button]
    assert "Stop" not in [button.label for button in app.button]
    store.set_state(stopped, State.RUNNING)
    labels = [button.label for button in draw("run", run=stopped).button]
    assert {"Pause", "Stop"} <= set(labels) and "Resume" not in labels


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("language", ["en", "hi"])
def test_every_state_is_drawn_in_both_languages_without_a_missing_text(
    store: Store, state: State, language: str
) -> None:
    run = make_run(store, state=state, reason=None, total=100)
    app = draw("run", language, run=run)
    assert not app.exception
    assert not app.error


def test_a_failed_run_tells_the_reason_as_recorded(store: Store) -> None:
    reason = Reason("out_of_memory", Text(en="The job needed more memory than 100 MiB.", hi="मेमोरी कम पड़ी।"))
    app = draw("run", run=make_run(store, state=State.FAILED, reason=reason))
    assert app.error[0].value == reason.text.en
    assert draw("run", "hi", run=store.runs()[0].id).error[0].value == reason.text.hi


def test_nan_and_divergence_are_told_in_plain_words(store: Store) -> None:
    bad = draw("run", run=make_run(store, losses=[1.0] * 30 + [float("nan")] * 5))
    assert "since step 31" in bad.warning[0].value
    climbing = draw("run", run=make_run(store, losses=[1.0] * 30 + [2.0**k for k in range(1, 11)]))
    assert "is climbing" in climbing.warning[0].value


def test_a_collapse_is_told_in_plain_words_in_both_languages_while_the_loss_looks_fine(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio, "catalogue", lambda: catalogue_of(Discovered(methods={"byol": byol.METHOD})))
    spread = [0.7] * 30 + [0.01] * 30
    run = make_run(store, method="byol", more={"projection_spread": spread})
    [said] = draw("run", run=run).warning
    assert "have collapsed" in said.value and "since step 31" in said.value
    assert "ढह गए" in draw("run", "hi", run=run).warning[0].value
    assert not draw("run", run=make_run(store, method="byol", more={"projection_spread": spread[::-1]})).warning


def test_one_click_starts_the_sabotaged_run_and_opens_it_beside_the_healthy_one(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio, "catalogue", lambda: catalogue_of(Discovered(methods={"byol": byol.METHOD})))
    monkeypatch.setattr(control, "ensure_supervisor", lambda *_: None)  # nothing is to be trained here
    opened: list[str] = []
    monkeypatch.setattr(links, "goto", lambda page, **parameters: opened.append(parameters["compare"]))
    healthy = make_run(store, method="byol")
    draw("run", run=healthy).button(key="do-sabotage-neither").click().run()
    [sabotaged] = [run for run in store.runs() if run.id != healthy]
    assert opened == [f"{healthy},{sabotaged.id}"]
    assert sabotaged.config["method_config"] == {"predictor": False, "stop_gradient": False}


def test_a_representation_is_judged_in_words_against_raw_pixels(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studio, "catalogue", lambda: catalogue_of(Discovered(methods={"byol": byol.METHOD})))
    for shares, said in ((0.7, "no better than memorised (74.4%) yet"), (0.9, "90.0%, better than memorised (74.4%)")):
        line = ("few_label_accuracy", 0.744)
        run = make_run(store, method="byol", more={"few_label_accuracy": [shares] * 60}, line=line)
        assert any(said in caption.value for caption in draw("run", run=run).caption)


def test_an_unknown_run_leads_to_the_list_instead_of_an_error(store: Store) -> None:
    app = draw("run", run="no-such-run")
    assert not app.exception and "no such run" in app.info[0].value
    assert not draw("run", run="../../etc").exception


def test_axis_smoothing_tab_and_zoom_come_from_the_url(store: Store) -> None:
    run = make_run(store)
    app = draw("run", run=run, x="time", smooth="5", tab="config", zoom="10-20", logy="1")
    assert app.session_state[f"x:{run}"] == "time"
    assert app.session_state[f"smooth:{run}"] == 5
    assert app.session_state[f"tab:{run}"] == "config"
    assert app.session_state[f"logy:{run}"] is True
    assert "Whole curve" in [button.label for button in app.button]
    odd = draw("run", run=run, x="moon", smooth="-3", tab="<b>", zoom="9-1", logy="?")
    assert not odd.exception and odd.session_state[f"x:{run}"] == "step"


def test_the_slider_shows_the_newest_samples_and_holds_an_earlier_choice(store: Store) -> None:
    run = make_run(store, pictures_every=20)
    app = draw("run", run=run)
    assert "Samples at step 60" in texts(app)
    app.select_slider(key=f"samples-step:{run}").set_value(20).run()
    assert "Samples at step 20" in texts(app)
    assert app.query_params["at"] in ("20", ["20"])
    assert "Samples at step 40" in texts(draw("run", run=run, at="40"))


def test_stop_is_asked_once_and_a_refusal_is_said(store: Store) -> None:
    run = make_run(store, state=State.RUNNING, reason=None, total=100)
    store.set_state(run, State.FINISHED)
    app = draw("run", run=run)
    assert not [button for button in app.button if button.label == "Stop"]


def test_name_tags_and_notes_are_kept(store: Store) -> None:
    run = make_run(store)
    app = draw("run", run=run)
    app.text_input(key=f"name:{run}").set_value("Better name")
    app.text_input(key=f"tags:{run}").set_value("a, b,a")
    app.text_area(key=f"notes:{run}").set_value("seen")
    next(button for button in app.button if button.label == "Save").click().run()
    kept = store.run(run)
    assert (kept.name, kept.tags, kept.notes) == ("Better name", ("a", "b"), "seen")


def test_a_run_can_be_thrown_away_and_taken_back(store: Store) -> None:
    run = make_run(store)
    app = draw("run", run=run)
    app.button(key="do-delete").click().run()
    assert store.run(run).deleted_at is not None
    app.button(key="do-restore").click().run()
    assert store.run(run).deleted_at is None


def test_the_list_is_found_by_search_and_filter_from_the_url(store: Store) -> None:
    make_run(store, name="first one")
    make_run(store, name="second one", state=State.FAILED)
    assert draw("runs").dataframe[0].value["name"].tolist() == ["second one", "first one"]
    assert draw("runs", q="first").dataframe[0].value["name"].tolist() == ["first one"]
    assert draw("runs", state="failed").dataframe[0].value["name"].tolist() == ["second one"]
    nothing = draw("runs", q="third")
    assert not nothing.dataframe and "No run fits" in nothing.info[0].value


def test_compare_shows_values_and_what_differs(store: Store) -> None:
    runs = [make_run(store, name=f"run {k}", seed=k, learning_rate=1e-3, group="g") for k in range(3)]
    app = draw("runs", compare=",".join(runs))
    assert not app.exception
    newest, differences = (frame.value for frame in app.dataframe)
    assert list(newest.columns)[1:] == ["run 0", "run 1", "run 2"]
    assert differences["Setting"].tolist() == ["seed"]
    banded = draw("runs", "hi", compare=",".join(runs), band="1")
    assert not banded.exception and not banded.error


def test_compare_leaves_out_what_is_gone_and_says_so(store: Store) -> None:
    app = draw("runs", compare=f"{make_run(store)},gone-away-1")
    assert not app.exception and "gone-away-1" in app.warning[0].value
