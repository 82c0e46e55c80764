"""Training that is a function of (config, seed, step): batches by address, randomness by address, exact checkpoints.

Nothing here saves a random state, because none is needed: batch number *b* of a run is a pure function of
(seed, b) (`StepStream`), and before each batch every random generator is set from (seed, b) (`ExactSteps`). A
checkpoint therefore holds weights, averages, optimiser, schedule and Lightning's loop counters only, and a run that is
resumed from any of them ends with the same bits as one that was never interrupted.

Why one endless stream: Lightning 2.6 resumes in the middle of an epoch by counters, and is not exact near
epoch ends. A stream without end has none; "epoch" is then simply `items seen / items`.
"""

from __future__ import annotations

import contextlib
import hashlib
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytorch_lightning as pl
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from data.catalog import Split
from lightning_modules.options import TrainingOptions

Batch = tuple[Tensor, Tensor]


def derived_seed(seed: int, step: int, purpose: str = "train") -> int:
    """A 63-bit seed for one purpose at one step; neighbours are unrelated."""
    digest = hashlib.sha256(f"{seed}/{step}/{purpose}".encode()).digest()
    return int.from_bytes(digest[:8], "little") >> 1


def reseed(seed: int, step: int, purpose: str = "train") -> None:
    """Set torch, numpy and random to the state that belongs to (seed, step, purpose)."""
    value = derived_seed(seed, step, purpose)
    torch.default_generator.manual_seed(
        value
    )  # `torch.manual_seed` also walks the stack for devices that are not there
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        torch.cuda.manual_seed_all(value)
    elif torch.backends.mps.is_available():
        torch.mps.manual_seed(value)
    np.random.seed(value % 2**32)
    random.seed(value)


@contextlib.contextmanager
def aside(seed: int, step: int, purpose: str) -> Iterator[None]:
    """Run a block with its own seeded randomness, and put the random states back afterwards."""
    python, numeric = random.getstate(), np.random.get_state()
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()  # type: ignore[no-untyped-call]
    with torch.random.fork_rng(devices=devices):
        try:
            reseed(seed, step, purpose)
            yield
        finally:
            random.setstate(python)
            np.random.set_state(numeric)


class StepStream(Sampler[list[int]]):
    """An endless stream of batches; batch `b` is a pure function of (seed, b).

    The stream runs through one shuffled pass over the items after another; a batch may begin in one pass and end in
    the next, so every item is seen exactly once a pass, whatever the batch size.

    Args:
        items: Number of items in the split.
        batch_size: Items in a batch; may exceed `items`.
        seed: The run's seed.
        start: First batch that iteration yields.
    """

    def __init__(self, items: int, batch_size: int, seed: int, *, start: int = 0) -> None:
        if items < 1 or batch_size < 1 or start < 0:
            raise ValueError(f"no stream of {items} items in batches of {batch_size} from {start}")
        self.items = items
        self.batch_size = batch_size
        self.seed = seed
        self.start = start
        self._passes: dict[int, npt.NDArray[np.int64]] = {}

    def indices(self, batch: int) -> list[int]:
        """Items of batch number `batch`, counted from 0."""
        first = batch * self.batch_size
        chosen: list[int] = []
        while len(chosen) < self.batch_size:
            number, offset = divmod(first + len(chosen), self.items)
            chosen.extend(self._pass(number)[offset : offset + self.batch_size - len(chosen)].tolist())
        return chosen

    def __iter__(self) -> Iterator[list[int]]:
        batch = self.start
        while True:
            yield self.indices(batch)
            batch += 1

    def _pass(self, number: int) -> npt.NDArray[np.int64]:
        if number not in self._passes:
            for old in [n for n in self._passes if n < number - 1]:
                del self._passes[old]
            generator = np.random.Generator(np.random.PCG64(derived_seed(self.seed, number, "pass")))
            self._passes[number] = generator.permutation(self.items)
        return self._passes[number]


class SplitItems(Dataset[Batch]):
    """A `Split` as tensors, fetched a whole batch at a time: x [batch, *shape] float32, y [batch] int64."""

    def __init__(self, split: Split) -> None:
        self.x = torch.from_numpy(np.ascontiguousarray(split.x, dtype=np.float32))
        labels = np.zeros(len(split), dtype=np.int64) if split.y is None else split.y
        self.y = torch.from_numpy(np.ascontiguousarray(labels, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, index: int) -> Batch:
        return self.x[index], self.y[index]

    def __getitems__(self, indices: Sequence[int]) -> Batch:
        """The batch of these items; torch calls this instead of fetching one by one."""
        chosen = torch.as_tensor(indices)
        return self.x[chosen], self.y[chosen]


def _as_is(batch: Any) -> Any:
    return batch


def step_loader(split: Split, stream: StepStream, *, num_workers: int = 0) -> DataLoader[Batch]:
    """A loader over `stream`; the batches are the same with any number of workers.

    The loader gets a generator of its own: without one, `DataLoader` draws from the global state.
    """
    return DataLoader(
        SplitItems(split),
        batch_sampler=stream,
        collate_fn=_as_is,
        num_workers=num_workers,
        generator=torch.Generator().manual_seed(0),
        persistent_workers=num_workers > 0,
    )


def batches_done(checkpoint: Mapping[str, Any]) -> int:
    """Batches a Lightning checkpoint has been trained on (more than its optimiser steps when accumulating)."""
    progress = checkpoint["loops"]["fit_loop"]["epoch_loop.batch_progress"]["total"]
    return int(progress["processed"])


def batches_per_step(module: pl.LightningModule, options: TrainingOptions) -> int:
    """Batches that make one step of a run.

    With automatic optimisation a step is an optimiser step. A module that steps its optimisers itself may step several of
    them on one batch, and Lightning's `global_step` counts each; there, a step of the run is a batch.
    """
    return options.accumulate if module.automatic_optimization else 1


def loop_arguments(module: pl.LightningModule, options: TrainingOptions) -> dict[str, Any]:
    """What `Trainer` must be told to train `module` for `options.steps`, clipping and accumulating.

    With manual optimisation Lightning can do none of the three: such a module clips for itself (see `AlternatingMethod`),
    and a callback ends the training after the last batch by `trainer.should_stop`.
    """
    if not module.automatic_optimization:
        return {"max_epochs": -1, "max_steps": -1}
    return {
        "max_epochs": -1,
        "max_steps": options.steps,
        "gradient_clip_val": options.gradient_clip or None,
        "accumulate_grad_batches": options.accumulate,
    }


def between_steps(trainer: pl.Trainer, batch_idx: int) -> bool:
    """Whether the batch just trained on completed a step of the run.

    Only then is a checkpoint exact: while batches accumulate, part of the state is in gradients, which no checkpoint holds.
    """
    return (batch_idx + 1) % trainer.accumulate_grad_batches == 0


class ExactSteps(pl.Callback):
    """Sets every random generator from (seed, batch number) before each batch, and moves the stream on when resuming.

    Give `Trainer` this callback, `step_loader(..., stream)` and `ckpt_path`; the rest of the resume is Lightning's own.
    """

    def __init__(self, stream: StepStream) -> None:
        self.stream = stream

    def on_load_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Begin the stream where the checkpoint ended."""
        self.stream.start = batches_done(checkpoint)

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Seed this batch by its address; Lightning counts `batch_idx` on from the checkpoint in an endless epoch."""
        reseed(self.stream.seed, batch_idx)


def weights_sha256(state_dict: Mapping[str, Any]) -> str:
    """SHA-256 over the sorted state dict: each tensor's name, shape as `(2, 3)`, and bytes in row-major order.

    A state dict holds the moving average too, so this names the whole learned state. Entries that are not tensors
    (a module's extra state) enter with their `repr`.
    """
    digest = hashlib.sha256()
    for name in sorted(state_dict):
        value = state_dict[name]
        digest.update(name.encode())
        if isinstance(value, Tensor):
            whole = value.detach().cpu().contiguous()
            digest.update(str(tuple(whole.shape)).encode())
            digest.update(whole.reshape(-1).view(torch.uint8).numpy().tobytes())
        else:
            digest.update(repr(value).encode())
    return digest.hexdigest()
