"""How requests and answers travel over a Unix socket: a fixed head, a JSON header, arrays as npz. Never a pickle.

4 bytes  b"SJ01"
4 bytes  length of the header (big endian)
8 bytes  length of the arrays
header   UTF-8 JSON
arrays   npz, read with allow_pickle=False; absent when their length is 0
"""

from __future__ import annotations

import io
import json
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

_MAGIC = b"SJ01"
_HEAD = struct.Struct(">4sIQ")
MAX_HEADER = 4 * 2**20
MAX_ARRAYS = 256 * 2**20


class Malformed(Exception):
    """What arrived is not a message, or larger than one may be."""


@dataclass(frozen=True)
class Message:
    """Plain values and arrays by name."""

    values: dict[str, Any] = field(default_factory=dict)
    arrays: dict[str, npt.NDArray[Any]] = field(default_factory=dict)


def send(line: socket.socket, values: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Send one message.

    Raises:
        Malformed: It is larger than the other side takes, or holds what JSON has no word for.
    """
    try:
        header = json.dumps(dict(values), ensure_ascii=False).encode()
    except (TypeError, ValueError) as error:
        raise Malformed(str(error)) from error
    packed = b""
    if arrays:
        file = io.BytesIO()
        np.savez(file, allow_pickle=False, **{f"a{k}": array for k, array in enumerate(arrays.values())})
        header = json.dumps({**values, "": list(arrays)}, ensure_ascii=False).encode()  # npz refuses some names
        packed = file.getvalue()
    if len(header) > MAX_HEADER or len(packed) > MAX_ARRAYS:
        raise Malformed("the message is too large")
    line.sendall(_HEAD.pack(_MAGIC, len(header), len(packed)) + header)
    if packed:
        line.sendall(packed)


def receive(line: socket.socket) -> Message | None:
    """One message; None when the other side has gone.

    Raises:
        Malformed: What arrived is not a message.
    """
    head = _exactly(line, _HEAD.size)
    if head is None:
        return None
    magic, header_size, arrays_size = _HEAD.unpack(head)
    if magic != _MAGIC or header_size > MAX_HEADER or arrays_size > MAX_ARRAYS:
        raise Malformed("not a message")
    header, packed = _exactly(line, header_size), _exactly(line, arrays_size)
    if header is None or packed is None:
        return None
    try:
        values = json.loads(header)
        if not isinstance(values, dict):
            raise Malformed("not a message")
        names = values.pop("", [])
        return Message(values, _unpacked(packed, names) if packed else {})
    except (ValueError, TypeError, KeyError, OSError, RecursionError) as error:
        raise Malformed(str(error)) from error


def _unpacked(packed: bytes, names: list[str]) -> dict[str, npt.NDArray[Any]]:
    with np.load(io.BytesIO(packed), allow_pickle=False) as file:
        return {name: file[f"a{k}"] for k, name in enumerate(names)}


def _exactly(line: socket.socket, size: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < size:
        part = line.recv(min(size - len(parts), 2**20))
        if not part:
            return None
        parts += part
    return bytes(parts)
