"""A compute worker: a warm process that holds models and answers short requests, one at a time.

Forked by the starter. It takes a connection from the shared listening socket, answers, and takes the next. Each request has
a time limit, enforced by the kernel (SIGALRM ends the process even inside a long operation), and the process has a
memory limit. If it dies, one request is lost and the starter forks another worker.

A request whose function is a generator is answered by several messages, each marked `"more": true`, and one that ends them.
Whoever asked may leave at any time: the generator is then closed at its next snapshot, and where that does not come
within `LEAVE_WITHIN_S` the process ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Generator, Iterator, Mapping
from typing import Any

import numpy.typing as npt
import torch

from dashboard.compute import words
from dashboard.compute.framing import Malformed, receive, send
from dashboard.compute.requests import HANDLERS
from dashboard.compute.served import Served, Several
from dashboard.jobs.attempt import is_out_of_memory, limit_memory
from dashboard.jobs.memory import limit_mib
from dashboard.settings import Settings
from data.text import Problem

HEADER_WITHIN_S = 10.0
LONGEST_S = 600.0
LEAVE_WITHIN_S = 3.0
REQUESTS_PER_LIFE = 2000
"""A worker is replaced after this many answers, so that nothing can pile up in it for ever."""


def serve(door: socket.socket, settings: Settings) -> int:
    """Answer until this worker has done its share."""
    limit = limit_mib(settings, 0)
    limit_memory(limit)
    torch.set_num_threads(settings.job_threads)
    for _ in range(REQUESTS_PER_LIFE):
        line, _ = door.accept()
        with line:
            if not _answer(line, limit):
                break
    return 0


def _answer(line: socket.socket, limit: int) -> bool:
    """Answer one connection. False when the worker should be replaced afterwards."""
    line.settimeout(HEADER_WITHIN_S)
    try:
        message = receive(line)
    except (Malformed, OSError):
        return True
    if message is None:
        return True
    line.settimeout(HEADER_WITHIN_S)
    seconds = min(LONGEST_S, max(0.1, float(message.values.get("timeout_s", 30.0))))
    signal.setitimer(signal.ITIMER_REAL, seconds)  # the default action ends the process
    request, values = str(message.values.get("request")), dict(message.values.get("values", {}))
    fresh = True
    with _leaving(line), contextlib.closing(replies_to(request, values, message.arrays, limit_mib=limit)) as replies:
        try:
            for reply, served in replies:
                fresh = fresh and served.fresh
                send(line, reply, served.arrays)
                if _has_left(line):
                    break
        except OSError as error:
            sys.stderr.write(f"the asker left before the answer: {error}\n")
        except Malformed as error:
            with contextlib.suppress(OSError):
                send(line, _problem(_plain(error, limit)), {})
    signal.setitimer(signal.ITIMER_REAL, 0)
    return fresh


@contextlib.contextmanager
def _leaving(line: socket.socket) -> Iterator[None]:
    """Meanwhile, let this process end soon after the asker has left; the kernel tells by SIGIO."""

    def stirred(number: int, frame: object) -> None:
        if _has_left(line):
            signal.setitimer(signal.ITIMER_REAL, LEAVE_WITHIN_S)

    signal.signal(signal.SIGIO, stirred)
    flags = fcntl.fcntl(line, fcntl.F_GETFL)
    fcntl.fcntl(line, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(line, fcntl.F_SETFL, flags | os.O_ASYNC)
    stirred(0, None)  # it may have left before the kernel was asked to tell
    try:
        yield
    finally:
        fcntl.fcntl(line, fcntl.F_SETFL, flags)
        signal.signal(signal.SIGIO, signal.SIG_IGN)  # by default it would end the process


def _has_left(line: socket.socket) -> bool:
    """Whether the other side has closed: it has nothing more to say, so what there is to read can only be the end."""
    try:
        readable, _, _ = select.select([line], [], [], 0)  # `recv` alone would wait as long as the line's timeout
        return bool(readable) and line.recv(1, socket.MSG_PEEK) == b""
    except OSError:
        return True


def replies_to(
    request: str, values: dict[str, Any], arrays: Mapping[str, npt.NDArray[Any]], *, limit_mib: int
) -> Generator[tuple[dict[str, Any], Served], None, None]:
    """The replies to one request as they are sent, and what was served; a failure becomes a reply in plain words."""
    try:
        served = _handle(request, values, arrays)
        if isinstance(served, Served):
            yield {"values": served.values}, served
            return
        with contextlib.closing(served):
            for one in served:
                yield {"values": one.values, "more": True}, one
        yield {"end": True}, Served()
    except Problem as problem:
        yield _problem(problem), Served()
    except Exception as error:
        traceback.print_exc()
        yield _problem(_plain(error, limit_mib)), Served()


def _handle(request: str, values: dict[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Served | Several:
    handler = HANDLERS.get(request)
    if handler is None:
        raise Problem(words.UNKNOWN.format(request=request), code="unknown_request")
    return handler(values, arrays)


def _plain(error: Exception, limit: int) -> Problem:
    if is_out_of_memory(error):
        return Problem(words.TOO_MUCH.format(limit=limit), code="worker_memory")
    short = f"{type(error).__name__}: {error}".splitlines()[0][:300]
    return Problem(words.FAILED.format(error=short), code="worker_failed")


def _problem(problem: Problem) -> dict[str, Any]:
    return {"problem": {"text": problem.text.model_dump(), "code": problem.code, "field": problem.field}}
