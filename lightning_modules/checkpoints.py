"""Checkpoints that tell when they are damaged: Lightning's own, in one file, with their SHA-256 inside.

A torch checkpoint is a zip archive, and a zip may end in a comment. Ours reads `sha256:<hex>`, the digest of the
archive without the comment. So there is one file, it appears by one rename, anybody's `torch.load` or
`Trainer(ckpt_path=...)` reads it, and a flipped bit or a cut end is found before anything is loaded.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch

from data.durable import write_durably
from data.text import Problem, Text

_PREFIX = b"sha256:"
_COMMENT = len(_PREFIX) + 64
_NAME = re.compile(r"step-(\d+)\.ckpt")


@dataclass(frozen=True)
class Saved:
    """A checkpoint on the disk; `sha256` is that of the whole file, as `sha256sum` prints it."""

    path: Path
    step: int
    sha256: str
    size: int


@dataclass(frozen=True)
class Skipped:
    """A checkpoint that could not be used, and why."""

    path: Path
    reason: Text


@dataclass(frozen=True)
class Loaded:
    """A checkpoint read back: `content` is Lightning's dictionary."""

    path: Path
    step: int
    content: dict[str, Any]


def checkpoint_path(folder: Path, step: int) -> Path:
    """Where the checkpoint of `step` stands; names sort by step."""
    return folder / f"step-{step:09d}.ckpt"


def step_of(path: Path) -> int:
    """The step in a checkpoint's name.

    Raises:
        ValueError: The name is not one of ours.
    """
    match = _NAME.fullmatch(path.name)
    if match is None:
        raise ValueError(f"{path.name} is not the name of a checkpoint")
    return int(match[1])


def checkpoints_in(folder: Path) -> list[Path]:
    """The checkpoints of a folder, newest first."""
    if not folder.is_dir():
        return []
    return sorted((p for p in folder.iterdir() if _NAME.fullmatch(p.name)), key=step_of, reverse=True)


def dump(trainer: pl.Trainer) -> dict[str, Any]:
    """Lightning's checkpoint of the training as it stands: weights, optimisers, schedules, loop counters, callbacks."""
    return trainer._checkpoint_connector.dump_checkpoint(weights_only=False)


def save(folder: Path, step: int, content: Mapping[str, Any]) -> Saved:
    """Write one checkpoint durably; a crash leaves the folder with it or without it.

    Raises:
        OSError: The disk is full or read-only; earlier checkpoints are untouched.
    """
    buffer = io.BytesIO()
    torch.save(dict(content), buffer)
    archive = buffer.getvalue()
    digest = hashlib.sha256(archive).hexdigest()
    sealed = archive[:-2] + _COMMENT.to_bytes(2, "little") + _PREFIX + digest.encode()
    folder.mkdir(parents=True, exist_ok=True)
    path = checkpoint_path(folder, step)
    write_durably(path, sealed)
    return Saved(path, step, hashlib.sha256(sealed).hexdigest(), len(sealed))


def load(path: Path) -> dict[str, Any]:
    """Read one checkpoint, if it is whole; only tensors and plain values are ever unpickled.

    Raises:
        Problem: The file is missing, damaged, or not a checkpoint (`damaged_checkpoint`).
    """
    try:
        sealed = path.read_bytes()
    except OSError as error:
        raise _damaged(path, "it cannot be read", "वह पढ़ी नहीं जा सकती") from error
    archive = _unsealed(sealed)
    if archive is None:
        raise _damaged(path, "its checksum does not match", "उसका चेकसम मेल नहीं खाता")
    try:
        content = torch.load(io.BytesIO(archive), map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds; the checksum held, so the file was never a checkpoint
        raise _damaged(path, "it holds more than plain weights", "उसमें वेट के अलावा भी कुछ है") from error
    if not isinstance(content, dict):
        raise _damaged(path, "it is not a checkpoint", "वह चेकपॉइंट नहीं है")
    return content


def load_newest(folder: Path, *, before: int | None = None) -> tuple[Loaded | None, tuple[Skipped, ...]]:
    """The newest whole checkpoint of a folder, and the newer ones that were passed over as damaged.

    Args:
        folder: A run's folder of checkpoints.
        before: Take none of a later step than this.

    Returns:
        None instead of a checkpoint when none is usable; the run then starts from its first step.
    """
    skipped: list[Skipped] = []
    for path in checkpoints_in(folder):
        if before is not None and step_of(path) > before:
            continue
        try:
            content = load(path)
        except Problem as problem:
            skipped.append(Skipped(path, problem.text))
            continue
        return Loaded(path, step_of(path), content), tuple(skipped)
    return None, tuple(skipped)


def newest_whole(folder: Path) -> Path | None:
    """The newest checkpoint whose checksum holds, unread; None when there is none. A file is summed up once a process while it stays as it is."""
    for path in checkpoints_in(folder):
        try:
            about = path.stat()
            if _whole(path, about.st_mtime_ns, about.st_size):
                return path
        except OSError:
            continue  # thinned out meanwhile, or not readable: an older one will do
    return None


@lru_cache(maxsize=256)
def _whole(path: Path, changed_ns: int, size: int) -> bool:
    return _unsealed(path.read_bytes()) is not None


def _unsealed(sealed: bytes) -> bytes | None:
    comment = sealed[-_COMMENT:]
    if len(sealed) < _COMMENT + 22 or not comment.startswith(_PREFIX):
        return None
    archive = sealed[: -_COMMENT - 2] + b"\0\0"
    expected = comment[len(_PREFIX) :].decode("ascii", "replace")
    return archive if hashlib.sha256(archive).hexdigest() == expected else None


def _damaged(path: Path, en: str, hi: str) -> Problem:
    return Problem(
        Text(en=f"The checkpoint {path.name} is not usable: {en}.", hi=f"चेकपॉइंट {path.name} काम का नहीं है: {hi}।"),
        code="damaged_checkpoint",
    )
