"""From a tiny MAE on faces to the neighbours of one's own face: reconstructions, attention, the map, a lasso, an upload."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from data.datasets import faces
from tests.browser.conftest import Studio
from tests.browser.watching import RUN_MS, complete, open_page, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

LONG_MS = 120_000
_MAP = ".st-key-seen-embedding-map .js-plotly-plot"


def _face() -> bytes:
    """A held-out face as a photo of one's own would come: larger, and in colours."""
    pixels = ((faces.DATASET.load(faces.DATASET.config()).test.x[7, 0] + 1) * 127.5).astype(np.uint8)
    written = io.BytesIO()
    Image.fromarray(pixels).resize((184, 224)).convert("RGB").save(written, "PNG")
    return written.getvalue()


def test_faces_are_learned_without_labels_looked_at_circled_and_joined_by_ones_own(page: Page, warm: Studio) -> None:
    open_page(page, f"{warm.url}/new_run?method=mae&dataset=faces")
    page.get_by_role("radio", name="Tiny").click(force=True)
    settled(page)
    begin = page.get_by_role("button", name="Start", exact=True)
    expect(begin).to_be_enabled(timeout=RUN_MS)
    begin.click()
    page.wait_for_url(re.compile(r"/run\?.*run=([a-z0-9-]+)"), timeout=RUN_MS)
    expect(page.get_by_role("img", name=re.compile("what it makes of it"))).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_role("img", name=re.compile("class token of the last layer looks at"))).to_be_visible()
    expect(page.get_by_text("All steps are done.").first).to_be_visible(timeout=LONG_MS)

    page.get_by_role("link", name="Representation", exact=True).click()
    page.wait_for_url(re.compile(r"of=embedding"), timeout=RUN_MS)
    complete(page)
    drawn = page.locator(_MAP)
    expect(drawn).to_be_visible(timeout=LONG_MS)
    box = page.locator(f"{_MAP} .nsewdrag").bounding_box()
    assert box is not None
    left, top, width, height = box["x"], box["y"], box["width"], box["height"]
    corners = [(0.02, 0.02), (0.98, 0.02), (0.98, 0.98), (0.02, 0.98), (0.02, 0.1)]
    for number, (right, down) in enumerate(corners):
        page.mouse.move(left + right * width, top + down * height, steps=6)
        if number == 0:
            page.mouse.down()
    page.mouse.up()
    expect(page.get_by_role("img", name=re.compile(r"^\d+ pictures circled"))).to_be_visible(timeout=LONG_MS)

    page.locator("input[type=file]").set_input_files({"name": "me.png", "mimeType": "image/png", "buffer": _face()})
    near = page.get_by_role("img", name=re.compile("Your picture as the model sees it"))
    expect(near).to_be_visible(timeout=LONG_MS)
