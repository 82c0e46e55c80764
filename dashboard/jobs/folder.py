"""What stands in a run's folder and how the supervisor and a job speak through it. No torch, no database."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from dashboard.jobs.spec import RunSpec
from dashboard.settings import Settings
from dashboard.tracking import journal
from dashboard.tracking.records import State

Ask = Literal["stop", "pause"]

LOCK = "lock"
CONTROL = "control"
ORDER = "order.json"
LOG = "log"
_TAIL_BYTES = 262_144


class Order(BaseModel):
    """What one attempt is to do; written by the supervisor before the job is started.

    A job that finds a later attempt in this file than its own was overtaken and ends without a word.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: str
    name: str
    attempt: int
    spec: RunSpec
    threads: int
    memory_limit_mib: int
    start_from: str | None = None
    """Checkpoint file whose weights a fresh run begins with, or the reference of a kept weight file (`file:…`)."""


class Ending(BaseModel):
    """The last word of an attempt, as it stands in the journal."""

    model_config = ConfigDict(frozen=True)

    attempt: int
    time: float
    step: int
    state: State
    code: str
    text: dict[str, str]
    weights_sha256: str | None = None


def folder_of(settings: Settings, run_id: str) -> Path:
    """The folder of a run."""
    return settings.runs / run_id


def write_order(folder: Path, order: Order) -> None:
    """Put the order where the job finds it; whole or not at all."""
    _replace(folder / ORDER, order.model_dump_json(indent=1))


def read_order(folder: Path) -> Order:
    """The order of the newest attempt."""
    return Order.model_validate_json((folder / ORDER).read_text())


def ask(folder: Path, what: Ask) -> None:
    """Ask the job to end after the step it is in."""
    _replace(folder / CONTROL, what)


def asked(folder: Path) -> Ask | None:
    """What the job has been asked, if anything."""
    try:
        word = (folder / CONTROL).read_text().strip()
    except OSError:
        return None
    return "pause" if word == "pause" else "stop" if word == "stop" else None


def withdraw(folder: Path) -> None:
    """Forget an earlier request; done before an attempt is started."""
    with contextlib.suppress(FileNotFoundError):
        (folder / CONTROL).unlink()


def started(folder: Path, attempt: int, offset: int = 0) -> bool:
    """Whether the attempt has written its first record at or after `offset`."""
    return any(r.get("k") == "start" and r.get("a") == attempt for r in _records(folder, offset))


def made_progress(folder: Path, attempt: int, offset: int = 0) -> bool:
    """Whether the attempt left a checkpoint of its own."""
    return any(r.get("k") == "ckpt" and r.get("a") == attempt for r in _records(folder, offset))


def ending(folder: Path, attempt: int) -> Ending | None:
    """The last word of the attempt; None when it died without one."""
    tail = max(0, journal_size(folder) - _TAIL_BYTES)
    for record in reversed(_records(folder, tail)):
        if record.get("k") == "end" and record.get("a") == attempt:
            return Ending(
                attempt=attempt,
                time=float(record["t"]),
                step=int(record.get("s") or 0),
                state=State(record["state"]),
                code=str(record.get("code") or ""),
                text=dict(record.get("text") or {}),
                weights_sha256=record.get("wsha"),
            )
    return None


def _records(folder: Path, offset: int) -> list[dict[str, Any]]:
    path = folder / journal.NAME
    return [record for record, _ in journal.read(path, offset)] if path.exists() else []


def journal_size(folder: Path) -> int:
    """Bytes in the journal."""
    try:
        return (folder / journal.NAME).stat().st_size
    except FileNotFoundError:
        return 0


def log_tail(folder: Path, lines: int = 20) -> list[str]:
    """The last lines of what the job printed."""
    try:
        with (folder / LOG).open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - 65_536))
            return file.read().decode(errors="replace").splitlines()[-lines:]
    except FileNotFoundError:
        return []


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text)
    temporary.replace(path)


def dumps(values: object) -> bytes:
    """One message between the supervisor and its starter: a line of JSON."""
    return json.dumps(values, separators=(",", ":")).encode() + b"\n"
