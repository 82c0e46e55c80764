"""How browser tests look at a Streamlit page: when a run of the script is over, what stands on screen."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

RUN_MS = 30_000
BEGINS_MS = 350
"""A click reaches the server and its run begins within this time; before that nothing seems to run."""


def open_page(page: Page, url: str) -> None:
    """Go to an address and wait until the page is drawn."""
    page.goto(url)
    settled(page)


def settled(page: Page) -> None:
    """Wait until the script is not running and nothing is being measured or loaded any more."""
    page.wait_for_timeout(BEGINS_MS)
    app = page.locator("[data-testid='stApp']")
    expect(app).to_have_attribute("data-test-connection-state", "CONNECTED", timeout=RUN_MS)
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=RUN_MS)
    expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=RUN_MS)


def complete(page: Page) -> None:
    """As `settled`, and every skeleton has turned into what it stood for."""
    settled(page)
    expect(page.locator("[data-testid='stSkeleton'], [data-testid='stSkeletonElement']")).to_have_count(
        0, timeout=2 * RUN_MS
    )
    settled(page)


def words_on_screen(page: Page) -> str:
    """All visible text of frame and page, hints in empty fields too; Streamlit's own uploader and toolbar, and quoted texts, left out."""
    return str(
        page.evaluate(
            """() => {
                const own = ["stFileUploaderDropzone", "stToolbar", "stStatusWidget", "stIconMaterial", "stSkipToContent"];
                // a formula is no word; what a data set or a model says stands in its own language
                const icons = "span[role='img'], [translate='no'], .katex, [class*='st-key-passage-']";
                const hidden = [...document.querySelectorAll([...own.map(id => `[data-testid='${id}']`), icons].join())];
                hidden.forEach(node => node.style.display = "none");
                const hints = [...document.querySelectorAll("input[placeholder]")].filter(node => !node.value)
                    .map(node => node.placeholder);
                const text = [document.querySelector("[data-testid='stApp']").innerText, ...hints].join("\\n");
                hidden.forEach(node => node.style.display = "");
                return text;
            }"""
        )
    )


def english_words(text: str, allowed: frozenset[str]) -> set[str]:
    """Latin words of two letters or more that are not allowed; paths, addresses and icons' names do not count."""
    text = re.sub(r"\S*[/_@]\S*", " ", text)
    return {word for word in re.findall(r"[A-Za-z](?:[A-Za-z'-]*[A-Za-z])", text) if word.casefold() not in allowed}
