"""The traffic light of tables on models whose reasons are known: how often green is right, and red is wrong.

python -m tests.benchmarks.bench_evidence [--quick]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from dashboard.explain.contract import Explanation
from dashboard.explain.table.evidence import evidence_of
from tests.benchmarks.lights import FIRST, count
from tests.benchmarks.planted import WAYS, is_right, planted

MODELS, QUICK = 120, 12


def tried(models: int) -> Iterator[tuple[str, Explanation, bool]]:
    """Every way on every model."""
    for seed in range(models):
        known = planted(FIRST + seed)
        for name, (card, values) in WAYS.items():
            config = card.config(**values)
            *_, one = card.explain(known.subject, config)
            *_, proven = evidence_of(known.subject, card, config, one)
            yield name, proven, is_right(one, known.truth)


def main(arguments: list[str]) -> None:
    """Print the table, and the figures as JSON."""
    models = QUICK if "--quick" in arguments else MODELS
    count("evidence", "models", models, list(WAYS), tried(models))


if __name__ == "__main__":
    main(sys.argv[1:])
