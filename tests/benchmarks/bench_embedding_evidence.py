"""The traffic light of likeness on encoders whose reasons are known: how often green is right, and red is wrong.

python -m tests.benchmarks.bench_embedding_evidence [--quick] [--from SEED]
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

import torch

from dashboard.explain.contract import Explanation
from tests.benchmarks.lights import FIRST, count
from tests.benchmarks.planted_encoders import WAYS, planted, to_the_third
from tests.benchmarks.planted_pictures import is_right

MODELS, QUICK = 200, 10


def tried(models: int, first: int, ways: Iterable[str] = WAYS) -> Iterator[tuple[str, Explanation, bool]]:
    """Every one of these ways on every pair of pictures."""
    for seed in range(first, first + models):
        for name in ways:
            known = planted(seed, mean=name == "alike_parts" or seed % 2 == 0)
            found, config = WAYS[name]
            way = to_the_third(known) if found is None else found
            config = config.model_copy(update={"seed": seed})
            *_, one = way(known.subject, config)
            *_, proven = way.proven(known.subject, config, one)
            yield name, proven, is_right(one, known.truth)


def main(arguments: list[str]) -> None:
    """Print the table, and the figures as JSON; `--from N` begins at another seed."""
    torch.set_num_threads(1)
    models = QUICK if "--quick" in arguments else MODELS
    first = int(arguments[arguments.index("--from") + 1]) if "--from" in arguments else FIRST
    count("embedding_evidence", "pairs", models, list(WAYS), tried(models, first))


if __name__ == "__main__":
    main(sys.argv[1:])
