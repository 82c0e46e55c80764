"""A run saved as one HTML file: whole, closed to the network, and safe whatever people wrote into it."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from dashboard.figures.report import report
from dashboard.settings import Settings
from dashboard.tracking.store import Store
from data.text import Problem
from tests.watching.homes import make_run


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(Settings(home=tmp_path / "home"))


def test_everything_is_inside_and_nothing_is_fetched(store: Store) -> None:
    page = report(store, make_run(store, pictures_every=20))
    assert "default-src 'none'" in page
    outside = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)  # the library's own texts name addresses
    assert not re.findall(r'(?:src|href)="(?!data:)', outside)
    assert not re.findall(r"url\((?!data:)", outside)
    assert "window.Plotly" in page and page.count("data:image/png;base64,") >= 1
    assert page.count("font/woff2") == 4


def test_the_curve_in_the_file_is_the_curve_of_the_run(store: Store) -> None:
    page = report(store, make_run(store))
    found = re.search(r'<script type="application/json" id="figure">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    figure = json.loads(found.group(1))
    assert {"line", "extremes"} >= {trace["meta"] for trace in figure["data"]}
    assert "memorised" in found.group(1)


def test_names_and_notes_cannot_run_as_scripts(store: Store) -> None:
    evil = "</script><script>alert(1)</script>"
    run = make_run(store, name=evil)
    store.edit(run, notes=f"<img src=x onerror=alert(1)> {evil}", tags=["<b>"])
    page = report(store, run)
    assert "alert(1)</script>" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_hindi_file_is_hindi(store: Store) -> None:
    page = report(store, make_run(store), language="hi")
    assert '<html lang="hi">' in page and "पूरा हुआ" in page and "सेटिंग" in page


def test_a_run_without_points_is_still_a_file(store: Store) -> None:
    page = report(store, make_run(store, losses=[]))
    assert "<h1>Digits from noise</h1>" in page and "window.Plotly" not in page


def test_an_unknown_run_is_a_plain_problem(store: Store) -> None:
    with pytest.raises(Problem, match="no-such"):
        report(store, "no-such-run")


def test_a_report_of_a_long_run_takes_less_than_two_seconds(store: Store) -> None:
    run = make_run(store, losses=[0.5] * 20_000)
    began = time.process_time()
    report(store, run)
    assert time.process_time() - began < 2
