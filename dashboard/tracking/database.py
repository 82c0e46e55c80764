"""Opening the store's database: SQLite rules, transactions, and its failures told in plain words.

SQLite runs in WAL mode with `synchronous=FULL`; a write transaction takes the write lock at once (`BEGIN IMMEDIATE`),
so it never fails half way. SQLite before 3.51.3 can damage a store when two processes reset the WAL at the same time
(https://sqlite.org/wal.html#walresetbug), therefore only the process that holds `checkpoint.lock` ever checkpoints.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Pool, create_engine, event
from sqlalchemy.exc import DBAPIError

from dashboard.tracking import problems

BUSY_MS = 5_000
"""How long a writer waits for another one before it says so."""

WAL_PAGES = 1_000
"""Pages in the WAL after which the checkpointing process folds it into the store (SQLite's own default)."""

_abandoned: list[Pool] = []
"""Connection pools inherited over a fork: never used, and never closed, since closing would touch the parent's files."""


class Database:
    """An engine that survives forks, with one context for reading and one for writing.

    Args:
        url: SQLAlchemy URL; a SQLite file or PostgreSQL.
        checkpointer: This process folds the WAL into the store by itself as it writes.
    """

    def __init__(self, url: str, *, checkpointer: bool = False) -> None:
        self.url = url
        self.checkpointer = checkpointer
        self._pid = os.getpid()
        self._engine = self._connect()

    @property
    def file(self) -> Path | None:
        """The SQLite file; None for a server."""
        name = self._engine.url.database
        return Path(name) if self.sqlite and name else None

    @property
    def place(self) -> str:
        """Where the store is, as a person would say it: its file, or the server without the password."""
        return problems.place(self.url)

    @property
    def sqlite(self) -> bool:
        """Whether this is a SQLite file."""
        return self._engine.dialect.name == "sqlite"

    def log_size(self) -> int:
        """Bytes of the write-ahead log; 0 for a server."""
        log = self.file and self.file.with_name(f"{self.file.name}-wal")
        return log.stat().st_size if log is not None and log.exists() else 0

    @property
    def engine(self) -> Engine:
        """The engine of this process; a forked child gets its own."""
        if self._pid != os.getpid():
            _abandoned.append(self._engine.pool)
            self._pid = os.getpid()
            self.checkpointer = False  # the lock for it stayed with the parent
            self._engine = self._connect()
        return self._engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A read transaction: one consistent picture, never blocked by a writer."""
        with self._plain(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A write transaction, committed when the block ends without an exception."""
        with self._plain(), self.engine.execution_options(samajh_write=True).begin() as connection:
            yield connection

    def close(self) -> None:
        """Close every connection of this process."""
        if self._pid == os.getpid():
            self._engine.dispose()

    def _connect(self) -> Engine:
        engine = create_engine(self.url)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", self._prepare)
            event.listen(engine, "begin", _begin)
        return engine

    def _prepare(self, connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions are begun by `_begin`, not by the driver
        pages = WAL_PAGES if self.checkpointer else 0
        for pragma in (
            f"busy_timeout={BUSY_MS}",
            "journal_mode=wal",
            "synchronous=full",
            "foreign_keys=on",
            f"wal_autocheckpoint={pages}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @contextmanager
    def _plain(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise problems.of_database(error, self.url) from error


def _begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("samajh_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
