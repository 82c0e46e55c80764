"""One attempt of one run, in this process: a Lightning training that can be stopped anywhere and resumed bit for bit.

The job never touches the store. It appends to the run's journal, and the last record says how it ended.
"""

from __future__ import annotations

import os
import sys
import traceback
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pydantic import ValidationError
from pytorch_lightning.loggers import Logger

from dashboard.jobs import words
from dashboard.jobs.conduct import CHECKPOINTS, Conduct, JobLogger, Requests
from dashboard.jobs.folder import Order, read_order
from dashboard.jobs.loggers import extra_loggers
from dashboard.jobs.outcome import Halt, disk_halt, is_disk_trouble
from dashboard.jobs.weights import begin_with
from dashboard.jobs.workshop import Invalid, Workpiece, build, check, declared, quiet, trainer_for
from dashboard.settings import settings
from dashboard.tracking import environment
from dashboard.tracking.records import State
from data.catalog import DatasetCard
from data.text import Problem
from lightning_modules.checkpoints import Loaded, load_newest
from lightning_modules.exact import ExactSteps, weights_sha256


def train(folder: Path, attempt: int) -> None:
    """Train from where the run stands to its end, or until it is asked to stop.

    Raises:
        Problem: The order cannot be carried out.
    """
    order = read_order(folder)
    torch.set_num_threads(order.threads)
    requests = Requests(folder)
    requests.listen()
    try:
        checked = check(order.spec)
    except Invalid as invalid:
        field, text = next(iter(invalid.errors.items()))
        raise Problem(text, code="invalid", field=field) from invalid
    piece = build(checked)
    logger = JobLogger.inside(folder, attempt)
    conduct = Conduct(piece, logger, requests, keep=settings().keep_checkpoints)
    try:
        ending = _attempt(order, piece, conduct, folder)
    except OSError as error:
        if not is_disk_trouble(error):
            raise
        traceback.print_exc()
        ending = disk_halt(error)
    _end(conduct, ending)


def _attempt(order: Order, piece: Workpiece, conduct: Conduct, folder: Path) -> Halt:
    resumed, skipped = load_newest(folder / CHECKPOINTS)
    conduct.step = resumed.step if resumed else 0
    if resumed is None and order.start_from:
        begin_with(piece.module, order.start_from)
    loggers = extra_loggers(order, settings().home, folder)
    _tell_beginning(order, piece, conduct)
    for one in skipped:
        one.path.replace(one.path.with_suffix(".damaged"))
        conduct.tell("warning", "bad_checkpoint", words.filled(words.BAD_CHECKPOINT, name=one.path.name))
    if resumed is not None:
        conduct.tell("info", "resumed", words.filled(words.RESUMED, step=resumed.step))
    elif skipped:
        conduct.tell("warning", "no_checkpoint", words.NO_CHECKPOINT)
    _fit(piece, conduct, resumed, loggers)
    return conduct.halt or Halt(State.FINISHED, words.FINISHED)


def _fit(piece: Workpiece, conduct: Conduct, resumed: Loaded | None, loggers: list[Logger]) -> None:
    if resumed is not None and resumed.step >= piece.checked.options.steps:
        conduct.weights = weights_sha256(resumed.content["state_dict"])  # only its last word was missing
        return
    callbacks = [ExactSteps(piece.stream), conduct]
    trainer = trainer_for(piece, callbacks, [conduct.logger, *loggers], root=conduct.logger.folder)
    path = None if resumed is None else str(resumed.path)
    trainer.fit(piece.module, piece.loader, ckpt_path=path, weights_only=True)


def _tell_beginning(order: Order, piece: Workpiece, conduct: Conduct) -> None:
    options = piece.checked.options
    weights = sum(p.numel() for p in piece.module.parameters() if p.requires_grad)
    environment = {
        **this_machine(),
        "seed": options.seed,
        "data_sha256": piece.data.fingerprint,
        "threads": order.threads,
    }
    conduct.logger.journal.write(
        "start", durable=True, pid=os.getpid(), env=environment, **{"from": conduct.step}
    )  # fmt: skip
    conduct.logger.log_info(
        {
            "total_steps": options.steps,
            "parameters": weights,
            "items": len(piece.data.train),
            "batch_size": piece.items_per_step,
        }
    )
    sys.stdout.write(
        f"attempt {order.attempt} of run {order.run}: {order.spec.method} on {order.spec.dataset}, {weights:,} weights,"
        f" {torch.get_num_threads()} threads, seed {options.seed}, steps {conduct.step} to {options.steps}\n"
    )


@lru_cache(maxsize=1)
def this_machine() -> dict[str, Any]:
    """Versions, machine and git id, found out once by the starter and inherited by its jobs."""
    return environment.capture()


def _end(conduct: Conduct, ending: Halt) -> None:
    journal = conduct.logger.journal
    journal.write(
        "end", durable=True, s=conduct.step, state=str(ending.state), code=ending.reason.code,
        text=ending.reason.text.model_dump(), wsha=conduct.weights,
    )  # fmt: skip
    journal.close()
    sys.stdout.write(f"step {conduct.step}: {ending.reason.text.en}\n")


def warm_up() -> None:
    """Do once, in one thread, what every job would else do anew: import lazily imported parts, take a few steps."""
    import torch._dynamo  # noqa: F401  (torch.optim imports it at the first step: seconds)

    quiet()
    this_machine()
    for card in declared(settings().plugins).datasets.values():
        if getattr(card.load, "__module__", "").startswith("data."):  # a plug-in's data may be large, or on the net
            _load_once(card)
    _take_steps()


def _load_once(card: DatasetCard) -> None:
    """Load a shipped data set for the sake of what it imports on the way (scikit-learn: half a second)."""
    try:
        card.load(card.config())
    except (Problem, ValidationError):  # such as a folder of images that nobody has given yet
        return


class _Probe(pl.LightningModule):
    """The smallest module that exercises convolution, normalisation, AdamW and a schedule."""

    def __init__(self) -> None:
        super().__init__()
        self.net = torch.nn.Sequential(
            torch.nn.Conv2d(1, 4, 3),
            torch.nn.GroupNorm(2, 4),
            torch.nn.SiLU(),
            torch.nn.Flatten(),
            torch.nn.Linear(144, 1),
        )

    def training_step(self, batch: list[torch.Tensor], batch_idx: int) -> torch.Tensor:
        loss: torch.Tensor = self.net(batch[0]).square().mean()
        self.log("loss", loss)
        return loss

    def configure_optimizers(self) -> Any:
        optimizer = torch.optim.AdamW(self.parameters())
        return {"optimizer": optimizer, "lr_scheduler": torch.optim.lr_scheduler.LambdaLR(optimizer, lambda _: 1.0)}


def _take_steps() -> None:
    assert torch.get_num_threads() == 1, "a parallel operation here would hang every forked job"
    trainer = pl.Trainer(
        max_steps=2, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False,
        enable_model_summary=False,
    )  # fmt: skip
    images = torch.utils.data.TensorDataset(torch.zeros(2, 1, 8, 8))
    trainer.fit(_Probe(), torch.utils.data.DataLoader(images, batch_size=1))
