"""What a run was made with: versions, machine, git commit, command. Captured once, at the start of an attempt."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGES = ("torch", "pytorch-lightning", "numpy", "pandas", "scikit-learn", "safetensors", "samajh")
"""Packages whose versions can change a result; the full list is written as well."""


def capture(**more: Any) -> dict[str, Any]:
    """The environment of this process; `more` (seed, data hash, ...) is added to it. Costs about 20 ms once."""
    return {**_of_this_process(), **more}


@lru_cache(maxsize=1)
def _of_this_process() -> dict[str, Any]:
    packages = {found.metadata["Name"]: found.version for found in metadata.distributions() if found.metadata["Name"]}
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "host": platform.node(),
        "command": sys.argv,
        "git": git(Path.cwd()),
        "versions": {name: packages[name] for name in PACKAGES if name in packages},
        "packages": dict(sorted(packages.items())),
        **_gpu(),
    }


def git(folder: Path) -> dict[str, Any] | None:
    """Commit, branch and whether files were changed; None outside a repository or without git."""

    def ask(*words: str) -> str:
        command = ["git", "-C", str(folder), *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=5, check=True).stdout.strip()

    try:
        commit, branch = ask("rev-parse", "HEAD"), ask("rev-parse", "--abbrev-ref", "HEAD")
        return {"commit": commit, "branch": branch, "changed": bool(ask("status", "--porcelain", "-uno"))}
    except (OSError, subprocess.SubprocessError):
        return None


def _gpu() -> dict[str, Any]:
    """The graphics processor, if torch is loaded and sees one; asking for it must not load torch."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return {}
    return {"gpu": torch.cuda.get_device_name(), "cuda": torch.version.cuda}
