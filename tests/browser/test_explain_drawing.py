"""Explain, image, in a real browser: a digit is drawn and explained as it is drawn, what should matter is marked, two answers are contrasted."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT, Studio
from tests.browser.watching import open_page

EXPLAINED_MS = 240_000

pytestmark = pytest.mark.browser


def trained(studio: Studio) -> None:
    """A classifier of MNIST, trained for some seconds."""
    environment = {**os.environ, "SAMAJH_HOME": str(studio.settings.home), "PYTHONPATH": str(ROOT)}
    command = [
        sys.executable,
        "-m",
        "dashboard.cli",
        "train",
        "classifier",
        "--dataset",
        "mnist",
        "--preset",
        "tiny",
        "--wait",
        "--json",
    ]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, json.loads(done.stdout)


def stroke(page: Page, *points: tuple[float, float]) -> None:
    """A line on the canvas, in shares of its sides."""
    box = (
        page.frame_locator("iframe").locator("canvas").last
        if page.locator("iframe").count()
        else page.locator("canvas").last
    )
    place = box.bounding_box()
    assert place is not None
    for k, (x, y) in enumerate(points):
        page.mouse.move(place["x"] + x * place["width"], place["y"] + y * place["height"], steps=6)
        if k == 0:
            page.mouse.down()
    page.mouse.up()


def test_a_digit_is_explained_as_it_is_drawn_and_two_answers_are_contrasted(page: Page, warm: Studio) -> None:
    trained(warm)  # the page takes the newest classifier for what is drawn
    open_page(page, f"{warm.url}/explain?of=image&picture=draw&method=occlusion")
    expect(page.get_by_text("Draw a digit")).to_be_visible(timeout=EXPLAINED_MS)
    expect(page.locator("canvas").last).to_be_visible(timeout=EXPLAINED_MS)
    stroke(page, (0.5, 0.15), (0.5, 0.85))
    expect(page.get_by_role("heading", name=re.compile("The model says “1”"))).to_be_visible(timeout=EXPLAINED_MS)
    heading = page.get_by_role("heading", name=re.compile("The model says"))
    first = heading.inner_text()
    stroke(page, (0.5, 0.15), (0.2, 0.15), (0.2, 0.5))  # it is a one no more
    expect(heading).not_to_have_text(first, timeout=EXPLAINED_MS)
    page.get_by_text("Contrast", exact=True).click()
    expect(page.get_by_role("img", name=re.compile("what matters for|marks nothing"))).to_have_count(
        2, timeout=EXPLAINED_MS
    )
