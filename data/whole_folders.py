"""A kept upload is a folder that is whole or not there: made beside its place and put there by one rename."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data.durable import flush_folder
from data.images import refused
from data.text import Problem


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
