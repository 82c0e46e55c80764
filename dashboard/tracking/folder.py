"""The folder of a run and its manifest `run.json`: with the journal, all that is needed to make the store again."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from dashboard.settings import Settings
from dashboard.tracking import durable, problems
from dashboard.tracking.records import NewRun

MANIFEST = "run.json"
LOCK = "lock"
MEDIA = "media"
CHECKPOINTS = "checkpoints"

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without i, l, o, 0, 1, which are misread


def new_id() -> str:
    """An id of ten letters and digits, 49 bits of chance."""
    return "".join(secrets.choice(_LETTERS) for _ in range(10))


def is_id(name: str) -> bool:
    """Whether a folder's name can be the id of a run."""
    return _ID.fullmatch(name) is not None


def make(settings: Settings, run: str) -> Path:
    """Make the folder of a run.

    Raises:
        Problem: The home folder cannot be written, or the disk is full.
    """
    path = settings.runs / run
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise problems.of_file(error, path) from error
    return path


def write_manifest(path: Path, new: NewRun, **more: Any) -> None:
    """Write what is known of a run before it starts, or what was changed by hand since."""
    described = {**asdict(new), **more}
    text = json.dumps(described, ensure_ascii=False, indent=1, sort_keys=True)
    durable.write(path / MANIFEST, text.encode(errors="replace"))


def read_manifest(path: Path) -> tuple[NewRun, dict[str, Any]]:
    """The manifest of a run folder and its further entries.

    What is missing in it, or is not of its kind, is left at its default: a run folder may come from anywhere, and
    one without a manifest is named after itself.
    """
    try:
        found = json.loads((path / MANIFEST).read_bytes())
    except (OSError, ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        found = {}
    told: dict[str, Any] = {"name": path.name, "method": "", "dataset": "", "preset": "", "config": {}, "seed": 0,
                            "total_steps": 0, "external": True}  # fmt: skip
    kinds = {field.name: _KINDS[str(field.type)] for field in fields(NewRun)}
    told |= {key: value for key, value in found.items() if key in kinds and _fits(value, kinds[key])}
    told["tags"] = tuple(tag for tag in told.get("tags", ()) if isinstance(tag, str))
    return NewRun(**told), {key: value for key, value in found.items() if key not in kinds}


_KINDS: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "str | None": (str, type(None)),
    "int": (int,),
    "bool": (bool,),
    "dict[str, Any]": (dict,),
    "tuple[str, ...]": (list,),
}


def _fits(value: object, kinds: tuple[type, ...]) -> bool:
    """Whether a value from a manifest is of its kind and small enough for its column."""
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        return False
    return not isinstance(value, int) or abs(value) < 2**63


def inside(path: Path, name: str) -> Path | None:
    """The file `name` of a run folder; None when the name leads out of it."""
    target = (path / name).resolve()
    return target if target.is_relative_to(path.resolve()) else None


def without_token(new: NewRun) -> NewRun:
    """A copy of a run beside its original: the form that made it belongs to the original."""
    return replace(new, token=None)
