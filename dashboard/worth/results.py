"""The accuracies that are known so far, one for each way, budget and seed; kept in the run's folder, so that none is worked out twice.

A file belongs to one checkpoint, one data set (by the hash of its items) and one number of steps. It is written whole after each
accuracy and replaced in one move: whoever reads meanwhile, and whoever is killed, leaves a whole file.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dashboard.contests.statistics import Spread, spread
from dashboard.tracking import durable
from lightning_modules.ssl.budgets import WAYS, Cell, Way, cells_of

FOLDER = "worth"
_VERSION = 1
"""Raised when figures would come out otherwise than before."""
_CELL = re.compile(r"([a-z_]+)/(\d+)/(\d+)")


@dataclass
class Results:
    """What is known: `cells` hold the share of held-out images named rightly; `facts` what it was measured on."""

    facts: dict[str, Any]
    cells: dict[Cell, float] = field(default_factory=dict)

    def left(self, seeds: int) -> list[Cell]:
        """What is still to be measured, the cheapest of each seed first."""
        return [cell for cell in cells_of(self.budgets, seeds) if cell not in self.cells]

    def total(self, seeds: int) -> int:
        """How many figures there will be."""
        return len(cells_of(self.budgets, seeds))

    @property
    def budgets(self) -> tuple[int, ...]:
        """Labels a class that this data allows, `ALL` last."""
        return tuple(self.facts["budgets"])

    def spread(self, way: Way, each: int) -> Spread | None:
        """The figures of one way at one budget over seeds; None when there is none yet."""
        return spread(
            [share for (name, budget, _), share in sorted(self.cells.items()) if (name, budget) == (way, each)]
        )

    def plain(self) -> dict[str, Any]:
        """As JSON knows it."""
        return {"facts": self.facts, "cells": {"/".join(map(str, cell)): share for cell, share in self.cells.items()}}

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Results:
        """From `plain`; what is no figure is left out."""
        cells: dict[Cell, float] = {}
        for name, share in said["cells"].items():
            known = _CELL.fullmatch(name)
            way = next((one for one in WAYS if known and one == known[1]), None)
            if known and way and isinstance(share, float) and math.isfinite(share):
                cells[way, int(known[2]), int(known[3])] = share
        return cls(dict(said["facts"]), cells)


def path_of(folder: Path, *, step: int, fingerprint: str, steps: int) -> Path:
    """Where in the folder of a run the figures of one comparison are kept."""
    key = hashlib.sha256(json.dumps([_VERSION, step, fingerprint, steps]).encode()).hexdigest()[:16]
    return folder / FOLDER / f"{key}.json"


def read(path: Path) -> Results | None:
    """The figures in a file; None when there are none, or it is damaged."""
    try:
        return Results.of(json.loads(path.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def write(path: Path, results: Results) -> None:
    """Keep the figures."""
    path.parent.mkdir(exist_ok=True)
    durable.write(path, json.dumps(results.plain()).encode())
