"""A compute worker with requests of a test's own: `python -m tests.compute.several DOOR LIMIT_MIB` serves until it ends."""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.compute import worker
from dashboard.compute.served import Arrays, Served, Several
from dashboard.jobs.attempt import die_with_parent
from dashboard.settings import Settings
from data.text import Problem, Text


def count(values: dict[str, Any], arrays: Arrays) -> Several:
    """1, 2, 3 …, `pause_s` apart; what is left behind is told in the file `trail`."""
    trail = Path(values["trail"])
    try:
        for k in range(1, int(values["to"]) + 1):
            if k == values.get("fails_at"):
                raise Problem(Text(en="No further.", hi="आगे नहीं।"), code="no_further")
            eaten = np.ones((k * int(values.get("mib", 0)), 2**17))
            yield Served({"k": np.int64(k) if k == values.get("odd_at") else k}, {"x": np.full(3, k)})
            time.sleep(float(values.get("pause_s", 0)))
            del eaten
        trail.write_text("all")
    finally:
        if not trail.exists():
            trail.write_text("left")


def pid(values: dict[str, Any], arrays: Arrays) -> Served:
    return Served({"pid": os.getpid()})


def main(path: str, limit: str) -> None:
    vars(worker)["HANDLERS"] = {"count": count, "pid": pid}
    door = socket.socket(socket.AF_UNIX)
    door.bind(path)
    door.listen(8)
    settings = Settings(memory_limit_mib=int(limit))
    while True:
        child = os.fork()
        if child == 0:
            die_with_parent()  # the test kills the parent alone
            os._exit(worker.serve(door, settings))
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
