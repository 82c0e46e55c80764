"""A picture file from the command line as an item of the data a run was trained on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy.typing as npt

from dashboard.compute.client import ask
from dashboard.lab.fitting import fitted
from dashboard.settings import Settings
from dashboard.tracking.records import Run
from data.images import LARGEST_FILE, decode_image
from data.text import Problem, Text


def item_of(settings: Settings, run: Run, path: Path, *, negative: bool) -> npt.NDArray[Any]:
    """The picture as [1, colours, height, width] in [-1, 1].

    Raises:
        Problem: It cannot be read, or is no picture.
    """
    asked = {"dataset": run.dataset, "config": run.config["dataset_config"], "count": 1, "split": "test"}
    shape = ask(settings, "preview", asked, timeout_s=120.0).values["shape"]
    return fitted(decode_image(_content(path), path.name), shape, negative=negative)[None]


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_FILE:
            return bytes(LARGEST_FILE + 1)  # refused in words, without reading gigabytes
        return path.read_bytes()
    except OSError as error:
        text = Text(en="{f} cannot be read ({why}).", hi="{f} पढ़ी नहीं जा सकती ({why})।")
        raise Problem(text.format(f=path, why=error.strerror), code="no_file", field="PICTURE") from error
