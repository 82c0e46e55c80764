"""Numbers, times and sizes as people read them (English; the language tests cover the words)."""

from __future__ import annotations

import pytest

from dashboard.ui.quantities import ago, duration, number, size, unit


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (12, "12"), (1234567, "1,234,567"), (0.14159, "0.142"), (12.0, "12"), (1e-9, "1e-09"), (float("nan"), "nan")],
)  # fmt: skip
def test_numbers(value: float, shown: str) -> None:
    assert number(value) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.2, "0 s"), (59.6, "1 min 0 s"), (200, "3 min 20 s"), (7300, "2 h 1 min"), (90_000, "1 d 1 h"), (-5, "0 s")],
)
def test_spans_of_time(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


@pytest.mark.parametrize(
    ("passed", "shown"),
    [(1, "just now"), (6, "6 seconds ago"), (61, "1 minute ago"), (7200, "2 hours ago"), (200_000, "2 days ago"), (-9, "just now")],
)  # fmt: skip
def test_moments(passed: float, shown: str) -> None:
    assert ago(1000.0, now=1000.0 + passed) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0 B"), (1023, "1,023 B"), (1536, "1.5 KiB"), (3 * 2**20, "3 MiB"), (5 * 2**40, "5,120 GiB")],
)
def test_sizes(count: float, shown: str) -> None:
    assert size(count) == shown


def test_an_unknown_unit_stands_as_it_is() -> None:
    assert (unit("steps"), unit("parsecs"), unit("")) == ("steps", "parsecs", "")
