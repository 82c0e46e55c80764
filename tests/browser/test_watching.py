"""The whole walk in a real browser: start, watch, stop, resume, reload; and a studio killed while a run goes on."""

from __future__ import annotations

import re
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from dashboard import catalogue
from dashboard.jobs import control
from dashboard.tracking.records import State
from tests.browser.charts import PLOT, line, traces, visible, wait_for_points
from tests.browser.conftest import Studio, free_port, serve
from tests.browser.watching import complete, open_page, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

LONG_MS = 240_000
STEPS = 900
"""Few enough that every point is drawn as itself."""
BATCH = 256
"""Large enough that a run can be stopped half way on a fast machine, and on one where the browser is slow."""


def order(page: Page, studio: Studio) -> str:
    """New run → DDPM on digits, tiny → Start; returns the run id from the URL."""
    open_page(page, f"{studio.url}/new_run?method=ddpm&dataset=digits")
    complete(page)
    page.get_by_role("radio", name="Tiny").click()
    settled(page)  # the preset brings fields of its own
    for name, value in (("Steps", STEPS), ("Batch size (items)", BATCH)):
        field = page.get_by_label(name, exact=True)
        field.fill(str(value))
        field.press("Enter")
        settled(page)
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url(re.compile(r"/run\?.*run="), timeout=LONG_MS)
    found = re.search(r"run=([a-z0-9-]+)", page.url.split("?")[1])
    assert found is not None
    return found.group(1)


def start(studio: Studio, steps: int, batch: int = BATCH) -> str:
    """A run ordered without the form; returns its id."""
    found = catalogue.read(studio.settings)
    assert found is not None
    spec = found.resolve("ddpm", "digits", "tiny", {"steps": str(steps), "batch_size": str(batch)})
    with studio.store() as store:
        return control.submit(store, studio.settings, spec)[0].id


def wait_for_state(studio: Studio, run: str, *states: State, timeout_s: float = 300.0) -> None:
    until = time.monotonic() + timeout_s
    with studio.store() as store:
        while store.run(run).state not in states:
            assert time.monotonic() < until, store.run(run)
            time.sleep(0.1)


def steps_of(studio: Studio, run: str) -> list[int]:
    with studio.store() as store:
        return [int(step) for step in store.points(run, "loss")[0]]


def test_start_watch_stop_resume_and_reload(page: Page, warm: Studio) -> None:
    run = order(page, warm)
    wait_for_points(page, 1)
    expect(page.get_by_text(re.compile(r"Samples at step \d+"))).to_be_visible(timeout=LONG_MS)
    expect(page.locator(".st-key-samples img").first).to_be_visible(timeout=LONG_MS)

    page.get_by_role("button", name="Stop", exact=True).click()
    wait_for_state(warm, run, State.STOPPED)
    expect(page.get_by_role("button", name="Resume", exact=True)).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_text("Stopped by request")).to_be_visible()
    stopped_at = steps_of(warm, run)[-1]
    assert 0 < stopped_at < STEPS
    before = line(page)

    page.get_by_role("button", name="Resume", exact=True).click()
    wait_for_points(page, stopped_at + 20)
    page.get_by_role("button", name="Stop", exact=True).click()
    wait_for_state(warm, run, State.STOPPED, State.FINISHED)
    expect(page.get_by_role("button", name="Resume", exact=True)).to_be_visible(timeout=LONG_MS)

    kept = steps_of(warm, run)
    assert kept == list(range(1, kept[-1] + 1))
    wait_for_points(page, len(kept))
    after = line(page)
    assert after[0] == kept
    assert before[0] == kept[: len(before[0])]
    assert traces(page, "resumed")[0]["x"] == [stopped_at]

    same_view_after_reload(page, run)
    assert not [entry for entry in maps(warm.process.pid) if "libtorch" in entry]


def same_view_after_reload(page: Page, run: str) -> None:
    """Axis, zoom, face and everything drawn are the same after the page was loaded again."""
    page.get_by_role("radio", name="Events").click()
    expect(page.get_by_text(re.compile("Resumed from step"))).to_be_visible(timeout=30_000)
    box = page.locator(PLOT).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 150)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + 150, steps=4)
    page.mouse.up()
    expect(page.get_by_role("button", name="Whole curve")).to_be_visible(timeout=30_000)
    page.wait_for_url(re.compile("zoom="))
    page.wait_for_timeout(1500)
    view, drawn, url = visible(page), line(page), page.url
    assert f"run={run}" in url and "tab=events" in url
    page.reload()
    wait_for_points(page, len(drawn[0]))
    assert page.url == url
    assert [round(value) for value in visible(page)] == [round(value) for value in view]
    assert line(page) == drawn
    expect(page.get_by_text(re.compile("Resumed from step"))).to_be_visible(timeout=30_000)


def maps(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/maps").read_text().splitlines()


def test_a_refresh_keeps_the_chart_and_its_zoom(page: Page, warm: Studio) -> None:
    run = start(warm, STEPS)
    page.goto(f"{warm.url}/run?run={run}")
    try:
        watch_and_zoom(page, warm, run)
    finally:
        with warm.store() as store:
            control.stop(store, warm.settings, run)
    wait_for_state(warm, run, State.STOPPED, State.FINISHED)


def watch_and_zoom(page: Page, warm: Studio, run: str) -> None:
    wait_for_points(page, 10)
    page.evaluate("(s) => { document.querySelector(s).marked = true; }", PLOT)
    box = page.locator(PLOT).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 150)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 150, steps=4)
    page.mouse.up()
    expect(page.get_by_role("button", name="Whole curve")).to_be_visible(timeout=30_000)
    view = visible(page)
    already = len(steps_of(warm, run))
    until = time.monotonic() + 120
    while len(steps_of(warm, run)) < already + 30 and time.monotonic() < until:
        page.wait_for_timeout(500)
    page.wait_for_timeout(2500)
    assert page.evaluate("(s) => document.querySelector(s).marked === true", PLOT)
    assert np.allclose(visible(page), view, atol=1.0)  # a zoom is rounded to whole steps
    page.get_by_role("button", name="Whole curve").click()
    expect(page.get_by_role("button", name="Whole curve")).to_have_count(0, timeout=30_000)


def test_killing_streamlit_costs_the_run_nothing_and_the_page_comes_back(browser: object, warm: Studio) -> None:
    run = start(warm, 400, batch=64)
    port = free_port()
    first = serve(warm, port)
    tab = browser.new_page(viewport={"width": 1440, "height": 900}, locale="en-US")  # type: ignore[attr-defined]
    second = None
    try:
        tab.goto(f"http://127.0.0.1:{port}/run?run={run}")
        wait_for_points(tab, 3)
        first.send_signal(signal.SIGKILL)
        first.wait()
        seen = len(steps_of(warm, run))
        until = time.monotonic() + 120
        while len(steps_of(warm, run)) < min(400, seen + 20):
            assert time.monotonic() < until, "the run stood still after the pages were killed"
            time.sleep(0.2)
        second = serve(warm, port)
        wait_for_points(tab, seen + 10)
        wait_for_state(warm, run, State.FINISHED)
        assert steps_of(warm, run) == list(range(1, 401))
    finally:
        tab.close()
        for process in (first, second):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()
