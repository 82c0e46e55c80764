"""Counting lights: what the traffic light said of explanations known to be right or wrong, as a table and as figures."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dashboard.explain.contract import Explanation

LIGHTS = {True: "green", None: "amber", False: "red"}
FIRST = 50_000
"""Of the seeds of what is planted: the rules of the lights were chosen on those from 0 on."""

Counts = Counter[tuple[str, str, bool]]


def count(
    name: str,
    what: str,
    models: int,
    ways: Sequence[str],
    tried: Iterable[tuple[str, Explanation, bool]],
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Print the table, and the figures as JSON.

    Args:
        name: Of the benchmark.
        what: What the planted things are called.
        models: How many there are.
        ways: The names of the ways to explain, as rows of the table.
        tried: Way, the explanation with all its evidence, and whether it is right; worked out while they are counted.
        groups: Ways whose figures are told by themselves too, by the name of the group.
    """
    began = time.perf_counter()
    counts: Counts = Counter((way, LIGHTS[one.evidence["light"].speaks_for], right) for way, one, right in tried)
    wide = max(28, *(len(way) + 1 for way in ways))
    print(f"{'way':{wide}}{'right':>7}{'green':>8}{'(right)':>9}{'amber':>8}{'(right)':>9}{'red':>8}{'(wrong)':>9}")
    for way in ways:
        cells = [(light, counts[way, light, True], counts[way, light, False]) for light in LIGHTS.values()]
        shown = "".join(f"{yes + no:8d}{(no if light == 'red' else yes):9d}" for light, yes, no in cells)
        print(f"{way:{wide}}{sum(yes for _, yes, _ in cells):7d}{shown}")
    figures: dict[str, Any] = {what: models, **_figures(counts, ways)}
    for group, some in (groups or {}).items():
        figures[group] = _figures(counts, some)
    print(json.dumps({name: {**figures, "seconds": round(time.perf_counter() - began, 1)}}))


def _figures(counts: Counts, ways: Sequence[str]) -> dict[str, float]:
    """How often each light was on, and which part of that was as it should be."""
    found: dict[str, float] = {}
    for light, told, good in (("green", "right", True), ("amber", "right", True), ("red", "wrong", False)):
        both = {right: sum(counts[way, light, right] for way in ways) for right in (True, False)}
        found[light] = sum(both.values())
        found[f"{light}_{told}"] = round(both[good] / max(1, found[light]), 4)
    return found
