"""The frame in a real browser: every page by a cold link, both languages, both widths."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.ui.page import discover
from tests.browser.conftest import Studio
from tests.browser.watching import RUN_MS, complete, english_words, open_page, settled, words_on_screen

pytestmark = pytest.mark.browser

PAGES = [one.page for one in discover()]
MOST_ENTRIES = 10
ALLOWED = frozenset(
    [
        "samajh",
        "english",
        "ddpm",
        "ddim",
        "u-net",
        "unet",
        "mnist",
        "ema",
        "adamw",
        "simclr",
        "pdf",
        "pytorch",
        "lightning",
        "cpu",
        "gpu",
        "mib",
        "gib",
        "kib",
        "zip",
        "png",
        "txt",
        "jpeg",
        "python",
        "mlxtend",
        "uci",
        "cc",
        "by",
        "by-sa",
        "bsd",
        "scikit-learn",
        "lecun",
        "cortes",
        "at",
        "t",
        "laboratories",
        "cambridge",
        "noto",
        "color",
        "emoji",
        "google",
        "unicode",
        "cldr",
        "sil",
        "ofl",
        "psf",
        "mpl",
        "utf",
        "tensorboard",
        "mlflow",
        "wandb",
        "ms",
        "nan",
        "inf",
        "id",
        "json",
        "csv",
        "parquet",
        "html",
        "sha",
        "fd",
        "pca",
        "mse",
        "eps",
        "kb",
        "mb",
        "gb",
        "mode",
        "bfloat",
        "float",
        "mixed",
        "step",
        "url",
        "lr",
        "hz",
        "px",
        "db",
        "edm",
        "gan",
        "gpt",
        "bert",
        "minilm",
        "arxiv",
        "vae",
        "simpledenoisemodel",
        "aileron",
        "mukta",
    ]
)
"""Names, units and licences that stay in Latin letters."""


def test_the_sidebar_keeps_to_ten_entries(page: Page, warm: Studio) -> None:
    open_page(page, warm.url)
    entries = page.get_by_test_id("stSidebarNavLink")
    assert entries.count() == len([one for one in PAGES if not one.hidden])
    assert entries.count() <= MOST_ENTRIES


@pytest.mark.parametrize("name", [one.name for one in PAGES])
def test_a_cold_deep_link_shows_the_page_inside_the_frame_without_an_english_word(
    page: Page, warm: Studio, name: str
) -> None:
    open_page(page, f"{warm.url}/{'' if name == 'home' else name}?lang=hi")
    expect(page.get_by_test_id("stSidebarNav")).to_be_visible()
    expect(page.get_by_role("radiogroup").first).to_be_visible(
        timeout=RUN_MS
    )  # its script comes late on a busy machine
    expect(page.get_by_test_id("stException")).to_have_count(0)
    complete(page)
    for drawer in page.locator("[data-testid='stExpander'] summary").all():
        drawer.click()
    settled(page)
    text = words_on_screen(page)
    assert re.search("[\u0900-\u097f]{3}", text)
    with warm.store() as store:  # what people call their runs is theirs
        names = " ".join(f"{run.name} {run.dataset} {' '.join(run.tags)}" for run in store.runs()).casefold()
    assert not english_words(text, ALLOWED | frozenset(re.findall("[a-z]+", names)))


def test_the_language_is_kept_in_the_url_across_pages_and_reloads(page: Page, warm: Studio) -> None:
    open_page(page, f"{warm.url}/data")
    page.get_by_text("हिन्दी").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("डेटा")
    page.get_by_role("link", name="नया रन").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("नया रन")
    assert "lang=hi" in page.url
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("नया रन")


def test_a_browser_set_to_hindi_is_greeted_in_hindi(browser: Browser, warm: Studio) -> None:
    context = browser.new_context(locale="hi-IN")
    page = context.new_page()
    open_page(page, f"{warm.url}/data")
    expect(page.get_by_role("heading", level=1)).to_have_text("डेटा")
    context.close()


@pytest.mark.parametrize("name", [one.name for one in PAGES])
def test_a_phone_never_scrolls_sideways(browser: Browser, warm: Studio, name: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="hi-IN")
    page = context.new_page()
    open_page(page, f"{warm.url}/{'' if name == 'home' else name}")
    complete(page)
    wide = page.evaluate(
        """() => [...document.querySelectorAll("[data-testid='stMain'], [data-testid='stMainBlockContainer']")]
                 .map(node => node.scrollWidth - node.clientWidth)"""
    )
    context.close()
    assert max(wide) <= 0
