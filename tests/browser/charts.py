"""What a living chart shows in the browser, read from Plotly itself."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

PLOT = ".st-key-curves .samajh-plot"

_TRACES = """(selector) => {
    const plot = document.querySelector(selector);
    if (!plot || !plot._fullData) return [];
    return plot._fullData.map(t => ({meta: t.meta, name: t.name, x: Array.from(t.x), y: Array.from(t.y), axis: t.yaxis}));
}"""


def traces(page: Page, meta: str, *, selector: str = PLOT) -> list[dict[str, Any]]:
    """The drawn traces of one kind ("line", "extremes", "broken", "resumed", "band")."""
    found: list[dict[str, Any]] = page.evaluate(_TRACES, selector)
    return [trace for trace in found if trace["meta"] == meta]


def line(page: Page) -> tuple[list[float], list[float]]:
    """x and y of the first drawn line; empty before there is one."""
    drawn = traces(page, "line")
    return (drawn[0]["x"], drawn[0]["y"]) if drawn else ([], [])


def visible(page: Page) -> list[float]:
    """The visible x range."""
    shown: list[float] = page.evaluate("(s) => document.querySelector(s)._fullLayout.xaxis.range", PLOT)
    return shown


def wait_for_points(page: Page, count: int, *, timeout_s: float = 240.0) -> None:
    """Wait until the first line has so many points on screen."""
    page.wait_for_function(
        """([selector, count]) => {
            const plot = document.querySelector(selector);
            const line = plot && plot._fullData && plot._fullData.find(t => t.meta === 'line');
            return line && line.x.length >= count;
        }""",
        arg=[PLOT, count],
        timeout=timeout_s * 1000,
    )
