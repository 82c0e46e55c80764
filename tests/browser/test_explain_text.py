"""Explain, text, in a real browser: a review sentence, its words with the evidence, another answer, and every head's attention."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Studio
from tests.browser.watching import RUN_MS, open_page

EXPLAINED_MS = 240_000

pytestmark = pytest.mark.browser


def test_a_review_is_explained_word_by_word_and_its_attention_looked_into(page: Page, warm: Studio) -> None:
    open_page(page, f"{warm.url}/explain?of=text")
    box = page.get_by_label("Your text: a review, a message")
    box.fill("Wonderful actors and a lovely ending.")
    box.press("Control+Enter")
    sentence = page.get_by_role("heading", name=re.compile("The model finds this .*“Wonderful”"))
    expect(sentence).to_be_visible(timeout=EXPLAINED_MS)
    chip = page.get_by_role("button", name=re.compile(r"^Wonderful \+0\.\d+"))
    chip.hover()
    expect(page.get_by_text(re.compile(r"Wonderful\s+\+0\.\d+")).first).to_be_visible()
    expect(page.get_by_text(re.compile("checks speak for it"))).to_be_visible(timeout=EXPLAINED_MS)
    page.get_by_role("button", name="Answers").click()
    page.get_by_role("button", name="Why?").first.click()
    expect(page.get_by_role("heading", name=re.compile("The model finds this unfavourable"))).to_be_visible(
        timeout=EXPLAINED_MS
    )
    page.get_by_role("link", name="Every head's attention").click()
    expect(page.get_by_role("button", name="wonderful", exact=True)).to_be_visible(timeout=EXPLAINED_MS)


def test_hindi_before_an_english_model_is_refused_in_words(page: Page, warm: Studio) -> None:
    open_page(page, f"{warm.url}/explain?of=text&text=नमस्ते")
    expect(page.get_by_text("This model reads English only and cannot read “नमस्ते”")).to_be_visible(timeout=RUN_MS)
