"""Explanations that are kept: what was asked, what was answered, for how long, and the log of who asked for what.

A record is a folder `explanations/<id>` with `record.json`, `asked.npz` (what a person gave) and `answered.npz`. The id is the start of the SHA-256 of
the question, the weights of the model and the version of this program, so the same question has one record. It is kept for a day unless a
person says otherwise, and goes with everything that was made from what they gave. `audit.jsonl` beside the records has a line for each
explanation, replay, report and deletion: hashes and answers, nothing that a person gave. Needs no torch.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import platform
import time
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, ValidationError

from dashboard.explain.contract import Explanation, to_parts
from data.durable import write_durably
from data.text import Problem, Text
from data.whole_folders import all_in, appearing, remove

Arrays = Mapping[str, npt.NDArray[Any]]
Keep = Literal["day", "month", "always"]
KEEPS: Final[Mapping[Keep, float | None]] = {"day": 86_400.0, "month": 30 * 86_400.0, "always": None}
"""Seconds a record is kept; None: until somebody deletes it."""
RECORD, ASKED, ANSWERED, AUDIT = "record.json", "asked.npz", "answered.npz", "audit.jsonl"
_ID_LENGTH = 16
_PACKAGES = ("samajh", "torch", "numpy", "scipy", "scikit-learn", "tokenizers")
_UNASKED = ("evidence", "record")
"""Of a request: not part of the question."""


class Record(BaseModel):
    """An explanation that is kept. `asked` is the request, `answered` the answer's plain values as of `to_parts`."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: str
    method: str
    asked: dict[str, Any]
    answered: dict[str, Any]
    model: dict[str, Any]
    data_sha256: str
    weights: str
    versions: dict[str, str]
    made_at: float
    keep: Keep = "day"
    folder: Path = Path()

    @property
    def until(self) -> float | None:
        """When it goes, in seconds since 1970; None: it stays."""
        seconds = KEEPS[self.keep]
        return None if seconds is None else self.made_at + seconds

    @property
    def evidence(self) -> bool:
        """Whether evidence was asked for."""
        return bool(self.asked.get("evidence"))

    def asked_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What a person gave, as arrays."""
        return _arrays(self.folder / ASKED)

    def answered_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays of the answer."""
        return _arrays(self.folder / ANSWERED)


def id_of(asked: Mapping[str, Any], arrays: Arrays, weights: str) -> str:
    """The id of a question put to a model of these weights."""
    question = {key: value for key, value in asked.items() if key not in _UNASKED and value not in (None, {}, "")}
    told = json.dumps([question, bool(asked.get("evidence")), weights, versions()], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256((told + data_sha256(asked, arrays)).encode()).hexdigest()[:_ID_LENGTH]


def data_sha256(asked: Mapping[str, Any], arrays: Arrays) -> str:
    """The hash of what is explained: the arrays that were sent, or the words that name or are the item."""
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.shape} {array.dtype}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    item = {key: asked[key] for key in ("sample", "text", "other", "row", "item") if key in asked}
    if "item" in item:
        item["model"] = asked["model"]  # whose data it is an item of
    digest.update(json.dumps(item, sort_keys=True, ensure_ascii=False).encode())
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Of what makes the numbers."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def keep(
    folder: Path, asked: Mapping[str, Any], arrays: Arrays, one: Explanation, *, weights: str, model: Mapping[str, Any]
) -> str:
    """Keep an explanation and log it; what is past its time goes meanwhile. Returns its id.

    Raises:
        Problem: The disk does not take it (`not_kept`).
    """
    prune(folder)
    values, answered = to_parts(one)
    record = Record(
        id=id_of(asked, arrays, weights), kind=str(asked["kind"]), method=str(asked["method"]), asked=dict(asked), answered=values,
        model=dict(model), data_sha256=data_sha256(asked, arrays), weights=weights, versions=versions(), made_at=time.time(),
    )  # fmt: skip
    with appearing(folder / record.id, "explanation") as work:
        _write(work / ASKED, arrays)
        _write(work / ANSWERED, answered)
        write_durably(work / RECORD, record.model_dump_json(exclude={"folder"}).encode())
    log(folder, "explained", record)
    return record.id


def find(folder: Path, wanted: str) -> Record:
    """The record of this id, or of the only id that begins so.

    Raises:
        Problem: There is none (`unknown_explanation`), or several begin so.
    """
    begin = sorted(folder.glob(f"{wanted}*")) if wanted.isalnum() else []
    found = [one for one in begin if (one / RECORD).is_file()]
    if len(found) == 1:
        with contextlib.suppress(OSError, ValidationError):
            if not _past(record := _read(found[0])):
                return record
    raise Problem(
        Text(en=f"No explanation {wanted} is kept: it was deleted, or its time is over.",
             hi=f"{wanted} नाम की कोई वजह नहीं रखी है: वह हटा दी गई, या उसका समय पूरा हो गया।"),
        code="unknown_explanation", field="ID",
    )  # fmt: skip


def listed(folder: Path) -> list[Record]:
    """What is kept, the newest first."""
    return sorted((one for one in all_in(folder, _read) if not _past(one)), key=lambda one: -one.made_at)


def keep_for(folder: Path, wanted: str, time_kept: Keep) -> Record:
    """Keep a record for another time, counted from when it was made.

    Raises:
        Problem: There is no such record.
    """
    record = find(folder, wanted).model_copy(update={"keep": time_kept})
    write_durably(record.folder / RECORD, record.model_dump_json(exclude={"folder"}).encode())
    log(folder, f"kept_{time_kept}", record)
    return record


def delete(folder: Path, wanted: str) -> list[str]:
    """Delete a record and every other one made from the same thing that a person gave; their ids.

    Raises:
        Problem: There is no such record, or it cannot be removed (`not_deleted`).
    """
    one = find(folder, wanted)
    return _delete(
        folder,
        (other for other in listed(folder) if other.data_sha256 == one.data_sha256 and _item(other) == _item(one)),
    )


def delete_of_table(folder: Path, table: str) -> list[str]:
    """Delete every record about rows of an uploaded table; their ids."""
    return _delete(folder, (one for one in listed(folder) if table and _item(one)[0] == table))


def prune(folder: Path) -> None:
    """Delete what is past its time."""
    _delete(folder, (one for one in all_in(folder, _read) if _past(one)), "expired")


def log(folder: Path, event: str, record: Record) -> None:
    """Add a line to the log: one write, so that lines of several processes do not mix."""
    light = record.answered["evidence"].get("light")
    line = {
        "time": time.time(), "event": event, "id": record.id, "kind": record.kind, "method": record.method,
        "model": record.model.get("name", ""), "weights": record.weights, "data_sha256": record.data_sha256,
        "light": None if light is None else {True: "green", None: "amber", False: "red"}[light["speaks_for"]],
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / AUDIT, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, (json.dumps(line, ensure_ascii=False) + "\n").encode())
    finally:
        os.close(handle)


def audit(folder: Path) -> list[dict[str, Any]]:
    """The log, the oldest line first; a line that was cut off by a full disk is left out."""
    found = []
    with contextlib.suppress(FileNotFoundError):
        for line in (folder / AUDIT).read_text(encoding="utf-8").splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                found.append(json.loads(line))
    return found


def _delete(folder: Path, records: Iterable[Record], event: str = "deleted") -> list[str]:
    gone = []
    for one in records:
        try:
            remove(one.folder)
        except FileNotFoundError:
            continue  # somebody else was faster, and logs it
        except OSError as error:
            raise Problem(
                Text(en="Explanation {id} could not be deleted ({why}); it is still kept.",
                     hi="वजह {id} हटाई नहीं जा सकी ({why}); वह अब भी रखी है।").format(id=one.id, why=error.strerror),
                code="not_deleted", field="ID",
            ) from error  # fmt: skip
        log(folder, event, one)
        gone.append(one.id)
    return gone


def _item(record: Record) -> tuple[str, str]:
    """The table a record is about, if it is about one, and its row."""
    model = record.asked.get("model")
    return (str(model.get("table", "")), str(record.asked.get("row", ""))) if isinstance(model, dict) else ("", "")


def _past(record: Record) -> bool:
    return record.until is not None and record.until < time.time()


def _read(place: Path) -> Record:
    return Record.model_validate_json((place / RECORD).read_bytes()).model_copy(update={"folder": place})


def _write(path: Path, arrays: Arrays) -> None:
    content = io.BytesIO()
    np.savez_compressed(content, **{name.replace("/", "|"): array for name, array in arrays.items()})  # type: ignore[arg-type]
    write_durably(path, content.getvalue())


def _arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    with np.load(path, allow_pickle=False) as found:
        return {name.replace("|", "/"): found[name] for name in found.files}
