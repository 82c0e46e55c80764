"""Runs `samajh …` as a person does: as a process of its own, in a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.import_graph import ROOT


@dataclass(frozen=True)
class Said:
    """What one call printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON object on standard output."""
        assert self.out.count("\n") == 1, f"not one line: {self.out!r} {self.err!r}"
        found = json.loads(self.out, parse_constant=_no_constant)
        assert isinstance(found, dict)
        return found

    @property
    def error(self) -> dict[str, Any]:
        """The error object; the call must have failed."""
        assert self.code != 0
        found = self.json["error"]
        assert isinstance(found, dict)
        assert set(found) == {"code", "message", "field"}
        return found


def _no_constant(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


@dataclass(frozen=True)
class Samajh:
    """The command line in one home."""

    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str, lang: str = "en", timeout_s: float = 280, **variables: str) -> Said:
        """Run to the end."""
        done = subprocess.run(
            [sys.executable, "-P", "-m", "dashboard.cli", *arguments],
            env=self.variables(SAMAJH_LANG=lang, **variables), capture_output=True, text=True, timeout=timeout_s,
            cwd=self.home.parent,
        )  # fmt: skip
        return Said(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Start and leave running."""
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "dashboard.cli", *arguments],
            env=self.variables(SAMAJH_LANG="en", **variables), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            cwd=self.home.parent,
        )  # fmt: skip

    def variables(self, **more: str) -> dict[str, str]:
        """The environment of a call: nothing of this machine's studio, one thread."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("SAMAJH_")}
        return {**clean, "PYTHONPATH": str(ROOT), "SAMAJH_HOME": str(self.home), "SAMAJH_THREADS_PER_JOB": "1",
                "OMP_NUM_THREADS": "1", **self.environment, **more}  # fmt: skip
