"""From the form to the run: one job a form, however it is pressed; drafts that stay; messages at their fields."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from dashboard.jobs import control
from dashboard.tracking.records import Run, RunFilter
from tests.browser.conftest import Studio
from tests.browser.watching import RUN_MS, open_page, settled

pytestmark = pytest.mark.browser

RUN_ADDRESS = re.compile(r"/run\?.*run=([a-z0-9-]+)")


@pytest.fixture(autouse=True)
def quiet(warm: Studio) -> Iterator[None]:
    """Whatever a test starts is stopped after it."""
    yield
    with warm.store() as store:
        for run in store.runs(RunFilter(example=False)):
            if run.state.active:
                control.stop(store, warm.settings, run.id)


def own_runs(studio: Studio) -> list[Run]:
    with studio.store() as store:
        return store.runs(RunFilter(example=False))


def start_button(page: Page) -> None:
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled(timeout=RUN_MS)


def choose_tiny(page: Page, studio: Studio, query: str = "") -> None:
    open_page(page, f"{studio.url}/new_run{query}")
    page.get_by_role("radio", name="Tiny").click(force=True)
    settled(page)
    start_button(page)


def started(page: Page) -> str:
    page.wait_for_url(RUN_ADDRESS, timeout=RUN_MS)
    found = RUN_ADDRESS.search(page.url)
    assert found is not None
    return found.group(1)


def test_start_makes_the_ordered_run_and_shows_it(page: Page, warm: Studio) -> None:
    choose_tiny(page, warm)
    page.get_by_label("Name").fill("From the browser")
    page.get_by_label("Name").press("Enter")
    settled(page)
    page.get_by_role("button", name="Start", exact=True).click()
    identity = started(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("From the browser", timeout=RUN_MS)
    run = next(one for one in own_runs(warm) if one.id == identity)
    assert (run.method, run.dataset, run.preset) == ("ddpm", "digits", "tiny")


def test_a_double_click_on_start_is_one_job(page: Page, warm: Studio) -> None:
    before = len(own_runs(warm))
    choose_tiny(page, warm)
    page.get_by_role("button", name="Start", exact=True).dblclick()
    started(page)
    settled(page)
    assert "/run?" in page.url
    assert len(own_runs(warm)) == before + 1


def test_two_tabs_of_one_form_are_one_job_and_a_new_form_is_another(context: BrowserContext, warm: Studio) -> None:
    before = len(own_runs(warm))
    first, second = context.new_page(), context.new_page()
    choose_tiny(first, warm)
    draft = re.search("draft=([0-9a-f]+)", first.url)
    assert draft is not None
    choose_tiny(second, warm, f"?draft={draft.group(1)}")
    for tab in (first, second):
        tab.get_by_role("button", name="Start", exact=True).click()
    assert started(first) == started(second)
    assert len(own_runs(warm)) == before + 1
    first.get_by_role("link", name="New run").first.click()
    settled(first)
    start_button(first)
    first.get_by_role("button", name="Start", exact=True).click()
    assert started(first) != started(second)
    assert len(own_runs(warm)) == before + 2


def test_a_draft_survives_another_page_and_another_language(page: Page, warm: Studio) -> None:
    choose_tiny(page, warm)
    steps = page.get_by_label("Steps", exact=True)
    steps.fill("77")
    steps.press("Enter")
    settled(page)
    page.get_by_role("link", name="Data").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Data", timeout=RUN_MS)
    page.get_by_role("link", name="New run").first.click()
    expect(page.get_by_label("Steps", exact=True)).to_have_value("77", timeout=RUN_MS)
    page.get_by_text("हिन्दी").click()
    expect(page.get_by_label("स्टेप", exact=True)).to_have_value("77", timeout=RUN_MS)


def test_an_impossible_value_is_told_at_its_field_and_cannot_be_started(page: Page, warm: Studio) -> None:
    open_page(page, f"{warm.url}/new_run?lang=hi")
    steps = page.get_by_label("स्टेप", exact=True)
    steps.fill("0")
    steps.press("Enter")
    expect(page.get_by_text("स्टेप कम से कम 1 होना चाहिए।")).to_be_visible(timeout=RUN_MS)
    expect(page.get_by_role("button", name="शुरू करें", exact=True)).to_be_disabled()


def test_the_form_can_be_filled_like_an_earlier_run(page: Page, warm: Studio) -> None:
    choose_tiny(page, warm)
    seed = page.get_by_label("Seed", exact=True)
    seed.fill("41")
    seed.press("Enter")
    settled(page)
    page.get_by_role("button", name="Start", exact=True).click()
    identity = started(page)
    open_page(page, f"{warm.url}/new_run?like={identity}")
    expect(page.get_by_label("Seed", exact=True)).to_have_value("41", timeout=RUN_MS)
    expect(page.get_by_role("radio", name="Tiny")).to_be_checked()
    assert "like=" not in page.url
