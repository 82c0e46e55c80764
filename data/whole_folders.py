"""A kept upload is a folder that is whole or not there: made beside its place and put there by one rename, and taken away so.

It is called by the beginning of its content's hash, so that the same file sent twice is kept once.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import psutil
from pydantic import ValidationError

from data.durable import flush_folder
from data.images import refused
from data.text import Problem

Kept = TypeVar("Kept")

_ID_LENGTH = 16
_MADE_WITHIN_S = 86_400.0


def identity_of(content: bytes) -> str:
    """What the folder of this content is called."""
    return hashlib.sha256(content).hexdigest()[:_ID_LENGTH]


def is_identity(word: str) -> bool:
    """Whether a word could name a folder here; anything else never becomes part of a path."""
    return len(word) == _ID_LENGTH and set(word) <= set("0123456789abcdef")


def all_in(place: Path, read: Callable[[Path], Kept]) -> list[Kept]:
    """What `read` makes of every folder; those that are none, or not whole yet, are passed over."""
    found = []
    for folder in place.iterdir() if place.is_dir() else ():
        with contextlib.suppress(OSError, ValidationError):
            if not folder.name.startswith("."):
                found.append(read(folder))
    return found


def one_in(place: Path, identity: str, read: Callable[[Path], Kept]) -> Kept | None:
    """What `read` makes of the folder with this id, if there is one."""
    if is_identity(identity):
        with contextlib.suppress(OSError, ValidationError):
            return read(place / identity)
    return None


def remove(folder: Path) -> None:
    """Take a folder away: from one moment to the next nobody finds it, however long the removal takes."""
    gone = folder.with_name(f".old-{folder.name}-{os.getpid()}")
    folder.rename(gone)
    shutil.rmtree(gone)
    sweep(folder.parent)


def sweep(place: Path) -> None:
    """Remove what a process that was killed left half made or half removed, since it holds what people gave."""
    for left in place.glob(".old-*"):
        pid = left.name.rpartition("-")[2]
        if pid.isdecimal() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(left, ignore_errors=True)  # another sweep may be at it
    for left in place.glob(".new-*"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > _MADE_WITHIN_S:
                shutil.rmtree(left, ignore_errors=True)


@contextmanager
def appearing(final: Path, name: str) -> Iterator[Path]:
    """A scratch folder to fill; when the block ends without an error it becomes `final`, unless another was sooner.

    Args:
        final: Where the folder is to stand.
        name: The name the upload was sent under, for the sentence that says why it could not be kept.

    Raises:
        Problem: The disk is full, or the place cannot be written (`not_kept`).
    """
    place = final.parent
    try:
        place.mkdir(parents=True, exist_ok=True)
        sweep(place)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=place) as scratch:
            work = Path(scratch) / final.name
            work.mkdir()
            yield work
            if not final.is_dir():  # the same file may have been sent twice at once
                work.rename(final)
        flush_folder(place)
    except OSError as error:
        raise not_kept(name, error) from error


def not_kept(name: str, error: OSError) -> Problem:
    """What is said when the disk does not take an upload."""
    reason = error.strerror or type(error).__name__
    return refused("not_kept", name, f"could not be kept: {reason}", f"को रखा नहीं जा सका: {reason}")
