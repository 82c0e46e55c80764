"""Bringing an older store up to date with Alembic; imported only when the version differs."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from dashboard.tracking import problems
from dashboard.tracking.database import Database


def configuration() -> Config:
    """Alembic's configuration, without a file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def known(version: str) -> bool:
    """Whether this code knows the revision `version`."""
    return any(script.revision == version for script in ScriptDirectory.from_config(configuration()).walk_revisions())


def upgrade(database: Database, version: str) -> None:
    """Upgrade the tables from `version` to the newest, in one transaction.

    Raises:
        Problem: `store_newer`: a later program made them.
    """
    if not known(version):
        raise problems.store_newer(database.place)
    config = configuration()
    with database.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
