"""The finished example runs that ship with the project: brought into a new home once, deletable like any run.

An example is a run folder under `data/bundled/examples/`; a copy of it in the home's `runs` is all it takes, since
`ingest.collect` adopts run folders. Which ones were brought in is noted in the home, so that a deleted example stays
deleted. `python -m tests.make_examples` trains them anew.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import data
from dashboard.settings import Settings
from dashboard.tracking.durable import write

BUNDLED = Path(data.__file__).parent / "bundled" / "examples"
NOTED = "examples.json"


def bring_in(settings: Settings, bundled: Path = BUNDLED) -> list[str]:
    """Copy the examples this home has not had yet into its runs; cheap when there are none.

    Args:
        settings: The settings of the home; `examples` False brings nothing in.
        bundled: Folder with one run folder an example.

    Returns:
        The ids of the runs that are new.
    """
    if not settings.examples or not bundled.is_dir():
        return []
    had = _noted(settings.home / NOTED)
    fresh = [path for path in sorted(bundled.iterdir()) if (path / "run.json").is_file() and path.name not in had]
    for path in fresh:
        _copy(path, settings.runs / path.name)
    if fresh:
        names = sorted({*had, *(path.name for path in fresh)})
        write(settings.home / NOTED, json.dumps(names).encode())
    return [path.name for path in fresh]


def _noted(path: Path) -> set[str]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return set()
    return {str(name) for name in found} if isinstance(found, list) else set()


def _copy(source: Path, target: Path) -> None:
    """Copy a folder so that nobody sees half of it; another process doing the same at once is no harm."""
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".example-", dir=target.parent) as scratch:
        copy = Path(scratch) / source.name
        shutil.copytree(source, copy, copy_function=shutil.copyfile)  # not the mode: an installed file may be read-only
        try:
            copy.rename(target)
        except OSError:
            if not target.is_dir():
                raise
