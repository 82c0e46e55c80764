"""Weights in safetensors files that people bring: the header is read and checked before a single number is, and the file is kept by the hash of its content.

The format (https://huggingface.co/docs/safetensors): 8 bytes, the length of the header (little endian); the header, a JSON
object of name -> {dtype, shape, data_offsets} and `__metadata__`, words by name; then the numbers, end to end, without
gaps. Nothing in such a file is ever run. Whether the weights fit a model is found out where torch is.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.durable import write_durably
from data.images import refused, shown_name
from data.text import Problem, Text

SUFFIX = ".safetensors"
LARGEST_HEADER = 2**20
LARGEST_FILE = 2 * 2**30
REFERENCE = "file:"
"""Begins the `start_from` of an order that names a kept file and not a run."""

_BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}
_ID_LENGTH = 16


@dataclass(frozen=True)
class Header:
    """What a file says of itself: the shape of every tensor by name, and words by name."""

    shapes: Mapping[str, tuple[int, ...]]
    metadata: Mapping[str, str]


@dataclass(frozen=True)
class WeightFile:
    """A kept file: its id, the name it was sent under, where it stands."""

    id: str
    name: str
    path: Path
    bytes: int

    @property
    def reference(self) -> str:
        """How an order names it."""
        return REFERENCE + self.id


def read_header(content: bytes | memoryview, name: str, *, size: int | None = None) -> Header:
    """The header of a file that begins with `content` and has `size` bytes in all.

    Raises:
        Problem: It is no safetensors file, or one that lies about what is in it (`bad_weights`).
    """
    whole = len(content) if size is None else size
    if whole < 8:
        raise _refused(name, "is no safetensors file", "safetensors फ़ाइल नहीं है")
    (length,) = struct.unpack("<Q", content[:8])
    if length > whole - 8 or content[8:9] != b"{":
        raise _refused(name, "is no safetensors file, whatever its name says", "safetensors फ़ाइल नहीं है, नाम चाहे जो हो")
    if length > LARGEST_HEADER:
        raise _refused(
            name, "has a header of more than 1 MB, far more than any model needs",
            "का हेडर 1 MB से बड़ा है, जितना किसी मॉडल को नहीं चाहिए",
        )  # fmt: skip
    try:
        entries = json.loads(bytes(content[8 : 8 + length]))
        metadata = {str(key): str(value) for key, value in entries.pop("__metadata__", {}).items()}
        places = {key: _place(entry) for key, entry in entries.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _refused(name, "has a header that cannot be read", "का हेडर पढ़ा नहीं जा सकता") from error
    _check_places(places, whole - 8 - length, name)
    return Header({key: shape for key, (shape, _, _, _) in places.items()}, metadata)


def _place(entry: Mapping[str, Any]) -> tuple[tuple[int, ...], int, int, int]:
    """Shape, first byte, end, and bytes that the shape needs."""
    shape = tuple(int(side) for side in entry["shape"])
    begin, end = (int(at) for at in entry["data_offsets"])
    if any(side < 0 for side in shape):
        raise ValueError("a negative side")
    return shape, begin, end, math.prod(shape) * _BYTES[entry["dtype"]]


def _check_places(places: Mapping[str, tuple[tuple[int, ...], int, int, int]], size: int, name: str) -> None:
    """Every tensor has as many bytes as its shape needs, and they lie end to end."""
    if not places:
        raise _refused(name, "holds no weights", "में कोई वेट नहीं है")
    reached = 0
    for key, (_, begin, end, needed) in sorted(places.items(), key=lambda one: one[1][1:3]):
        if begin != reached or end - begin != needed:
            shown = shown_name(key)
            raise _refused(
                name, f"lies about “{shown}”: its shape and its place in the file do not agree",
                f"में “{shown}” के बारे में ग़लत लिखा है: उसका आकार और फ़ाइल में उसकी जगह मेल नहीं खाते",
            )  # fmt: skip
        reached = end
    if reached != size:
        raise _refused(name, "is cut off or has something behind the weights", "कटी हुई है या उसमें वेट के बाद कुछ और है")


def header_of(path: Path, name: str) -> Header:
    """The header of a file, without reading the rest.

    Raises:
        Problem: As `read_header`; or there is no such file (`no_file`).
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            return read_header(file.read(8 + LARGEST_HEADER), name, size=size)
    except OSError as error:
        raise _no_file(name, error) from error


def keep(content: bytes, name: str, folder: Path) -> WeightFile:
    """Check the header of what was sent and keep it in `folder`; the same content twice is one file.

    Raises:
        Problem: The file is refused, or cannot be kept.
    """
    if len(content) > LARGEST_FILE:
        raise _refused(name, "is larger than 2 GB", "2 GB से बड़ी है")
    read_header(content, name)
    identity = hashlib.sha256(content).hexdigest()[:_ID_LENGTH]
    path = folder / f"{identity}{SUFFIX}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            write_durably(path, content)
        write_durably(path.with_suffix(".name"), shown_name(name).encode())
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise refused("not_kept", name, f"could not be kept: {reason}", f"को रखा नहीं जा सका: {reason}") from error
    return WeightFile(identity, shown_name(name), path, len(content))


def keep_file(path: Path, folder: Path) -> WeightFile:
    """As `keep`, for a file on this computer."""
    header_of(path, path.name)  # a wrong file of many gigabytes is refused before it is read
    return keep(path.read_bytes(), path.name, folder)


def find(reference: str, folder: Path) -> WeightFile | None:
    """The kept file that `file:<id>` names; anything else finds nothing."""
    identity = reference.removeprefix(REFERENCE)
    if (
        not reference.startswith(REFERENCE)
        or len(identity) != _ID_LENGTH
        or not set(identity) <= set("0123456789abcdef")
    ):
        return None
    path = folder / f"{identity}{SUFFIX}"
    with contextlib.suppress(OSError):
        said = path.with_suffix(".name")
        return WeightFile(identity, said.read_text("utf-8") if said.exists() else path.name, path, path.stat().st_size)
    return None


def listed(folder: Path) -> list[WeightFile]:
    """The kept files, newest first."""
    paths = sorted(folder.glob(f"*{SUFFIX}"), key=lambda path: path.stat().st_mtime, reverse=True)
    return [found for path in paths if (found := find(REFERENCE + path.stem, folder)) is not None]


def unknown(reference: str) -> Problem:
    """The file that an order names is gone."""
    shown = shown_name(reference.removeprefix(REFERENCE))
    return Problem(
        Text(
            en=f"The weight file “{shown}” is no longer kept here; give it again.",
            hi=f"वेट फ़ाइल “{shown}” अब यहाँ नहीं है; उसे दोबारा दें।",
        ),
        code="no_parent",
        field="start_from",
    )


def _refused(name: str, en: str, hi: str) -> Problem:
    found = refused("bad_weights", name, en, hi)
    return Problem(found.text, code=found.code, field="start_from")


def _no_file(name: str, error: OSError) -> Problem:
    reason = error.strerror or type(error).__name__
    found = refused("no_file", name, f"cannot be read: {reason}", f"को पढ़ा नहीं जा सकता: {reason}")
    return Problem(found.text, code=found.code, field="start_from")
