"""The run store: every question about runs and every change to them, for pages, supervisor and command line alike.

    with Store.open(settings()) as store:
        for run in store.runs(RunFilter(states=(State.RUNNING,))):
            curve = store.envelope(run.id, "loss")

A store may be used from many threads; a forked child gets connections of its own. Nothing here imports torch.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, Unpack

from sqlalchemy import delete, select, update

from dashboard.settings import Settings
from dashboard.tracking import curves, folder, lock, opening, problems, runs
from dashboard.tracking.database import Database
from dashboard.tracking.points import Floats, Ints
from dashboard.tracking.records import (
    Checkpoint,
    Envelope,
    Event,
    Facets,
    Media,
    MetricSummary,
    NewRun,
    Reason,
    Run,
    RunFilter,
    State,
)
from dashboard.tracking.runs import RunColumns
from dashboard.tracking.schema import CHANGES, RUN


class Store:
    """The runs of one home folder. Use `Store.open`."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.database = database

    @classmethod
    def open(cls, settings: Settings, *, checkpointer: bool = False) -> Self:
        """Open the store of a home folder; the folder and the tables are made when they are missing.

        Args:
            settings: Where the home folder and the store are.
            checkpointer: True in the one process (the supervisor) that folds the write-ahead log into the store.

        Raises:
            Problem: The home is read-only, the disk full, the store damaged, in use, or of a newer version.
        """
        return cls(settings, opening.open_database(settings, checkpointer=checkpointer))

    def close(self) -> None:
        """Close the connections of this process."""
        self.database.close()
        if self.database.checkpointer:
            lock.release(self.settings.home / opening.CHECKPOINT_LOCK)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def folder(self, run: str) -> Path:
        """The folder of a run."""
        return self.settings.runs / run

    def version(self) -> int:
        """A number that grows with every change to anything in the store."""
        with self.database.reading() as connection:
            return int(connection.scalar(select(CHANGES.c.count)) or 0)

    def checkpoint(self) -> bool:
        """Fold the write-ahead log into the store; False when another process is the one that does this."""
        if not self.database.sqlite:
            return False
        path = self.settings.home / opening.CHECKPOINT_LOCK
        mine = lock.acquire(path)
        if not mine and not self.database.checkpointer:
            return False
        try:
            with self.database.engine.connect() as connection:
                connection.exec_driver_sql("COMMIT")  # a checkpoint cannot run inside the transaction begun for us
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                connection.exec_driver_sql("BEGIN")
        finally:
            if mine:
                lock.release(path)
        return True

    # Runs

    def create_run(self, new: NewRun) -> tuple[Run, bool]:
        """Store a queued run and make its folder.

        Returns:
            The run and True; or, when `new.token` was used before, the earlier run and False.
        """
        with self.database.writing() as connection:
            run, now = folder.new_id(), time.time()
            earlier = runs.of_token(connection, new.token)
            if earlier is None and not runs.add(connection, run, new, created_at=now):
                earlier = runs.of_token(connection, new.token)  # made by another writer in between
            if earlier is not None:
                return earlier, False
            folder.write_manifest(folder.make(self.settings, run), new, created_at=now)
            runs.changed(connection)
            return runs.one(connection, run), True

    def run(self, run: str) -> Run:
        """One run.

        Raises:
            Problem: `unknown_run`.
        """
        with self.database.reading() as connection:
            return runs.one(connection, run)

    def runs(self, wanted: RunFilter | None = None) -> list[Run]:
        """The runs that fit the filter; by default all that are not in the trash, newest first."""
        with self.database.reading() as connection:
            return runs.find(connection, wanted or RunFilter())

    def count(self, wanted: RunFilter | None = None) -> int:
        """How many runs fit the filter, its limit aside."""
        with self.database.reading() as connection:
            return runs.count(connection, wanted or RunFilter())

    def facets(self) -> Facets:
        """The values there are to filter runs by."""
        with self.database.reading() as connection:
            return runs.facets(connection)

    def edit(
        self,
        run: str,
        *,
        name: str | None = None,
        tags: Sequence[str] | None = None,
        notes: str | None = None,
        group: str | None = None,
    ) -> Run:
        """Change what people write about a run; None leaves a thing as it is, an empty group removes it."""
        with self.database.writing() as connection:
            runs.row_of(connection, run)
            values: dict[str, object] = {}
            if name is not None and name.strip():
                values["name"] = name.strip()
            if notes is not None:
                values["notes"] = notes
            if group is not None:
                values["group_name"] = group.strip() or None
            if values:
                connection.execute(update(RUN).where(RUN.c.id == run).values(**values))
            if tags is not None:
                runs.set_tags(connection, run, tags)
            runs.changed(connection)
            edited = runs.one(connection, run)
            self._keep_words(edited)
        return edited

    def _keep_words(self, run: Run) -> None:
        """Write what people changed into the manifest too, so that a store made again from the folders has it."""
        path = self.folder(run.id)
        if (path / folder.MANIFEST).exists():
            new, more = folder.read_manifest(path)
            folder.write_manifest(path, runs.edited(new, run), **more)

    def set_state(
        self,
        run: str,
        state: State,
        reason: Reason | None = None,
        *,
        expect: set[State] | None = None,
        **columns: Unpack[RunColumns],
    ) -> bool:
        """Change the state if it is one of `expect` now (None: in any case); False when it was not."""
        with self.database.writing() as connection:
            if expect is not None and State(runs.row_of(connection, run, lock=True).state) not in expect:
                return False
            runs.put(connection, run, state, reason, columns)
            runs.changed(connection)
            return True

    def update(self, run: str, **columns: Unpack[RunColumns]) -> None:
        """Change columns of a run and leave its state alone."""
        with self.database.writing() as connection:
            runs.put(connection, run, None, None, columns)
            runs.changed(connection)

    # Curves

    def summaries(self, run: str) -> list[MetricSummary]:
        """The latest state of every metric of a run, by name."""
        with self.database.reading() as connection:
            return curves.summaries(connection, run)

    def latest(self, ids: Sequence[str], metrics: Sequence[str]) -> dict[str, dict[str, float]]:
        """The newest value of each metric of each run; a metric that a run does not have is left out."""
        with self.database.reading() as connection:
            return curves.latest(connection, ids, metrics)

    def envelope(
        self, run: str, metric: str, *, first: int | None = None, last: int | None = None, buckets: int = 1000
    ) -> Envelope:
        """A curve, or its part from step `first` to `last`, in at most `buckets` buckets without loss of extremes.

        The whole curve comes from its roll-up (half as many buckets at least); a part comes from the points.
        """
        with self.database.reading() as connection:
            if first is None and last is None:
                found = curves.envelopes(connection, [run], metric, buckets=buckets)
                return found.get(run) or curves.empty()
            return curves.zoomed(connection, run, metric, first=first, last=last, buckets=buckets)

    def envelopes(self, ids: Sequence[str], metric: str, *, buckets: int = 1000) -> dict[str, Envelope]:
        """The whole curve of one metric for many runs; runs that lack the metric are left out."""
        with self.database.reading() as connection:
            return curves.envelopes(connection, ids, metric, buckets=buckets)

    def points(self, run: str, metric: str) -> tuple[Ints, Floats, Floats]:
        """Steps, values and times of every point of a metric."""
        with self.database.reading() as connection:
            found = curves.points(connection, run, metric)
        return found.steps, found.values, found.times

    # What hangs on a run

    def media(self, run: str, name: str | None = None) -> list[Media]:
        """The media of a run by name and step."""
        with self.database.reading() as connection:
            return runs.media(connection, run, self.folder(run), name)

    def events(self, run: str) -> list[Event]:
        """What happened in a run, oldest first."""
        with self.database.reading() as connection:
            return runs.events(connection, run)

    def add_event(self, event: Event) -> None:
        """Store something that was seen from outside the job."""
        with self.database.writing() as connection:
            runs.add_event(connection, event, runs.row_of(connection, event.run).attempt)
            runs.changed(connection)

    def checkpoints(self, run: str) -> list[Checkpoint]:
        """The checkpoints of a run whose files are there, oldest first."""
        with self.database.reading() as connection:
            return runs.checkpoints(connection, run, self.folder(run))

    def info(self, run: str) -> dict[str, Any]:
        """What a run told about itself, by key: `reference_lines`, `hyperparameters`, ..."""
        with self.database.reading() as connection:
            return runs.info(connection, run)

    # Trash

    def delete(self, run: str) -> None:
        """Put a run in the trash.

        Raises:
            Problem: `run_active` while a job works on it, or will.
        """
        with self.database.writing() as connection:
            if State(runs.row_of(connection, run, lock=True).state).active:
                raise problems.run_active(run)
            connection.execute(update(RUN).where(RUN.c.id == run).values(deleted_at=time.time()))
            runs.changed(connection)

    def undelete(self, run: str) -> None:
        """Take a run out of the trash."""
        with self.database.writing() as connection:
            runs.row_of(connection, run)
            connection.execute(update(RUN).where(RUN.c.id == run).values(deleted_at=None))
            runs.changed(connection)

    def purge(self, run: str) -> None:
        """Remove a run and its files for good.

        Raises:
            Problem: `run_active` while a job works on it, or will.
        """
        with self.database.writing() as connection:
            if State(runs.row_of(connection, run, lock=True).state).active:
                raise problems.run_active(run)
            gone = self.settings.runs / f".purged-{run}"
            if self.folder(run).exists():
                self.folder(run).rename(gone)  # else a crash half way would bring the run back from its journal
            connection.execute(delete(RUN).where(RUN.c.id == run))
            runs.changed(connection)
        shutil.rmtree(gone, ignore_errors=True)
