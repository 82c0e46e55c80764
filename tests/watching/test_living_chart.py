"""What a refresh of the run page sends: finer detail where a person zoomed, and never much."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import plotly.offline
import pytest

from dashboard.figures.report import LIBRARY as LIBRARY_FILE
from dashboard.jobs.control import SupervisorStatus
from dashboard.tracking.store import Store
from dashboard.ui import links, plot, studio
from tests.watching.homes import home, make_run
from tests.watching.test_pages import draw

POINTS = 30_000


@pytest.fixture
def sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Store, dict[str, Any]]]:
    """A store, and what each chart was given, by key."""
    settings = home(tmp_path)
    given: dict[str, Any] = {}

    def mount(*, key: str, data: dict[str, Any], **_: Any) -> None:
        given[key] = data

    with Store.open(settings) as store:
        monkeypatch.setattr(studio, "store", lambda: store)
        monkeypatch.setattr(studio, "settings", lambda: settings)
        monkeypatch.setattr(studio, "catalogue", lambda: None)
        monkeypatch.setattr(studio, "supervisor", lambda: SupervisorStatus(alive=True))
        monkeypatch.setattr(links, "link", lambda *_, **__: None)
        monkeypatch.setattr(plot, "_component", lambda: mount)
        yield store, given


def steps_drawn(given: dict[str, Any], run: str, meta: str = "line") -> list[int]:
    figure = json.loads(given[f"curves-{run}"]["figure"])
    x = next(trace for trace in figure["data"] if trace["meta"] == meta)["x"]
    return [int(step) for step in np.frombuffer(base64.b64decode(x["bdata"]), dtype=x["dtype"])]


def long_run(store: Store) -> str:
    noise = np.random.default_rng(0)
    return make_run(store, losses=(0.1 + noise.random(POINTS)).tolist())


def test_a_zoom_is_answered_with_every_step_in_view(sent: tuple[Store, dict[str, Any]]) -> None:
    store, given = sent
    run = long_run(store)
    draw("run", run=run)
    assert len(steps_drawn(given, run)) <= 1000
    draw("run", run=run, zoom="20000-20100")
    assert set(range(20_000, 20_101)) <= set(steps_drawn(given, run))


def test_a_zoomed_chart_is_still_small_and_shows_only_the_view(sent: tuple[Store, dict[str, Any]]) -> None:
    store, given = sent
    run = long_run(store)
    draw("run", run=run, zoom="5000-25000")
    figure = json.loads(given[f"curves-{run}"]["figure"])
    assert figure["layout"]["xaxis"]["range"] == [5000, 25000]
    assert len(steps_drawn(given, run, "extremes")) <= 2000


def test_a_refresh_sends_far_less_than_a_megabyte(sent: tuple[Store, dict[str, Any]]) -> None:
    store, given = sent
    draw("run", run=long_run(store))
    assert sum(len(json.dumps(data)) for data in given.values()) < 300_000


def test_the_same_view_is_the_same_chart_and_another_view_is_another_revision(
    sent: tuple[Store, dict[str, Any]],
) -> None:
    store, given = sent
    run = make_run(store)

    def revision(**parameters: str) -> str:
        draw("run", run=run, **parameters)
        return str(json.loads(given[f"curves-{run}"]["figure"])["layout"]["uirevision"])

    assert revision() == revision(smooth="50")
    assert len({revision(), revision(zoom="10-20"), revision(x="time"), revision(logx="1")}) == 4


def test_the_chart_has_words_for_those_who_cannot_see_it(sent: tuple[Store, dict[str, Any]]) -> None:
    store, given = sent
    run = make_run(store)
    draw("run", run=run)
    assert "60 points" in given[f"curves-{run}"]["alt"]


def test_the_library_in_the_browser_is_the_one_the_python_package_carries() -> None:
    version = plotly.offline.get_plotlyjs_version()
    assert f"v{version}" in LIBRARY_FILE.read_text(encoding="utf-8")[:200]
    assert LIBRARY_FILE.name == plot.LIBRARY == f"plotly-basic-{version}.min.js"
