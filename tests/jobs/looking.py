"""A training in this process with all that a job does beside it (evaluate, draw, log), or with nothing: for tests and benches of the difference."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch

from dashboard.jobs.conduct import Conduct, JobLogger, Requests
from dashboard.jobs.spec import RunSpec
from dashboard.jobs.workshop import Workpiece, build, check, trainer_for
from lightning_modules.exact import ExactSteps, weights_sha256


@dataclass(frozen=True)
class Looked:
    """Hash of the weights at the end; processor seconds of everything, of judging and of drawing."""

    sha256: str
    total_s: float
    judging_s: float
    drawing_s: float


class _Timed(Conduct):
    """Counts the seconds of what is done beside the training."""

    judging_s = drawing_s = 0.0

    def _evaluate(self, trainer: pl.Trainer) -> None:
        began = time.process_time()
        super()._evaluate(trainer)
        self.judging_s += time.process_time() - began

    def _draw(self) -> None:
        began = time.process_time()
        super()._draw()
        self.drawing_s += time.process_time() - began


def trained(
    folder: Path, *, looking: bool, method: str, dataset: str, training: dict[str, Any], **config: Any
) -> Looked:
    """Train in one thread; `looking`: as a job does, with its journal in `folder`."""
    torch.set_num_threads(1)
    spec = RunSpec(method=method, dataset=dataset, preset="tiny", method_config=config, training=training)
    piece: Workpiece = build(check(spec))
    callbacks: list[pl.Callback] = [ExactSteps(piece.stream)]
    loggers = []
    conduct = None
    if looking:
        folder.mkdir(parents=True, exist_ok=True)
        loggers = [JobLogger.inside(folder, 1)]
        conduct = _Timed(piece, loggers[0], Requests(folder), keep=1)
        callbacks.append(conduct)
    began = time.process_time()
    trainer_for(piece, callbacks, loggers, root=folder).fit(piece.module, piece.loader)
    total = time.process_time() - began
    judging, drawing = (0.0, 0.0) if conduct is None else (conduct.judging_s, conduct.drawing_s)
    return Looked(weights_sha256(piece.module.state_dict()), total, judging, drawing)
