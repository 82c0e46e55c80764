"""The lab's face "Repair" in a real browser: paint, erase, undo, go away and come back, fill."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Studio
from tests.browser.watching import RUN_MS, complete, open_page, settled

SHARE = re.compile(r"^Painted: (\d+)% of the picture$")
FILLED_MS = 120_000

pytestmark = pytest.mark.browser


def _share(page: Page) -> int:
    complete(page)
    found = SHARE.match(page.get_by_text(SHARE).inner_text())
    assert found is not None
    return int(found[1])


def _undo(page: Page) -> Locator:
    """Our own button; the canvas has one of that name too, for what it has not told yet."""
    return page.get_by_test_id("stBaseButton-secondary").filter(has_text="Undo")


def _stroke(page: Page, y: int) -> None:
    """A straight line across the canvas, `y` pixels below its upper edge."""
    box = page.locator("canvas").last.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + y)
    page.mouse.down()
    page.mouse.move(box["x"] + 240, box["y"] + y, steps=6)
    page.mouse.up()


def test_what_is_painted_can_be_erased_and_undone_survives_a_page_change_and_is_filled(
    page: Page, warm: Studio
) -> None:
    open_page(page, f"{warm.url}/lab?face=repair&run=example-mnist&item=3&steps=5&resamplings=1&results=1")
    expect(page.locator("canvas").last).to_be_visible(timeout=2 * RUN_MS)
    assert _share(page) == 0
    _stroke(page, 140)
    expect(_undo(page)).to_be_enabled(timeout=RUN_MS)
    once = _share(page)
    assert 4 <= once <= 20
    _stroke(page, 220)
    expect(page.get_by_text(f"Painted: {once}% of the picture")).to_have_count(0, timeout=RUN_MS)
    twice = _share(page)
    assert twice > once
    _undo(page).click()
    expect(page.get_by_text(f"Painted: {once}% of the picture")).to_be_visible(timeout=RUN_MS)
    page.get_by_role("link", name="Data").first.click()
    settled(page)
    page.get_by_role("link", name="Lab").first.click()
    settled(page)
    assert _share(page) == once, "the page forgot its face, or the picture that was chosen"
    page.get_by_text("Eraser", exact=True).click()
    settled(page)
    _stroke(page, 140)
    expect(page.get_by_text("Painted: 0% of the picture")).to_be_visible(timeout=RUN_MS)
    page.get_by_role("button", name="Fill the painted part").click()
    expect(page.get_by_text("Paint the part to be filled first.")).to_be_visible(timeout=FILLED_MS)
    _undo(page).click()
    expect(page.get_by_text(f"Painted: {once}% of the picture")).to_be_visible(timeout=RUN_MS)
    page.get_by_role("button", name="Fill the painted part").click()
    expect(page.get_by_role("button", name="Download the result")).to_be_visible(timeout=FILLED_MS)
