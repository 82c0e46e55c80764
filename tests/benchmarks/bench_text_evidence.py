"""The traffic light of texts on models whose reasons are known: how often green is right, and red is wrong.

python -m tests.benchmarks.bench_text_evidence [--quick]
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

import torch

from dashboard.explain.contract import Explanation
from dashboard.explain.text.evidence import evidence_of
from tests.benchmarks.lights import FIRST, count
from tests.benchmarks.planted import is_right
from tests.benchmarks.planted_texts import WAYS, planted

MODELS, QUICK = 100, 10


def tried(models: int, first: int, ways: Iterable[str] = WAYS) -> Iterator[tuple[str, Explanation, bool]]:
    """Every one of these ways on every model."""
    for seed in range(models):
        for name in ways:
            card, values = WAYS[name]
            known = planted(first + seed)  # anew: a subject remembers what it was asked
            config = card.config(**values)
            *_, one = card.explain(known.subject, config)
            *_, proven = evidence_of(known.subject, card, config, one)
            yield name, proven, is_right(one, known.truth)


def main(arguments: list[str]) -> None:
    """Print the table, and the figures as JSON; `--from N` begins at another seed."""
    torch.set_num_threads(1)
    models = QUICK if "--quick" in arguments else MODELS
    first = int(arguments[arguments.index("--from") + 1]) if "--from" in arguments else FIRST
    count("text_evidence", "models", models, list(WAYS), tried(models, first))


if __name__ == "__main__":
    main(sys.argv[1:])
