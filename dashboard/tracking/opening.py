"""Opening a home folder: make it, make or upgrade the tables, and say in plain words what stands in the way."""

from __future__ import annotations

import os

from sqlalchemy import Connection, inspect, select

from dashboard.settings import Settings
from dashboard.tracking import lock, problems
from dashboard.tracking.database import Database
from dashboard.tracking.schema import CHANGES, HEAD, REVISION, metadata
from data.text import Problem

CHECKPOINT_LOCK = "checkpoint.lock"


def open_database(settings: Settings, *, checkpointer: bool = False) -> Database:
    """A database whose tables are those of this code.

    Raises:
        Problem: The home is read-only, the disk full, the store damaged, in use, or of a newer version.
    """
    _make_home(settings)
    mine = checkpointer and lock.acquire(settings.home / CHECKPOINT_LOCK)
    database = Database(settings.url, checkpointer=mine)
    with database.reading() as connection:
        version = schema_version(connection)
    if version is None:
        _create_once(database)
    elif version != HEAD:
        # Alembic takes 0.3 s to import and is wanted once in a store's life
        from dashboard.tracking.migrations import upgrade

        upgrade(database, version)
    return database


def _create_once(database: Database) -> None:
    """Make the tables, or find that another process was faster."""
    try:
        with database.writing() as connection:
            if schema_version(connection) is None:
                create(connection)
    except Problem:  # a server, unlike SQLite, lets two processes try at once, and refuses the later one
        with database.reading() as connection:
            if schema_version(connection) is None:
                raise


def _make_home(settings: Settings) -> None:
    try:
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings.runs.mkdir(exist_ok=True)
    except (FileExistsError, NotADirectoryError, FileNotFoundError) as error:  # a file stands there, or nothing can
        raise problems.home_read_only(settings.home) from error
    except OSError as error:
        raise problems.of_file(error, settings.home) from error
    if not os.access(settings.home, os.W_OK | os.X_OK):
        raise problems.home_read_only(settings.home)


def schema_version(connection: Connection) -> str | None:
    """The revision of the tables; None for an empty database."""
    if not inspect(connection).has_table(REVISION.name):
        return None
    return connection.scalar(select(REVISION.c.version_num))


def create(connection: Connection) -> None:
    """Make every table in an empty database."""
    metadata.create_all(connection)
    connection.execute(REVISION.insert().values(version_num=HEAD))
    connection.execute(CHANGES.insert().values(id=1, count=0))
