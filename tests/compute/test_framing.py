"""Messages between client and worker: whole, plain, bounded."""

from __future__ import annotations

import io
import socket
import struct
import threading

import numpy as np
import pytest

from dashboard.compute.framing import Malformed, receive, send


def test_values_and_arrays_arrive_as_they_were_sent() -> None:
    here, there = socket.socketpair()
    arrays = {"x/y": np.arange(200_000, dtype=np.float32).reshape(2, -1), "": np.array([True])}
    values = {"text": "नमस्ते", "number": float("inf"), "none": None}
    sender = threading.Thread(target=send, args=(here, values, arrays))
    sender.start()
    message = receive(there)
    sender.join()
    assert message is not None and message.values == values
    assert list(message.arrays) == list(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(message.arrays[name], array)
    here.close()
    assert receive(there) is None
    there.close()


def _head(header: int, arrays: int) -> bytes:
    return struct.pack(">4sIQ", b"SJ01", header, arrays)


def _pickled() -> bytes:
    file = io.BytesIO()
    np.savez(file, a0=np.array([{"an": "object"}], dtype=object))
    header = b'{"": ["x"]}'
    return _head(len(header), len(file.getvalue())) + header + file.getvalue()


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        _head(2**31, 0),
        _head(2, 2**60) + b"{}",
        _head(2, 0) + b"[]",
        _head(3, 0) + b"{x}",
        _pickled(),
    ],
    ids=["http", "long header", "long arrays", "a list", "no json", "a pickle"],
)
def test_anything_else_is_refused(sent: bytes) -> None:
    here, there = socket.socketpair()
    with here, there:
        here.sendall(sent)
        here.shutdown(socket.SHUT_WR)
        with pytest.raises(Malformed):
            receive(there)
