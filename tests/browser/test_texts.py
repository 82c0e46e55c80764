"""Language models in a real browser: a text of one's own, a model that learns it, writes, and is looked into token by token."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from data import text_uploads
from tests.browser.conftest import Studio
from tests.browser.watching import complete, open_page, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

LONG_MS = 240_000
POEM = "पानी बरसा और पेड़ भीगे।\nthe rain fell on the trees.\n" * 60


def test_a_text_of_ones_own_is_learned_written_on_and_looked_into(page: Page, warm: Studio) -> None:
    open_page(page, f"{warm.url}/data")
    sent = page.locator("input[type=file]").last
    sent.set_input_files({"name": "bad.txt", "mimeType": "text/plain", "buffer": "café\n".encode("latin-1") * 500})
    expect(page.get_by_test_id("stAlert").filter(has_text="UTF-8")).to_be_visible(timeout=LONG_MS)
    page.locator("input[type=file]").last.set_input_files(
        {"name": "rain.txt", "mimeType": "text/plain", "buffer": POEM.encode()}
    )
    expect(page.get_by_text(re.compile(r"[\d,]+ characters · "))).to_be_visible(timeout=LONG_MS)
    assert [one.name for one in text_uploads.listed(warm.settings.uploads)] == ["rain.txt"]
    page.get_by_role("link", name="Train on it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("New run", timeout=LONG_MS)
    page.get_by_role("radio", name="Tiny").click(force=True)
    settled(page)
    page.get_by_label("Steps", exact=True).fill("20")
    page.get_by_label("Steps", exact=True).press("Enter")
    settled(page)
    start = page.get_by_role("button", name="Start", exact=True)
    expect(start).to_be_enabled(timeout=LONG_MS)
    start.click()
    page.wait_for_url(re.compile(r"/run\?"), timeout=LONG_MS)
    expect(page.get_by_text("All steps are done.")).to_be_visible(timeout=LONG_MS)
    page.reload()  # the box comes with the first checkpoint
    page.get_by_role("textbox", name="Beginning").fill("पानी ")
    page.get_by_role("textbox", name="Beginning").press("Tab")
    page.get_by_role("button", name="Write").click()
    expect(page.locator(".st-key-passage-box-written")).to_contain_text("पानी", timeout=LONG_MS)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    page.get_by_role("link", name="See what each token attends to").click()
    _point_at_tokens(page)


def test_minilm_is_looked_into_in_every_view(page: Page, warm: Studio) -> None:
    open_page(page, f"{warm.url}/representations?of=text_attention&looked=minilm&text=the+cat+sat&lang=hi")
    _point_at_tokens(page)
    page.get_by_role("radio", name="सारे हेड").click(force=True)
    expect(page.get_by_role("img", name=re.compile("6 परतों"))).to_be_visible(timeout=LONG_MS)
    page.get_by_role("radio", name="रोलआउट").click(force=True)
    _point_at_tokens(page)


def _point_at_tokens(page: Page) -> None:
    """Each token that is pointed at is told with those it attends to, the strongest first."""
    tokens = page.locator(".samajh-tokens button")
    expect(tokens.nth(2)).to_be_visible(timeout=LONG_MS)
    complete(page)
    line = page.locator(".samajh-tokens .line")
    for k in (1, 2):
        tokens.nth(k).hover()
        expect(line).to_contain_text(f"{tokens.nth(k).inner_text().strip()} → ")
        expect(tokens.nth(k)).to_have_attribute("aria-pressed", "true")
    shares = [float(found) for found in re.findall(r"([\d.]+) %", line.inner_text())]
    assert shares == sorted(shares, reverse=True) and 0 < sum(shares) <= 103  # five, rounded
