"""What is known of a comparison: kept whole, read back, and told without claiming more than the seeds allow."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dashboard.compute.framing import Message
from dashboard.figures.label_budgets import label_budgets
from dashboard.settings import Settings
from dashboard.worth import asking, results
from dashboard.worth.request import WorthRequest
from dashboard.worth.results import Results
from dashboard.worth.telling import sentence, with_interval
from data.text import LANGUAGES, Problem, Text
from lightning_modules.ssl.budgets import ALL, WAYS

FACTS = {"budgets": [1, 10, ALL], "guessing": 0.1}


def _known(shares: dict[str, tuple[float, float, float]], seeds: int = 3) -> Results:
    """Shares by way at the three budgets, the same over all seeds but for a thousandth."""
    found = Results(dict(FACTS))
    for way in WAYS:
        for each, share in zip((1, 10, ALL), shares.get(way, (0.5, 0.5, 0.5)), strict=True):
            for seed in range(seeds):
                found.cells[way, each, seed] = share + seed / 1000
    return found


def test_figures_are_kept_whole_and_a_damaged_file_counts_as_none(tmp_path: Path) -> None:
    path = results.path_of(tmp_path, step=8, fingerprint="f", steps=400)
    assert path != results.path_of(tmp_path, step=9, fingerprint="f", steps=400) and results.read(path) is None
    known = _known({})
    results.write(path, known)
    assert results.read(path) == known
    path.write_text("{")
    assert results.read(path) is None
    path.write_text(json.dumps({"facts": FACTS, "cells": {"probe/1/0": "x", "magic/1/0": 0.5, "pca/1/0": 0.25}}))
    found = results.read(path)
    assert found is not None and found.cells == {("pca", 1, 0): 0.25}


def test_only_what_is_missing_is_left() -> None:
    known = _known({}, seeds=1)
    assert known.left(1) == [] and len(known.left(2)) == 15 and known.total(2) == 30


@pytest.mark.parametrize(
    ("probe", "supervised", "said"),
    [
        ((0.5, 0.9, 0.95), (0.4, 0.7, 0.97), "from scratch that takes all labels"),
        ((0.5, 0.9, 0.95), (0.4, 0.7, 0.85), "one trained from scratch 70%."),
        ((0.5, 0.6, 0.95), (0.4, 0.7, 0.85), "did not help"),
    ],
)
def test_the_sentence_says_what_pretraining_gained(
    probe: tuple[float, float, float], supervised: tuple[float, float, float], said: str
) -> None:
    told = sentence(_known({"probe": probe, "fine_tuned": (0.1, 0.1, 0.1), "supervised": supervised}))
    assert told is not None and said in told.en, told


@pytest.mark.parametrize(("pca", "added"), [(0.95, True), (0.9, False), (0.3, False)])
def test_the_sentence_does_not_hide_that_no_network_was_needed(pca: float, added: bool) -> None:
    ways = {"probe": (0.5, 0.9, 0.95), "fine_tuned": (0.1, 0.1, 0.1), "supervised": (0.4, 0.7, 0.85)}
    told = sentence(_known({**ways, "pca": (0.1, pca, 0.1)}))
    assert told is not None
    assert ("Without training any network, PCA + nearest labelled names 95%." in told.en) == added
    assert ("कोई नेटवर्क सिखाए बिना" in told.hi) == added


def test_no_difference_is_claimed_where_the_seeds_disagree() -> None:
    known = _known({"probe": (0.5, 0.8, 0.9), "supervised": (0.5, 0.79, 0.9), "fine_tuned": (0.1, 0.1, 0.1)})
    known.cells["supervised", 10, 1] = 0.9
    told = sentence(known)
    assert told is not None and "no clear difference yet (seeds: 3)" in told.en
    one = _known({"probe": (0.5, 0.8, 0.9), "supervised": (0.5, 0.78, 0.9), "fine_tuned": (0.1, 0.1, 0.1)}, seeds=1)
    told = sentence(one)
    assert told is not None and "(seeds: 1)" in told.en
    assert sentence(Results(dict(FACTS))) is None


def test_a_share_bears_its_interval_where_there_are_seeds() -> None:
    known = _known({"pca": (0.5, 0.6, 0.7)})
    assert with_interval(known.spread("pca", 1)) == "50.1 ± 0.2%"
    assert with_interval(_known({"pca": (0.5, 0.6, 0.7)}, seeds=1).spread("pca", 1)) == "50.0%"
    assert with_interval(None) == "–"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_chart_has_a_line_for_each_way_and_its_numbers_as_a_table(language: str) -> None:
    known = _known({"probe": (0.5, 0.8, 0.9)})
    drawing = label_budgets(known, language=language)  # type: ignore[arg-type]
    lines = [trace for trace in drawing.figure.data if trace.error_y.array is not None]
    assert len(lines) == len(WAYS)
    assert list(lines[1].y) == pytest.approx([0.501, 0.801, 0.901])
    assert drawing.table.shape == (5, 4) and "90.1 ± 0.2%" in str(drawing.table.iloc[1, 3])
    half = Results(dict(FACTS), {("pca", 1, 0): 0.5})
    assert label_budgets(half).figure.data[3].y == (0.5, None, None)


def test_a_worker_that_dies_costs_one_figure_and_one_that_keeps_dying_ends_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said: list[object] = ["dies", 2, "dies", 0]

    def ask(*_: object, **__: object) -> Message:
        one = said.pop(0)
        if one == "dies":
            raise Problem(Text(en="x", hi="x"), code="worker_stopped")
        return Message({**_known({}).plain(), "left": one, "total": 3}, {})

    monkeypatch.setattr(asking, "ask", ask)
    request = WorthRequest(run="r")
    assert [one.left for one in asking.measured(Settings(home=tmp_path), request)] == [2, 0]
    said[:] = ["dies", "dies"]
    with pytest.raises(Problem):
        list(asking.measured(Settings(home=tmp_path), request))
