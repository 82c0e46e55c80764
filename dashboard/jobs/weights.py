"""Filling a fresh model with the weights it is to begin with. Needs torch; where the weights stand is in `parent`."""

from __future__ import annotations

from pathlib import Path

import pytorch_lightning as pl

from dashboard.jobs import words
from dashboard.settings import settings
from data import weight_files
from data.text import Problem
from lightning_modules.checkpoints import load
from lightning_modules.weight_files import take


def begin_with(module: pl.LightningModule, source: str) -> None:
    """Take the weights of `source`: a checkpoint's path, or `file:<id>`.

    Raises:
        Problem: The file is gone, or its weights are not of this architecture.
    """
    if source.startswith(weight_files.REFERENCE):
        kept = weight_files.find(source, settings().weights)
        if kept is None:
            raise weight_files.unknown(source)
        take(module, kept.path, kept.name)
        return
    path = Path(source)
    try:
        module.load_state_dict(load(path)["state_dict"])
    except (RuntimeError, KeyError) as error:
        short = str(error).splitlines()[0][:200]
        raise Problem(words.filled(words.BAD_PARENT, name=path.name, error=short), code="bad_parent") from error
