"""Durable files of the store: as `data.durable`, with failures told to people."""

from __future__ import annotations

from pathlib import Path

from dashboard.tracking import problems
from data.durable import write_durably


def write(path: Path, content: bytes) -> None:
    """Put `content` at `path` in one step that a crash or power loss cannot halve.

    Raises:
        Problem: The disk is full or the folder cannot be written.
    """
    try:
        write_durably(path, content)
    except OSError as error:
        raise problems.of_file(error, path) from error
