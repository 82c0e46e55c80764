"""Explain in a real browser: an own table from upload to a sentence and another outcome; and a bad table in words."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from data.example_tables import content_of
from tests.browser.conftest import Studio
from tests.browser.watching import complete, open_page, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

LONG_MS = 240_000


def _upload(page: Page, name: str, content: bytes) -> None:
    page.get_by_role("button", name="Upload a table").click()
    page.locator("input[type='file']").first.set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})


def test_an_own_table_is_uploaded_trained_explained_and_a_refusal_turned(page: Page, warm: Studio) -> None:
    """German credit as a person's own CSV: one applicant, the sentence, and what would change it."""
    open_page(page, f"{warm.url}/explain?of=table&learner=linear")
    complete(page)
    page.get_by_test_id(
        "stSelectbox"
    ).first.click()  # the browser remembers a choice made by hand: the upload must win over it
    page.get_by_role("option", name=re.compile("^Diabetes")).click()
    page.wait_for_url(re.compile("table=diabetes"), timeout=LONG_MS)
    settled(page)
    _upload(page, "applicants.csv", content_of("credit_german"))
    page.wait_for_url(re.compile("table=[0-9a-f]{16}"), timeout=LONG_MS)
    expect(page.get_by_text("1,000 rows, 21 columns")).to_be_visible(timeout=LONG_MS)
    sentence = page.get_by_role("heading", name=re.compile("^The model says “(bad|good)” .* mainly because "))
    expect(sentence).to_be_visible(timeout=LONG_MS)
    expect(page.locator(".samajh-plot").first).to_be_visible()
    expect(page.get_by_text(re.compile("You can rely on this|Take this with care|Do not rely on this"))).to_be_visible(
        timeout=LONG_MS
    )
    page.get_by_text("What would change it").click()
    way = page.get_by_role("heading", name=re.compile("^If .* the model would say “(good|bad)”"))
    expect(way.first).to_be_visible(timeout=LONG_MS)


def test_a_bad_table_is_refused_in_one_sentence_and_the_page_goes_on(page: Page, warm: Studio) -> None:
    open_page(page, f"{warm.url}/explain?of=table&table=diabetes&learner=linear")
    complete(page)
    _upload(page, "<b>bad</b>.csv", b"a,b\n" + b"1,2\n" * 30 + b"1,2,3\n")
    expect(page.get_by_text("has 3 cells in line 32 and 2 names in the first")).to_be_visible(timeout=LONG_MS)
    assert page.locator("b", has_text="bad").count() == 0
    settled(page)
    expect(page.get_by_role("heading", name=re.compile("^The model predicts progression"))).to_be_visible(
        timeout=LONG_MS
    )


def test_a_point_among_many_rows_leads_to_its_own_reasons(page: Page, warm: Studio) -> None:
    open_page(page, f"{warm.url}/explain?of=table&table=diabetes&learner=linear&view=whole")
    complete(page)
    points = page.locator(".samajh-plot").first.locator(".scatterlayer .point")
    expect(points.first).to_be_visible(timeout=LONG_MS)
    page.get_by_text(re.compile("^Done")).first.wait_for(timeout=LONG_MS)
    settled(page)
    points.nth(7).click(force=True)
    page.wait_for_url(re.compile("[?&]row=[0-9]+"), timeout=LONG_MS)
    expect(page.get_by_role("heading", name=re.compile("^The model predicts progression"))).to_be_visible(
        timeout=LONG_MS
    )


def test_a_letter_is_written_in_hindi_and_saved(page: Page, warm: Studio) -> None:
    open_page(page, f"{warm.url}/explain?of=table&learner=linear&view=letter&letter=hi")
    button = page.get_by_role("button", name="Save as a page")
    expect(button).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_text("इस नतीजे की मुख्य वजहें")).to_be_visible()
    with page.expect_download(timeout=LONG_MS) as waited:
        button.click()
    page_ = waited.value.path().read_text("utf-8")
    assert 'lang="hi"' in page_ and "तब नतीजा “good” होता" in page_
