"""The traffic light of pictures on networks whose reasons are known: how often green is right, and red is wrong.

python -m tests.benchmarks.bench_picture_evidence [--quick]
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter

import torch

from dashboard.explain.image.judging import judged
from tests.benchmarks.planted_pictures import WAYS, is_right, planted

MODELS, QUICK = 60, 16
FIRST = 50_000
"""Of the pictures' seeds: the rules of the light were chosen on those from 0 on."""
LIGHTS = {True: "green", None: "amber", False: "red"}


def main(arguments: list[str]) -> None:
    """Print the table, and the figures as JSON; `--from N` begins at another seed."""
    torch.set_num_threads(1)
    models = QUICK if "--quick" in arguments else MODELS
    first = int(arguments[arguments.index("--from") + 1]) if "--from" in arguments else FIRST
    counts: Counter[tuple[str, str, bool]] = Counter()
    began = time.perf_counter()
    for seed in range(models):
        known = planted(first + seed)
        for name, (way, config) in WAYS.items():
            *_, one = way(known.subject, config)
            *_, proven = judged(way, known.subject, config, one)
            counts[name, LIGHTS[proven.evidence["light"].speaks_for], is_right(one, known.truth)] += 1
    print(f"{'way':28}{'right':>7}{'green':>8}{'(right)':>9}{'amber':>8}{'(right)':>9}{'red':>8}{'(wrong)':>9}")
    for name in WAYS:
        cells = [(light, counts[name, light, True], counts[name, light, False]) for light in LIGHTS.values()]
        shown = "".join(f"{yes + no:8d}{(no if light == 'red' else yes):9d}" for light, yes, no in cells)
        print(f"{name:28}{sum(yes for _, yes, _ in cells):7d}{shown}")
    total = {
        light: [sum(counts[name, light, right] for name in WAYS) for right in (True, False)]
        for light in LIGHTS.values()
    }
    figures = {
        "pictures": models,
        "green": sum(total["green"]), "green_right": round(total["green"][0] / max(1, sum(total["green"])), 4),
        "amber": sum(total["amber"]), "amber_right": round(total["amber"][0] / max(1, sum(total["amber"])), 4),
        "red": sum(total["red"]), "red_wrong": round(total["red"][1] / max(1, sum(total["red"])), 4),
        "seconds": round(time.perf_counter() - began, 1),
    }  # fmt: skip
    print(json.dumps({"picture_evidence": figures}))


if __name__ == "__main__":
    main(sys.argv[1:])
