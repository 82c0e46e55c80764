"""The lab in a real browser: scrub through the noise, fork a walk, draw a ring and see particles form it."""

from __future__ import annotations

import math
import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Studio
from tests.browser.watching import complete, open_page, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

LONG_MS = 240_000


def test_the_picture_follows_the_slider_without_a_worker(page: Page, warm: Studio) -> None:
    open_page(page, f"{warm.url}/lab?t=300")
    complete(page)
    picture = page.get_by_role("img", name=re.compile("noise step 300"))
    expect(picture).to_be_visible(timeout=LONG_MS)
    slider = page.get_by_role("slider", name="Noise step t")
    slider.focus()
    began = time.monotonic()
    slider.press("ArrowRight")
    expect(picture).to_have_count(0, timeout=LONG_MS)
    expect(page.get_by_role("img", name=re.compile("The picture at noise step"))).to_be_visible()
    print(f"the picture followed after {time.monotonic() - began:.2f} s")
    page.wait_for_url(re.compile(r"t=30[1-9]"))
    expect(page.locator(".st-key-schedules, .samajh-plot").first).to_be_visible()


def test_a_walk_is_forked_at_the_stage_on_screen_and_the_address_keeps_it(page: Page, warm: Studio) -> None:
    open_page(page, f"{warm.url}/lab?face=steps&class=1&stage=6&steps=10")
    complete(page)
    page.get_by_role("button", name="Fork here").click()
    page.wait_for_url(re.compile("fork=6"), timeout=LONG_MS)
    expect(page.get_by_text("Where the branch ends")).to_be_visible(timeout=LONG_MS)
    assert "class=1" in page.url and "stage=6" in page.url
    page.reload()
    expect(page.get_by_text("Where the branch ends")).to_be_visible(timeout=LONG_MS)
    page.get_by_role("button", name="Drop the branch").click()
    expect(page.get_by_text("Where the branch ends")).to_have_count(0, timeout=LONG_MS)


def test_particles_play_from_noise_to_data(page: Page, warm: Studio) -> None:
    open_page(page, f"{warm.url}/lab?face=particles")
    complete(page)
    plot = "document.querySelector('.st-key-particles .samajh-plot') || document.querySelector('.samajh-plot')"
    page.wait_for_function(
        f"() => ({plot}) && ({plot})._transitionData && ({plot})._transitionData._frames.length > 10", timeout=LONG_MS
    )
    spread = f"""() => {{ const x = ({plot})._fullData.at(-1).x; const r = Array.from(x, Math.abs);
                            return r.filter(v => v < 0.5 || (v > 1.1 && v < 1.7) || (v > 1.7 && v < 2.3)).length / r.length; }}"""
    arrived = page.evaluate(spread)
    page.evaluate(
        f"() => samajhPlotly.then(Plotly => Plotly.animate({plot}, ['0'], {{frame: {{duration: 0}}, transition: {{duration: 0}}}}))"
    )
    page.wait_for_function(
        f"(was) => ({spread})() < was - 0.1", arg=arrived, timeout=LONG_MS
    )  # at the start they are noise


def test_a_ring_drawn_by_hand_is_learned_before_ones_eyes(page: Page, warm: Studio) -> None:
    open_page(page, f"{warm.url}/lab?face=draw&methods=ddpm,flow_matching&dsteps=300")
    complete(page)
    box = page.locator("canvas").last.bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for k in range(41):
        angle = 2 * math.pi * k / 40
        page.mouse.move(middle[0] + 100 * math.cos(angle), middle[1] + 60 * math.sin(angle))
        if k == 0:
            page.mouse.down()
    page.mouse.up()
    settled(page)
    began = time.monotonic()
    page.get_by_role("button", name="Train on it").click()
    page.wait_for_url(re.compile("contest="), timeout=LONG_MS)
    expect(page.get_by_text(re.compile(r"(1[2-9]|2[0-4]) of \d+ places reached")).first).to_be_visible(timeout=LONG_MS)
    print(f"half of the ring after {time.monotonic() - began:.1f} s")
    expect(page.get_by_text("What the document says, and what was measured here")).to_be_visible(timeout=LONG_MS)
    with warm.store() as store:
        drawn = [run for run in store.runs() if run.dataset == "drawn_points"]
    assert {run.method for run in drawn} == {"ddpm", "flow_matching"}
    assert "[[[" in drawn[0].config["dataset_config"]["drawing"]
