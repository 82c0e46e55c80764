"""A browser's side of Streamlit's websocket, without the browser: opens a page and refreshes its timed fragment.

It says what the real page says (`rerun_script` with the fragment's id) as soon as the last refresh is over, so that
thousands of refreshes take minutes instead of most of an hour. The server's work is the same.
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets import Origin, Subprotocol
from websockets.sync.client import ClientConnection, connect

PATIENCE_S = 120.0


class Session:
    """One open page. `bytes_received` counts everything the server sent."""

    def __init__(self, port: int, page: str, query: str) -> None:
        self.query = query
        self.fragment = ""
        self.page_hash = ""
        self.bytes_received = 0
        self._socket: ClientConnection = connect(
            f"ws://127.0.0.1:{port}/_stcore/stream",
            subprotocols=[Subprotocol("streamlit")],
            origin=Origin(f"http://127.0.0.1:{port}"),
            max_size=None,
        )
        request = BackMsg()
        request.rerun_script.query_string = query
        request.rerun_script.page_name = page
        self._send(request)
        self._until_finished()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def refresh(self) -> int:
        """One tick of the timed fragment; returns the bytes it brought."""
        before = self.bytes_received
        request = BackMsg()
        request.rerun_script.query_string = self.query
        request.rerun_script.page_script_hash = self.page_hash
        request.rerun_script.fragment_id = self.fragment
        request.rerun_script.is_auto_rerun = True
        self._send(request)
        self._until_finished()
        return self.bytes_received - before

    def _send(self, request: BackMsg) -> None:
        self._socket.send(request.SerializeToString())

    def _until_finished(self) -> None:
        """Read until the script says that it is over; remember the timed fragment."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            received = self._socket.recv(timeout=PATIENCE_S)
            assert isinstance(received, bytes)
            self.bytes_received += len(received)
            message = ForwardMsg()
            message.ParseFromString(received)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.page_hash = message.new_session.page_script_hash
            elif kind == "auto_rerun":
                self.fragment = message.auto_rerun.fragment_id
            elif kind == "script_finished":
                return
        raise TimeoutError("the page did not finish")
