"""Numbers as people read them."""

from __future__ import annotations

import pytest

from dashboard.figures.numbers import duration, number, signed, size


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.14236, "0.1424"), (12.3456, "12.35"), (0.0, "0"), (1234.0, "1,234"), (5.2e-7, "5.20e-7"), (-0.5, "−0.5000"),
        (float("nan"), "NaN"), (float("inf"), "∞"), (-3.0, "−3"), (2.5e9, "2.50e9"), (0.001, "0.001000"),
    ],
)  # fmt: skip
def test_a_value_has_four_significant_digits(value: float, shown: str) -> None:
    assert number(value) == shown


@pytest.mark.parametrize(
    ("seconds", "english", "hindi"),
    [
        (0.42, "0.4 s", "0.4 सेकंड"), (42, "42 s", "42 सेकंड"), (125, "2 min 5 s", "2 मिनट 5 सेकंड"), (1260, "21 min", "21 मिनट"),
        (7260, "2 h 1 min", "2 घंटे 1 मिनट"), (90_000, "1 d 1 h", "1 दिन 1 घंटे"),
    ],
)  # fmt: skip
def test_a_duration_has_two_units_at_most(seconds: float, english: str, hindi: str) -> None:
    assert duration(seconds, "en") == english
    assert duration(seconds, "hi") == hindi


def test_sizes_and_signs() -> None:
    assert size(1536) == "1.5 KiB"
    assert signed(-0.011) == "-0.011" and signed(0.5) == "+0.50"
