"""A compute worker: a warm process that holds models and answers short requests, one at a time.

Forked by the starter. It takes a connection from the shared listening socket, answers, and takes the next. Each request has
a time limit, enforced by the kernel (SIGALRM ends the process even inside a long operation), and the process has a
memory limit. If it dies, one request is lost and the starter forks another worker.
"""

from __future__ import annotations

import signal
import socket
import sys
import traceback
from collections.abc import Mapping
from typing import Any

import numpy.typing as npt
import torch

from dashboard.compute import words
from dashboard.compute.framing import Malformed, receive, send
from dashboard.compute.requests import HANDLERS, Served
from dashboard.jobs.attempt import is_out_of_memory, limit_memory
from dashboard.jobs.memory import limit_mib
from dashboard.settings import Settings
from data.text import Problem

HEADER_WITHIN_S = 10.0
LONGEST_S = 600.0
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
    reply, served = reply_to(request, values, message.arrays, limit_mib=limit)
    signal.setitimer(signal.ITIMER_REAL, 0)
    try:
        send(line, reply, served.arrays)
    except OSError:
        sys.stderr.write("the asker left before the answer\n")
    return served.fresh


def reply_to(
    request: str, values: dict[str, Any], arrays: Mapping[str, npt.NDArray[Any]], *, limit_mib: int
) -> tuple[dict[str, Any], Served]:
    """The reply to one request as it is sent, and what was served; a failure becomes a reply in plain words."""
    try:
        served = _handle(request, values, arrays)
        return {"values": served.values}, served
    except Problem as problem:
        return _problem(problem), Served()
    except Exception as error:
        traceback.print_exc()
        return _problem(_plain(error, limit_mib)), Served()


def _handle(request: str, values: dict[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Served:
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
