"""The same requests without a warm worker: a fresh process that imports torch, answers once and ends.

`python -m dashboard.compute.cold REQUEST` reads plain values as JSON from standard input and writes the reply as JSON to
standard output. Seconds instead of milliseconds: the fallback where nothing can be forked or no supervisor lives.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from dashboard.compute import words
from dashboard.jobs.launch import environment_of
from dashboard.settings import Settings
from data.text import Problem, Text

COLD_S = 300.0
"""Longest wait for a fresh process: importing torch alone took over a minute on two cores with eight busy processes."""


def ask_cold(
    settings: Settings, request: str, values: Mapping[str, Any], *, timeout_s: float = COLD_S
) -> dict[str, Any]:
    """The plain values of the answer.

    Raises:
        Problem: As `dashboard.compute.client.ask`.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "dashboard.compute.cold", request],
            input=json.dumps(dict(values)).encode(), capture_output=True, timeout=timeout_s, check=False,
            env=environment_of(settings),
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise Problem(words.TOO_LONG.format(seconds=round(timeout_s)), code="worker_timeout") from error
    try:
        reply = json.loads(done.stdout)
    except ValueError as error:
        raise Problem(words.CRASHED, code="worker_stopped") from error
    trouble = reply.get("problem")
    if trouble is not None:
        raise Problem(Text(**trouble["text"]), code=trouble["code"], field=trouble["field"])
    answered: dict[str, Any] = reply["values"]
    return answered


def main(arguments: list[str]) -> int:
    """Answer one request."""
    from dashboard.compute.worker import replies_to  # torch: only in the fresh process

    answer_to = os.dup(1)
    os.dup2(2, 1)  # whatever is printed meanwhile must not get into the answer
    told = [reply for reply, _ in replies_to(arguments[0], json.load(sys.stdin), {}, limit_mib=0)]
    reply = [one for one in told if "end" not in one][-1]  # of several answers, the last
    with os.fdopen(answer_to, "w") as out:
        json.dump(reply, out)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
