"""Counting lights: what the traffic light said of explanations known to be right or wrong, as a table and as figures."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable, Sequence

from dashboard.explain.contract import Explanation

LIGHTS = {True: "green", None: "amber", False: "red"}
FIRST = 50_000
"""Of the seeds of what is planted: the rules of the lights were chosen on those from 0 on."""


def count(
    name: str, what: str, models: int, ways: Sequence[str], tried: Iterable[tuple[str, Explanation, bool]]
) -> None:
    """Print the table, and the figures as JSON.

    Args:
        name: Of the benchmark.
        what: What the planted things are called.
        models: How many there are.
        ways: The names of the ways to explain, as rows of the table.
        tried: Way, the explanation with all its evidence, and whether it is right; worked out while they are counted.
    """
    began = time.perf_counter()
    counts = Counter((way, LIGHTS[one.evidence["light"].speaks_for], right) for way, one, right in tried)
    print(f"{'way':28}{'right':>7}{'green':>8}{'(right)':>9}{'amber':>8}{'(right)':>9}{'red':>8}{'(wrong)':>9}")
    for way in ways:
        cells = [(light, counts[way, light, True], counts[way, light, False]) for light in LIGHTS.values()]
        shown = "".join(f"{yes + no:8d}{(no if light == 'red' else yes):9d}" for light, yes, no in cells)
        print(f"{way:28}{sum(yes for _, yes, _ in cells):7d}{shown}")
    total = {
        light: [sum(counts[way, light, right] for way in ways) for right in (True, False)] for light in LIGHTS.values()
    }
    figures: dict[str, float] = {what: models}
    for light, told, which in (("green", "right", 0), ("amber", "right", 0), ("red", "wrong", 1)):
        figures[light] = sum(total[light])
        figures[f"{light}_{told}"] = round(total[light][which] / max(1, sum(total[light])), 4)
    print(json.dumps({name: {**figures, "seconds": round(time.perf_counter() - began, 1)}}))
