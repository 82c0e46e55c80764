"""How long a run will take and how much memory, measured by a few of its own steps. Runs where torch is."""

from __future__ import annotations

import time

import pytorch_lightning as pl
import torch

from dashboard.jobs.expected import Estimate
from dashboard.jobs.memory import fresh_peak_mib, peak_mib
from dashboard.jobs.workshop import Checked, Workpiece, build, trainer_for
from lightning_modules.base import Method
from lightning_modules.exact import ExactSteps

WARM_STEPS = 2
MOST_STEPS = 20
FOR_AT_MOST_S = 1.5
LOOKS_BELOW_S = 0.5
"""With slower steps than this, evaluating and drawing once would take minutes; only the steps are counted then."""


class _Clock(pl.Callback):
    """Times the steps after the first few and ends when enough is known."""

    def __init__(self, accumulate: int) -> None:
        self.times: list[float] = []
        self._accumulate = accumulate
        self._began = time.perf_counter()

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: object, batch: object, batch_idx: int
    ) -> None:
        """Note the time of this step."""
        if (batch_idx + 1) % self._accumulate:
            return
        now = time.perf_counter()
        self.times.append(now - self._began)
        self._began = now
        long_enough = sum(self.times) > FOR_AT_MOST_S and len(self.times) > 1
        if len(self.times) >= WARM_STEPS + MOST_STEPS or long_enough:
            trainer.should_stop = True

    @property
    def step_seconds(self) -> float:
        """The median time of a step, the first ones left out where there are others."""
        counted = sorted(self.times[WARM_STEPS:] or self.times[1:] or self.times)
        return counted[len(counted) // 2] if counted else 0.0


def measure(checked: Checked, *, threads: int) -> Estimate:
    """Take a few real steps, evaluate and draw once, and add up."""
    torch.set_num_threads(checked.spec.threads or threads)
    before = fresh_peak_mib()
    piece = build(checked)
    options = checked.options
    clock = _Clock(piece.batches_per_step)
    trainer_for(piece, [ExactSteps(piece.stream), clock]).fit(piece.module, piece.loader)
    evaluating, drawing = _looking(piece) if clock.step_seconds < LOOKS_BELOW_S else (0.0, 0.0)
    evaluations = 1 + (options.steps - 1) // options.evaluate_every
    drawings = 1 + (options.steps - 1) // options.sample_every
    return Estimate(
        seconds=options.steps * clock.step_seconds + evaluations * evaluating + drawings * drawing,
        mib=max(1, peak_mib() - before),
        step_seconds=clock.step_seconds,
        looking_seconds=evaluating + drawing,
        weights=sum(p.numel() for p in piece.module.parameters() if p.requires_grad),
        items=len(piece.data.train),
    )


def _looking(piece: Workpiece) -> tuple[float, float]:
    """Seconds of one evaluation and of one set of pictures."""
    if not isinstance(piece.module, Method):
        return 0.0, 0.0
    piece.module.eval()
    with torch.no_grad():
        began = time.perf_counter()
        piece.module.evaluate(piece.data)
        evaluated = time.perf_counter()
        piece.module.pictures()
        return evaluated - began, time.perf_counter() - evaluated
