"""Pictures to explain, from people who mean no good: refused in one sentence, and nothing of what was sent is kept."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest

from data.images import decode_image
from data.pictures import LARGEST_SIDE, accept, sample
from data.text import Problem
from tests.hostile import files

REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "vast": (files.vast_png, "too_many_pixels"),
    "claims to be vast": (files.png_that_claims_to_be_vast, "too_many_pixels"),
    "swelling text": (files.png_with_swelling_text, "damaged_image"),
    "cut short": (lambda: files.picture(size=(64, 64))[:-40], "damaged_image"),
    "svg": (files.svg, "not_an_image"),
    "empty": (lambda: b"", "empty_file"),
    "no picture": (lambda: b"\x80\x04pickle", "not_an_image"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_picture_is_refused_and_costs_this_process_nothing(name: str) -> None:
    make, code = REFUSED[name]
    before = psutil.Process().memory_info().rss
    with pytest.raises(Problem) as told:
        accept(make(), "<img src=x onerror=alert(1)>.png")
    assert told.value.code == code and told.value.text.hi.endswith("।")
    assert psutil.Process().memory_info().rss - before < 50 * 2**20


def test_odd_pictures_become_three_colours_of_at_most_the_largest_side() -> None:
    for content in (files.picture("PNG", "L", (1, 1)), files.deep_png(), files.seen_through_png()):
        found = accept(content, "odd.png")
        assert found.ndim == 3 and found.shape[2] == 3 and found.dtype == np.uint8
    assert max(accept(files.picture(size=(2000, 10)), "long.png").shape) == LARGEST_SIDE


def test_a_turned_photograph_is_turned_once() -> None:
    turned = files.turned_jpeg()
    assert accept(turned, "turned.jpg").shape[:2] == decode_image(turned, "turned.jpg").size[::-1]


def test_nothing_of_a_picture_is_left_in_the_temporary_folder() -> None:
    folder = Path(tempfile.gettempdir())
    before = set(folder.glob("samajh-picture-*"))
    accept(files.picture(), "mine.png")
    assert set(folder.glob("samajh-picture-*")) <= before


def test_a_check_that_takes_too_long_is_ended() -> None:
    with pytest.raises(Problem) as told:
        accept(files.picture(), "slow.png", time_limit_s=0.001)
    assert told.value.code == "check_too_slow"


def test_there_are_two_pictures_to_try_with() -> None:
    assert sample("china").shape == (427, 640, 3) and sample("flower").shape == (427, 640, 3)
    with pytest.raises(Problem, match="china, flower"):
        sample("../../etc/passwd")
