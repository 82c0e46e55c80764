"""Runs side by side without a browser: a sabotaged one says in words what was taken away and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.contests import sabotage
from dashboard.jobs import control
from dashboard.publishing import catalogue_of
from dashboard.settings import Settings
from dashboard.tracking.ingest import collect
from dashboard.tracking.store import Store
from dashboard.ui import links, studio
from data.datasets import digits
from data.discovery import Discovered
from lightning_modules.ssl import byol
from tests.tracking.conftest import Job

SCRIPT = "from dashboard.ui import language; language.settle(); from pages.runs import render; render()"


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, str]]:
    """A healthy run and one without its predictor, whose projections have collapsed; both are over."""
    settings = Settings(home=tmp_path / "home", examples=False)
    catalogue = catalogue_of(Discovered(methods={"byol": byol.METHOD}, datasets={"digits": digits.DATASET}))
    monkeypatch.setattr(studio, "settings", lambda: settings)
    monkeypatch.setattr(studio, "catalogue", lambda: catalogue)
    monkeypatch.setattr(links, "link", lambda *_, **__: None)
    monkeypatch.setattr(control, "ensure_supervisor", lambda *_, **__: None)
    st.cache_resource.clear()
    with Store.open(settings) as store:
        order = catalogue.resolve("byol", "digits", "tiny", {})
        runs = sabotage.start(store, settings, catalogue, order, "no_predictor")
        [alarmed] = [one.name for one in byol.METHOD.metrics if one.alarm is not None]
        for run, spread in zip(runs, (1.0, 0.001), strict=True):
            job = Job(store, run)
            job.start()
            job.log(range(1, 41), loss=0.5, **{alarmed: spread})
            job.end()
        collect(store, settings)
    yield runs[0].id, runs[1].id
    st.cache_resource.clear()


@pytest.mark.parametrize(("language", "title"), [("en", "Without the predictor"), ("hi", "प्रेडिक्टर के बिना")])
def test_the_collapsed_one_is_told_by_name(pair: tuple[str, str], language: str, title: str) -> None:
    app = AppTest.from_string(SCRIPT, default_timeout=60)
    app.query_params["compare"], app.query_params["lang"] = ",".join(pair), language
    app.run()
    assert not app.exception and not app.error
    [warning] = [one.value for one in app.warning]
    assert warning.startswith(f"**byol · digits · {title}** · ")
    assert f"byol · digits · {title}" in app.dataframe[0].value.columns
    assert list(app.dataframe[0].value.iloc[0, 1:]) in (["Finished", "Finished"], ["पूरा हुआ", "पूरा हुआ"])


def test_curves_begin_with_the_loss_and_what_tells_the_collapse(pair: tuple[str, str]) -> None:
    app = AppTest.from_string(SCRIPT, default_timeout=60)
    app.query_params["compare"] = ",".join(pair)
    app.run()
    [shown] = [one.value for one in app.multiselect]
    assert shown[0] == "loss" and len(shown) == 2
