"""Explain, image, in a real browser: the palace of china.jpg by five ways, one's own picture, and a hostile one."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Studio
from tests.browser.watching import RUN_MS, open_page
from tests.hostile import files

EXPLAINED_MS = 240_000
FIVE = "grad_cam,grad_cam_plus,saliency,smoothgrad,guided_backprop"

pytestmark = pytest.mark.browser


def test_a_photograph_of_a_palace_is_explained_with_its_evidence_and_by_five_ways(page: Page, warm: Studio) -> None:
    open_page(page, f"{warm.url}/explain?of=image&picture=china")
    sentence = page.get_by_role(
        "heading", name=re.compile("The model says “palace” .*because of the middle.*with that hidden, it says")
    )
    expect(sentence).to_be_visible(timeout=EXPLAINED_MS)
    expect(page.get_by_role("img", name=re.compile("map of what matters for “palace”"))).to_be_visible()
    expect(page.get_by_text("You can rely on this")).to_be_visible(timeout=EXPLAINED_MS)
    page.get_by_role("button", name="Why?").first.click()  # a rival: bell cote
    expect(page.get_by_role("heading", name=re.compile("gives “bell cote” .* and says “palace”"))).to_be_visible(
        timeout=EXPLAINED_MS
    )
    open_page(page, f"{warm.url}/explain?of=image&picture=china&view=compare&ways={FIVE}")
    expect(page.get_by_role("img", name=re.compile("for “palace”"))).to_have_count(5, timeout=EXPLAINED_MS)
    expect(page.get_by_text("Do they agree?")).to_be_visible(timeout=EXPLAINED_MS)


def test_an_own_picture_is_explained_and_a_hostile_one_refused_in_words(page: Page, warm: Studio) -> None:
    open_page(page, f"{warm.url}/explain?of=image&picture=upload&method=saliency")
    chooser = page.locator("input[type='file']")
    chooser.set_input_files({"name": "x.png", "mimeType": "image/png", "buffer": files.vast_png()})
    expect(page.get_by_text("“x.png” has 12000×12000 pixels")).to_be_visible(timeout=RUN_MS)
    chooser.set_input_files({"name": "mine.png", "mimeType": "image/png", "buffer": files.picture(size=(300, 260))})
    expect(page.get_by_role("heading", name=re.compile("The model says"))).to_be_visible(timeout=EXPLAINED_MS)
