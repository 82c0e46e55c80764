"""Ask a compute worker something and wait for the answer. No torch here; pages, command line and API use this."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Generator, Mapping
from typing import Any

import numpy.typing as npt

from dashboard.compute import words
from dashboard.compute.framing import Malformed, Message, receive, send
from dashboard.jobs.launch import door_path
from dashboard.settings import Settings
from data.text import Problem, Text

_RETRY_S = 0.1
_GRACE_S = 2.0
"""How much longer than the worker's own limit the client waits for its word."""


def ask(
    settings: Settings,
    request: str,
    values: Mapping[str, Any] | None = None,
    arrays: Mapping[str, npt.NDArray[Any]] | None = None,
    *,
    timeout_s: float = 30.0,
) -> Message:
    """The answer to one short request; of a request with several answers, the last.

    Args:
        settings: The settings of this home.
        request: What is asked: "validate", "estimate", "preview", "sample", "predict".
        values: Plain values by name.
        arrays: Arrays by name.
        timeout_s: Time for everything, waiting for a free or still warming worker included.

    Raises:
        Problem: The worker refused in words, stopped (`worker_stopped`), took too long (`worker_timeout`), needed too
            much memory (`worker_memory`), or none could be reached (`no_worker`).
    """
    *_, last = stream(settings, request, values, arrays, timeout_s=timeout_s)
    return last


def stream(
    settings: Settings,
    request: str,
    values: Mapping[str, Any] | None = None,
    arrays: Mapping[str, npt.NDArray[Any]] | None = None,
    *,
    timeout_s: float = 30.0,
) -> Generator[Message, None, None]:
    """Each answer to a request as it comes; closing the iterator ends the work.

    Args:
        settings: The settings of this home.
        request: What is asked, such as "explain".
        values: Plain values by name.
        arrays: Arrays by name.
        timeout_s: Time for everything, all answers together.

    Raises:
        Problem: As `ask`; also after some answers have come.
    """
    until = time.monotonic() + timeout_s
    with _connected(settings, until, timeout_s) as line:
        try:
            left = max(0.1, until - time.monotonic())
            line.settimeout(left + _GRACE_S)
            send(line, {"request": request, "values": dict(values or {}), "timeout_s": left}, arrays or {})
            more = True
            while more:
                line.settimeout(max(0.1, until - time.monotonic()) + _GRACE_S)
                answer = receive(line)
                if answer is None:
                    raise _too_long(timeout_s) if time.monotonic() >= until - 0.05 else _stopped()
                if answer.values.get("end"):
                    return
                more = bool(answer.values.get("more"))
                yield _checked(answer)
        except Malformed as error:
            raise _stopped() from error
        except TimeoutError as error:
            raise _too_long(timeout_s) from error
        except OSError as error:
            raise _stopped() from error


def _stopped() -> Problem:
    return Problem(words.CRASHED, code="worker_stopped")


def _connected(settings: Settings, until: float, timeout_s: float) -> socket.socket:
    while True:
        line = socket.socket(socket.AF_UNIX)
        try:
            line.settimeout(max(0.1, until - time.monotonic()))
            line.connect(str(door_path(settings)))
            return line
        except OSError as error:  # no supervisor yet, or its queue is full
            line.close()
            if time.monotonic() + _RETRY_S > until:
                told = words.NOBODY.format(seconds=round(timeout_s))
                raise Problem(told, code="no_worker") from error
            time.sleep(_RETRY_S)


def _too_long(timeout_s: float) -> Problem:
    return Problem(words.TOO_LONG.format(seconds=round(timeout_s)), code="worker_timeout")


def _checked(answer: Message) -> Message:
    trouble = answer.values.get("problem")
    if trouble is None:
        return Message(answer.values.get("values", {}), answer.arrays)
    with contextlib.suppress(KeyError, TypeError):
        raise Problem(Text(**trouble["text"]), code=trouble["code"], field=trouble["field"])
    raise _stopped()
