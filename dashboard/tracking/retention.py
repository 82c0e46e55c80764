"""What runs take on disk, and how to take less: the newest and the best checkpoints stay, the trash can be emptied."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import delete

from dashboard.settings import Settings
from dashboard.tracking import problems, runs
from dashboard.tracking.records import Checkpoint, RunFilter
from dashboard.tracking.schema import CHECKPOINT
from dashboard.tracking.store import Store

Better = Literal["lower", "higher"]


@dataclass(frozen=True)
class DiskUse:
    """Bytes of one run: its checkpoints, its pictures, and all of it together."""

    run: str
    checkpoints: int
    media: int
    total: int


@dataclass(frozen=True)
class Usage:
    """Bytes of a home folder, against its budget and what the disk has left. Runs: largest first."""

    runs: tuple[DiskUse, ...]
    store: int
    total: int
    budget: int
    disk_free: int

    @property
    def over(self) -> int:
        """Bytes above the budget."""
        return max(0, self.total - self.budget)


def usage(settings: Settings) -> Usage:
    """What the home folder takes."""
    found = [use_of(path) for path in settings.runs.iterdir() if path.is_dir()]
    store = sum(size_of(path) for path in settings.home.glob("store.sqlite*"))
    rest = sum(
        size_of(path)
        for path in (settings.uploads, settings.drawings, settings.weights, settings.plugins, settings.catalogue)
    )
    return Usage(
        runs=tuple(sorted(found, key=lambda use: -use.total)),
        store=store,
        total=sum(use.total for use in found) + store + rest,
        budget=settings.disk_budget_mib * 1024 * 1024,
        disk_free=shutil.disk_usage(settings.home).free,
    )


def use_of(folder: Path) -> DiskUse:
    """What one run takes."""
    return DiskUse(folder.name, size_of(folder / "checkpoints"), size_of(folder / "media"), size_of(folder))


def size_of(path: Path) -> int:
    """Bytes of a file or of all files in a folder; what vanishes meanwhile counts nothing."""
    try:
        if not path.is_dir():
            return path.lstat().st_size
        return sum(size_of(entry) for entry in path.iterdir() if not entry.is_symlink())
    except FileNotFoundError:
        return 0


def kept(checkpoints: Sequence[Checkpoint], newest: int, better: Mapping[str, Better]) -> list[Checkpoint]:
    """The `newest` checkpoints, and for each metric in `better` the one that is best by it (of equals the earliest)."""
    ordered = sorted(checkpoints, key=lambda checkpoint: checkpoint.step)
    steps = {checkpoint.step for checkpoint in ordered[-newest:]}
    for metric, direction in better.items():
        sign = 1 if direction == "lower" else -1
        scored = [
            (sign * value, c.step) for c in ordered if (value := c.metrics.get(metric)) is not None and value == value
        ]
        steps |= {min(scored)[1]} if scored else set()
    return [checkpoint for checkpoint in ordered if checkpoint.step in steps]


def prune(store: Store, run: str, *, newest: int, better: Mapping[str, Better] | None = None) -> int:
    """Delete the checkpoints of a run that `kept` does not keep.

    Returns:
        The bytes that were freed.

    Raises:
        Problem: `run_active`: the job looks after its checkpoints itself.
    """
    if store.run(run).state.active:
        raise problems.run_active(run)
    found = store.checkpoints(run)
    stay = {checkpoint.step for checkpoint in kept(found, max(1, newest), better or {})}
    gone = [checkpoint for checkpoint in found if checkpoint.step not in stay]
    if not gone:
        return 0
    with store.database.writing() as connection:
        steps = [checkpoint.step for checkpoint in gone]
        connection.execute(delete(CHECKPOINT).where(CHECKPOINT.c.run == run, CHECKPOINT.c.step.in_(steps)))
        runs.changed(connection)
    freed = sum(size_of(checkpoint.path) for checkpoint in gone)
    for checkpoint in gone:
        checkpoint.path.unlink(missing_ok=True)
    return freed


def empty_trash(store: Store, *, older_than_s: float = 0.0) -> list[str]:
    """Remove for good the runs that have lain in the trash for so long; their ids."""
    now = time.time()
    thrown = store.runs(RunFilter(deleted=True))
    old = [run.id for run in thrown if run.deleted_at is not None and now - run.deleted_at >= older_than_s]
    for run in old:
        store.purge(run)
    return old
