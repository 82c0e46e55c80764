"""The names of what is compared: ways to a classifier, and labels a class. Without torch, for whoever only reads figures."""

from __future__ import annotations

from typing import Final, Literal, get_args

Way = Literal["supervised", "probe", "fine_tuned", "pca", "kmeans"]
"""See `lightning_modules.ssl.label_budgets`."""

WAYS: tuple[Way, ...] = get_args(Way)
TRAINED: tuple[Way, ...] = ("supervised", "fine_tuned")
"""Ways that take seconds instead of milliseconds."""

ALL: Final = 0
"""The budget of all labels."""
BUDGETS = (1, 5, 10, 100, ALL)
"""Labels a class."""

Cell = tuple[Way, int, int]
"""A way, labels a class, and a seed: one accuracy."""


def budgets_for(counts: list[int]) -> tuple[int, ...]:
    """The budgets that leave something unlabelled in most classes, and all labels.

    Args:
        counts: Training items of each class.
    """
    usual = sorted(counts)[len(counts) // 2]
    return (*(each for each in BUDGETS if each != ALL and each < usual), ALL)


def cells_of(budgets: tuple[int, ...], seeds: int) -> list[Cell]:
    """Every accuracy, seed by seed: ways without training first, then small budgets before large ones."""
    quick = [way for way in WAYS if way not in TRAINED]
    found: list[Cell] = []
    for seed in range(seeds):
        found += [(way, each, seed) for way in quick for each in budgets]
        found += [(way, each, seed) for each in budgets for way in TRAINED]
    return found
