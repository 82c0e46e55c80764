"""Every view about a table of 100,000 x 50, from opening to the first thing that says something: in a real browser, on an empty home.

Run with `python -m tests.benchmarks.bench_table_pages [--quick]`. A real studio (`streamlit run`) gets the tables as an upload would; the model is
the page's own default, trained by the page itself (cold). Then each view is opened in a new tab with questions nobody has asked before, once a
worker holds the model (warm). Wall seconds are what a person waits and depend on what else the machine does; beside them stand the
processor seconds of the whole studio (pages, workers) meanwhile, which do not. The browser is not counted there.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import numpy as np
import psutil
from playwright.sync_api import Browser, sync_playwright

from dashboard import catalogue
from dashboard.jobs.status import supervisor_status
from dashboard.settings import Settings
from dashboard.tables.encoding import encode
from dashboard.tables.fitting import split
from dashboard.tables.recipe import Recipe
from data import tables
from tests.benchmarks.bench_live import served
from tests.benchmarks.big_table import CLASS, NUMBER, as_csv

PATIENCE_S = 400.0
CHART = ".samajh-plot .main-svg"
VIEWS: dict[str, dict[str, str]] = {
    "view=why": {"the sentence": ".st-key-passage-table-why h4", "its chart": f".st-key-passage-table-why {CHART}",
                 "first evidence": ".st-key-evidence p:has-text('·')"},
    "view=why&method=lime": {"LIME": ".st-key-passage-table-why h4"},
    "view=why&method=tree_shap": {"TreeSHAP": ".st-key-passage-table-why h4"},
    "view=whole": {"beeswarm": f".st-key-passage-table-swarm {CHART}", "importance": f".st-key-passage-table-whole {CHART}",
                   "PDP and ICE": f".st-key-passage-table-moves {CHART}"},
    "view=whole&by=choice 1": {"cohorts": f".st-key-passage-table-swarm {CHART} >> nth=1"},
    "view=what_if": {"what if": ".st-key-passage-table-whatif h4"},
    "view=ways": {"counterfactual": ".st-key-passage-table-ways h4"},
    "view=worth": {"validation": f":is(.st-key-passage-table-roc, .st-key-passage-table-residuals) {CHART}",
                   "rivals": f".st-key-passage-table-rivals {CHART}"},
    "view=fair&group=choice 2": {"fairness": ".st-key-passage-table-groups h4"},
    "view=letter": {"the letter": ".st-key-passage-table-letter p:has-text('computer program')"},
}  # fmt: skip
"""By its address, each view with what has to stand on screen."""


class Processors:
    """Processor seconds of a process and all its children, the dead ones among them."""

    def __init__(self, roots: list[psutil.Process]) -> None:
        self._roots = roots
        self._known: dict[int, float] = {}

    def seconds(self) -> float:
        """Since they were born."""
        for root in self._roots:
            for one in [root, *root.children(recursive=True)]:
                try:
                    times = one.cpu_times()
                except psutil.NoSuchProcess:
                    continue
                self._known[one.pid] = times.user + times.system
        return sum(self._known.values())

    def running(self) -> bool:
        """Whether one of them wants a processor now."""
        for root in self._roots:
            for one in [root, *root.children(recursive=True)]:
                with suppress(psutil.NoSuchProcess):
                    if one.status() in (psutil.STATUS_RUNNING, psutil.STATUS_DISK_SLEEP):
                        return True
        return False


def visit(
    browser: Browser, address: str, wanted: dict[str, str], processors: Processors
) -> dict[str, dict[str, float]]:
    """Wall and processor seconds until each thing wanted stood there, in a new tab; `rest` is when the studio had nothing to do any more."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(urljoin(address, "/data"))  # what the browser keeps of Streamlit itself is there from now on
    page.locator("h1").first.wait_for(timeout=PATIENCE_S * 1000)
    _rest(processors)
    before, began = processors.seconds(), time.perf_counter()

    def now() -> dict[str, float]:
        wall = time.perf_counter() - began
        return {"wall_s": round(wall, 2), "processor_s": round(processors.seconds() - before, 2)}

    page.goto(address, wait_until="commit")
    found: dict[str, dict[str, float]] = {}
    while len(found) < len(wanted):
        for name, selector in wanted.items():
            if name not in found and page.locator(selector).first.is_visible():
                found[name] = now()
        if time.perf_counter() - began > PATIENCE_S:
            raise AssertionError(
                f"{set(wanted) - set(found)} did not come; the page says: {page.locator('body').inner_text()[:2000]}"
            )
        time.sleep(0.03)
    _rest(processors)
    found["rest"] = now()
    page.close()
    return found


def _rest(processors: Processors) -> None:
    """Wait until the studio has been idle for a second and a half: on a busy machine little processor time alone does not say so."""
    while True:
        before, running = processors.seconds(), 0
        for _ in range(15):
            time.sleep(0.1)
            running += processors.running()
        if processors.seconds() - before < 0.3 and running < 5:
            return


def rows_of(about: tables.TableAbout, recipe: Recipe) -> list[int]:
    """Lines of the table that the page offers, in a seeded order: each visit asks about another."""
    data = encode(tables.load(about), recipe)
    _, held_out = split(data, np.random.default_rng(recipe.seed))
    lines = data.lines[held_out[:200]]
    return [int(line) for line in np.random.default_rng(7).permutation(lines)]


def measure(rows: int, targets: tuple[str, ...], only: str) -> dict[str, Any]:
    """Figures by target and view."""
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="samajh-bench-pages-") as folder:
        home = Settings(home=Path(folder) / "home")
        with served(home) as (process, port), sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=os.environ.get("SAMAJH_CHROMIUM") or shutil.which("chromium"),
                args=["--no-sandbox", "--disable-gpu"],
            )
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{port}/data")
            while catalogue.read(home) is None or supervisor_status(home).start == "starting":
                time.sleep(0.2)
            page.close()
            processors = Processors([psutil.Process(process.pid), psutil.Process(supervisor_status(home).pid)])
            for target in targets:
                figures[target] = {}
                content, own = as_csv(rows, 50, target, seed=11), psutil.Process()
                spent, began = sum(own.cpu_times()[:4]), time.perf_counter()
                about = tables.accept(content, f"{target}.csv", home.tables)
                took = {
                    "wall_s": round(time.perf_counter() - began, 2),
                    "processor_s": round(sum(own.cpu_times()[:4]) - spent, 2),
                }
                _say(figures[target], target, "upload", took)
                lines = rows_of(about, Recipe(table=about.id, target=target))
                base = f"http://127.0.0.1:{port}/explain?of=table&table={about.id}"
                views = {name: wanted for name, wanted in VIEWS.items() if only in name}
                cold = {
                    "cold: the model": ".st-key-passage-table-row",
                    "cold: the sentence": ".st-key-passage-table-why h4",
                }
                for name, wanted in {"view=why&cold": cold, **views}.items():
                    found = visit(browser, f"{base}&{name}&row={lines.pop()}", wanted, processors)
                    for what, one in found.items():
                        _say(figures[target], target, f"{name}: rest" if what == "rest" else what, one)
                found = visit(browser, f"http://127.0.0.1:{port}/data", {"Data": "h1"}, processors)
                _say(figures[target], target, "the page Data", found["Data"])
            browser.close()
    return figures


def _say(into: dict[str, Any], target: str, what: str, one: dict[str, float]) -> None:
    into[what] = one
    sys.stdout.write(f"{target:<9} {what:<34} {one['wall_s']:7.2f} s wall {one['processor_s']:7.2f} s of processor\n")
    sys.stdout.flush()


def main() -> int:
    """Measure, print a line a view, and the figures as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="2,000 rows, and only a number to predict")
    parser.add_argument("--only", default="", help="views whose address has this in it")
    parser.add_argument("--targets", nargs="*", default=[CLASS, NUMBER])
    asked = parser.parse_args()
    figures = measure(2_000 if asked.quick else 100_000, (NUMBER,) if asked.quick else tuple(asked.targets), asked.only)
    sys.stdout.write(json.dumps({"table_pages": {"load": os.getloadavg()[0], **figures}}) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
