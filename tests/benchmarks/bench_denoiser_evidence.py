"""The traffic light of denoisers on some whose reasons are known: how often green is right, and red is wrong.

python -m tests.benchmarks.bench_denoiser_evidence [--quick] [--from SEED]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch

from dashboard.explain.contract import Explanation
from tests.benchmarks import planted_denoisers, planted_losses, planted_pictures, planted_prompts
from tests.benchmarks.lights import FIRST, count

MODELS, QUICK = 120, 6
Tried = Iterator[tuple[str, Explanation, bool]]


def _tried(name: str, way: Any, config: Any, known: Any, right: Callable[[Explanation, Any], bool]) -> Tried:
    *_, one = way(known.subject, config)
    *_, proven = way.proven(known.subject, config, one)
    yield name, proven, right(one, known.truth)


def of_pixels(seed: int) -> Tried:
    """Every way to say which pixels drive one planted denoiser."""
    known = planted_denoisers.planted(seed)
    for name, (way, config) in planted_denoisers.WAYS.items():
        config = config.model_copy(update={"seed": seed})
        yield from _tried(f"pixels: {name}", way, config, known, planted_pictures.is_right)


def of_losses(seed: int) -> Tried:
    """Every map of the loss of one planted denoiser."""
    known = planted_losses.planted(seed)
    for name, (way, config) in planted_losses.WAYS.items():
        config = config.model_copy(update={"seed": seed})
        yield from _tried(f"loss: {name}", way, config, known, planted_losses.is_right)


def of_words(seed: int) -> Tried:
    """Every map of a word of one planted denoiser."""
    honest, deceiver = (planted_prompts.planted(seed, deceiver=one) for one in (False, True))
    for name in planted_prompts.WAYS:
        known = deceiver if name == planted_prompts.DECEIVING else honest
        way, config = planted_prompts.way_of(name, known)
        yield from _tried(f"words: {name}", way, config, known, planted_prompts.is_right)


GROUPS: dict[str, Iterable[str]] = {
    "pixels": planted_denoisers.WAYS,
    "loss": planted_losses.WAYS,
    "words": planted_prompts.WAYS,
}


def main(arguments: list[str]) -> None:
    """Print the table, and the figures as JSON; `--from N` begins at another seed."""
    torch.set_num_threads(1)
    models = QUICK if "--quick" in arguments else MODELS
    first = int(arguments[arguments.index("--from") + 1]) if "--from" in arguments else FIRST
    groups = {group: [f"{group}: {name}" for name in ways] for group, ways in GROUPS.items()}
    tried = (
        one for seed in range(first, first + models) for of in (of_pixels, of_losses, of_words) for one in of(seed)
    )
    count(
        "denoiser_evidence", "models", models, [name for ways in groups.values() for name in ways], tried, groups=groups
    )


if __name__ == "__main__":
    main(sys.argv[1:])
