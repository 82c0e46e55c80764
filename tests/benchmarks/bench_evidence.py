"""The traffic light on models whose reasons are known: how often green is right, and red is wrong.

python -m tests.benchmarks.bench_evidence [--quick]
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter

from dashboard.explain.table.evidence import evidence_of
from tests.benchmarks.planted import WAYS, is_right, planted

MODELS, QUICK = 120, 12
FIRST = 50_000
"""Of the models' seeds: the rules of the light were chosen on those from 0 on."""
LIGHTS = {True: "green", None: "amber", False: "red"}


def main(arguments: list[str]) -> None:
    """Print the table, and the figures as JSON."""
    models = QUICK if "--quick" in arguments else MODELS
    counts: Counter[tuple[str, str, bool]] = Counter()
    began = time.perf_counter()
    for seed in range(models):
        truth = planted(FIRST + seed)
        for name, (card, values) in WAYS.items():
            config = card.config(**values)
            *_, one = card.explain(truth.subject, config)
            *_, proven = evidence_of(truth.subject, card, config, one)
            counts[name, LIGHTS[proven.evidence["light"].speaks_for], is_right(one, truth.truth)] += 1
    print(f"{'way':28}{'right':>7}{'green':>8}{'(right)':>9}{'amber':>8}{'(right)':>9}{'red':>8}{'(wrong)':>9}")
    for name in WAYS:
        right = sum(counts[name, light, True] for light in LIGHTS.values())
        cells = [(light, counts[name, light, True], counts[name, light, False]) for light in LIGHTS.values()]
        shown = "".join(f"{yes + no:8d}{(no if light == 'red' else yes):9d}" for light, yes, no in cells)
        print(f"{name:28}{right:7d}{shown}")
    totals = {
        light: (sum(counts[name, light, True] for name in WAYS), sum(counts[name, light, False] for name in WAYS))
        for light in LIGHTS.values()
    }
    figures = {
        "models": models,
        "green": sum(totals["green"]),
        "green_right": totals["green"][0] / max(sum(totals["green"]), 1),
        "amber": sum(totals["amber"]),
        "amber_right": totals["amber"][0] / max(sum(totals["amber"]), 1),
        "red": sum(totals["red"]),
        "red_wrong": totals["red"][1] / max(sum(totals["red"]), 1),
        "seconds": time.perf_counter() - began,
    }
    print(json.dumps({"evidence": figures}))


if __name__ == "__main__":
    main(sys.argv[1:])
