"""Uploads on the Data page: what is refused is refused in one sentence, what is kept can be trained on and deleted."""

from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from data import uploads
from tests.browser.conftest import Studio
from tests.browser.watching import RUN_MS, complete, open_page

pytestmark = pytest.mark.browser


def _zip(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def _png(shade: int) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (16, 16), (shade, 80, 255 - shade)).save(written, "PNG")
    return written.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(_zip({"readme.txt": b"no image here"}), id="no images"),
        pytest.param(_zip({"../../outside.png": _png(1), "/etc/passwd.png": b"no image"}), id="hostile names"),
        pytest.param(b"PK\x03\x04 not a zip at all", id="not a zip"),
    ],
)
def test_a_bad_upload_is_refused_in_one_hindi_sentence(page: Page, warm: Studio, content: bytes) -> None:
    open_page(page, f"{warm.url}/data?lang=hi")
    page.locator("input[type=file]").first.set_input_files(
        {"name": "pictures.zip", "mimeType": "application/zip", "buffer": content}
    )
    told = page.get_by_test_id("stAlert")
    expect(told).to_be_visible(timeout=RUN_MS)
    expect(told).to_have_count(1)
    assert told.inner_text().count("।") == 1
    assert "Traceback" not in page.content()
    assert not uploads.listed(warm.settings.uploads)


def test_images_are_kept_shown_offered_for_training_and_deleted(page: Page, warm: Studio) -> None:
    content = _zip({f"{kind}/{shade}.png": _png(shade) for kind in ("cats", "dogs") for shade in range(0, 120, 10)})
    open_page(page, f"{warm.url}/data")
    page.locator("input[type=file]").first.set_input_files(
        {"name": "pets.zip", "mimeType": "application/zip", "buffer": content}
    )
    expect(page.get_by_text("24 images · 2 classes")).to_be_visible(timeout=RUN_MS)
    kept = uploads.listed(warm.settings.uploads)
    assert [(one.name, one.images) for one in kept] == [("pets.zip", 24)]
    complete(page)
    page.get_by_role("link", name="Train on this").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("New run", timeout=RUN_MS)
    expect(page.get_by_role("combobox", name="Images")).to_have_value("pets.zip · 24 images", timeout=RUN_MS)
    open_page(page, f"{warm.url}/data")
    page.get_by_role("button", name="Delete").click(timeout=RUN_MS)
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("24 images · 2 classes")).to_have_count(0, timeout=RUN_MS)
    assert not uploads.listed(warm.settings.uploads)
