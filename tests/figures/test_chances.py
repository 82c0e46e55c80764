"""Chances as lines of text: bars as long as their share, columns straight in any script."""

from __future__ import annotations

import pytest

from dashboard.figures.chances import CELLS, bar, bars


@pytest.mark.parametrize(
    ("share", "drawn"),
    [
        (0.0, ""),
        (1.0, "█" * CELLS),
        (0.5, "█" * (CELLS // 2)),
        (1 / 128, "▏"),
        (9.5 / 16, "█" * 9 + "▌"),
        (1.3, "█" * CELLS),
    ],
)
def test_a_bar_is_as_long_as_its_share_to_an_eighth_of_a_character(share: float, drawn: str) -> None:
    assert bar(share) == drawn.ljust(CELLS)


def test_tokens_stand_last_and_below_each_other() -> None:
    lines = bars([{"token": "the", "chance": 0.75}, {"token": "पेड़", "chance": 0.0625}]).splitlines()
    assert lines == [f"{'█' * 12}      75.0%  the", f"{'█'}{' ' * 15}   6.2%  पेड़"]
