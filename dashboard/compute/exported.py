"""The weights of a run as files, from the asker's side: asked of a worker, taken, and the worker's folder removed."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dashboard.compute.client import ask
from dashboard.settings import Settings

FORMATS = ("safetensors", "diffusers")
SAFETENSORS = "model.safetensors"
_TIMEOUT_S = 120.0


@dataclass(frozen=True)
class Exported:
    """Files by their path in `folder`."""

    folder: Path
    files: tuple[str, ...]


@contextmanager
def exported_weights(settings: Settings, run: str, kind: str, *, step: int | None = None) -> Iterator[Exported]:
    """The files of one format, there until the block ends.

    Raises:
        Problem: The run has no checkpoint, its network no equal in that format, or no worker answers.
    """
    said = ask(settings, "weights", {"run": run, "format": kind, "step": step}, timeout_s=_TIMEOUT_S).values
    folder = Path(said["folder"])
    try:
        yield Exported(folder, tuple(said["files"]))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def as_download(settings: Settings, run: str, kind: str) -> bytes:
    """The file, or a zip of the folder."""
    with exported_weights(settings, run, kind) as made:
        if kind == "safetensors":
            return (made.folder / SAFETENSORS).read_bytes()
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
            for name in made.files:
                archive.write(made.folder / name, name)
        return packed.getvalue()
