"""Bytes from people are looked at in a process of its own, with little memory and little time: a hostile file takes down that alone.

The child is `python -m <module> WORK IDENTITY NAME`. It reads `WORK/sent` and leaves `WORK/about.json`, or, where it refuses,
`WORK/problem.json` (`tell`).
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from data.images import refused, shown_name
from data.text import Problem, Text

MEMORY_LIMIT = 2 * 2**30
ABOUT = "about.json"
_TOLD = "problem.json"


def check_in_child(module: str, work: Path, name: str, identity: str, time_limit_s: float) -> None:
    """Let `module` check `work/sent` in a child.

    Raises:
        Problem: The child refused it, needed too much memory or too long.
    """
    command = [sys.executable, "-m", module, str(work), identity, shown_name(name)]
    root = str(Path(__file__).resolve().parent.parent)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, timeout=time_limit_s, check=False)
    except subprocess.TimeoutExpired as error:
        raise refused("check_too_slow", name, "took too long to check", "की जाँच में बहुत समय लगा") from error
    told = work / _TOLD
    if told.exists():
        code, _, sentence = told.read_text(encoding="utf-8").partition("\n")
        raise Problem(Text.model_validate_json(sentence), code=code)
    if done.returncode != 0 or not (work / ABOUT).exists():
        raise refused(
            "check_failed",
            name,
            "could not be checked; it needs too much memory",
            "की जाँच नहीं हो सकी; उसे बहुत मेमोरी चाहिए",
        )


def tell(work: Path, problem: Problem) -> None:
    """The child's word when it refuses."""
    (work / _TOLD).write_text(f"{problem.code}\n{problem.text.model_dump_json()}", encoding="utf-8")


def limit_memory() -> None:
    """Let a hostile file take down this process only. Not to be had on Windows."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
