"""The journal of a run: one JSON record a line, appended with a single `os.write`.

The journal is the truth; the store is made from it and can be made again. A record is written whole by one
system call, so that `kill -9` loses nothing that was logged; a torn last line (power loss) is skipped by the reader,
and the next attempt starts on a fresh line. Records:

    {"k": "start", "a": attempt, "t": time, "pid": .., "from": step resumed from (0: fresh), "env": {..}}
    {"k": "m",     "a": attempt, "t": time, "s": step, "v": {metric: value, ..}}
    {"k": "media", "a": attempt, "t": time, "s": step, "n": name, "kind": "image", "p": path in the run folder,
                   "c": {"en": .., "hi": ..}, "i": {..}}
    {"k": "event", "a": attempt, "t": time, "s": step or null, "l": level, "code": .., "text": {"en": .., "hi": ..}}
    {"k": "ckpt",  "a": attempt, "t": time, "s": step, "p": path, "sha": .., "wsha": .., "size": .., "v": {..}}
    {"k": "info",  "a": attempt, "t": time, "v": {reference_lines: [..], total_steps: .., ..}}
    {"k": "end",   "a": attempt, "t": time, "s": step, "state": "finished", "code": .., "text": {..}, "wsha": ..}

`NaN`, `Infinity` and `-Infinity` are written as Python's json does.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

NAME = "journal.jsonl"


class Journal:
    """Appends records for one attempt of one run.

    Args:
        folder: The run's folder; it must exist.
        attempt: Number of this attempt, counted from 1; stamped on every record.
    """

    def __init__(self, folder: Path, attempt: int) -> None:
        self.path = folder / NAME
        self.attempt = attempt
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        size = os.fstat(self._file).st_size
        if size and os.pread(self._file, 1, size - 1) != b"\n":
            os.write(self._file, b"\n")  # an earlier attempt died inside a record

    def write(self, kind: str, /, *, durable: bool = False, **values: Any) -> None:
        """Append one record; with `durable` it is on disk when this returns."""
        record = {"k": kind, "a": self.attempt, "t": time.time(), **values}
        line = json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode(errors="replace") + b"\n"
        written = os.write(self._file, line)
        if written != len(line):  # a full disk may take part of a line
            raise OSError(28, "the disk is full", str(self.path))
        if durable:
            os.fsync(self._file)

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        """Append the metrics of one step."""
        self.write("m", s=step, v=dict(values))

    def close(self) -> None:
        """Close the file; later writes raise."""
        os.close(self._file)


def read(path: Path, offset: int = 0) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield complete records from byte `offset` on, each with the offset after it; a torn line is passed over."""
    with path.open("rb") as file:
        file.seek(offset)
        for line in file:
            if not line.endswith(b"\n"):
                return
            offset += len(line)
            try:
                record = json.loads(line)
            except (ValueError, RecursionError):
                continue  # torn by a power loss (the writer began a fresh line after it), or not ours
            if isinstance(record, dict):
                yield record, offset
