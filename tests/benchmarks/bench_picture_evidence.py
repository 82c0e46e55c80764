"""The traffic light of pictures on networks whose reasons are known: how often green is right, and red is wrong.

python -m tests.benchmarks.bench_picture_evidence [--quick]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import torch

from dashboard.explain.contract import Explanation
from dashboard.explain.image.judging import judged
from tests.benchmarks.lights import FIRST, count
from tests.benchmarks.planted_pictures import WAYS, is_right, planted

MODELS, QUICK = 60, 16


def tried(models: int, first: int) -> Iterator[tuple[str, Explanation, bool]]:
    """Every way on every picture."""
    for seed in range(models):
        known = planted(first + seed)
        for name, (way, config) in WAYS.items():
            *_, one = way(known.subject, config)
            *_, proven = judged(way, known.subject, config, one)
            yield name, proven, is_right(one, known.truth)


def main(arguments: list[str]) -> None:
    """Print the table, and the figures as JSON; `--from N` begins at another seed."""
    torch.set_num_threads(1)
    models = QUICK if "--quick" in arguments else MODELS
    first = int(arguments[arguments.index("--from") + 1]) if "--from" in arguments else FIRST
    count("picture_evidence", "pictures", models, list(WAYS), tried(models, first))


if __name__ == "__main__":
    main(sys.argv[1:])
