"""A small training in this process, as the studio runs it: for tests that compare weights to the last bit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch

from data.arrays import make_dataset
from data.catalog import Dataset, MethodCard, Split
from lightning_modules import checkpoints
from lightning_modules.exact import (
    ExactSteps,
    StepStream,
    batches_per_step,
    between_steps,
    loop_arguments,
    reseed,
    step_loader,
    weights_sha256,
)
from lightning_modules.options import TrainingOptions


def tiny_images(items: int = 40, side: int = 8, classes: int = 3) -> Dataset:
    """Random images with labels: enough to train on, nothing to learn."""
    generator = np.random.default_rng(0)
    x = generator.uniform(-1, 1, (items, 1, side, side)).astype(np.float32)
    y = (np.arange(items) % classes).astype(np.int64)
    cut = items * 3 // 4
    return make_dataset("image", Split(x[:cut], y[:cut]), Split(x[cut:], y[cut:]), [str(k) for k in range(classes)])


class _Steps(pl.Callback):
    """Counts steps as the studio does, saves, and ends the training, which Lightning does not for manual optimisation."""

    def __init__(self, folder: Path | None, options: TrainingOptions) -> None:
        self.folder = folder
        self.options = options

    def on_train_batch_end(self, trainer: pl.Trainer, module: pl.LightningModule, *rest: Any) -> None:
        batch_idx = rest[-1]
        if not between_steps(trainer, batch_idx):
            return
        step = (batch_idx + 1) // batches_per_step(module, self.options)
        trainer.should_stop = step >= self.options.steps
        if self.folder is not None and step % self.options.checkpoint_every == 0:
            checkpoints.save(self.folder, step, checkpoints.dump(trainer))


@dataclass(frozen=True)
class Trained:
    """What a training left behind."""

    module: Any
    trainer: pl.Trainer

    @property
    def sha256(self) -> str:
        return weights_sha256(self.module.state_dict())


def train(
    card: MethodCard,
    dataset: Dataset,
    options: TrainingOptions,
    config: dict[str, Any] | None = None,
    *,
    folder: Path | None = None,
    resume: Path | None = None,
    callbacks: Sequence[pl.Callback] = (),
) -> Trained:
    """Train `card` for `options.steps`, with a checkpoint every `options.checkpoint_every` when given a folder."""
    torch.set_num_threads(1)
    reseed(options.seed, 0, "start")
    module = card.build(card.config.model_validate(config or {}), dataset, options)
    stream = StepStream(len(dataset.train), options.batch_size, options.seed)
    trainer = pl.Trainer(
        **loop_arguments(module, options),
        accelerator="cpu",
        callbacks=[ExactSteps(stream), _Steps(folder, options), *callbacks],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    loader = step_loader(dataset.train, stream, num_workers=options.num_workers)
    trainer.fit(module, loader, ckpt_path=resume, weights_only=True)
    return Trained(module, trainer)
