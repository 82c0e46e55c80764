"""The studio's hand in a training: a Lightning callback that looks, saves and stops, and changes nothing.

Lightning hands the metrics of a step to its loggers only after `on_train_batch_end`. So what follows a step happens in two
parts: there it is evaluated and drawn, and the checkpoint is taken (tensors by reference); at the start of the next
batch, when the metrics of the step are in the journal and no tensor has moved yet, the checkpoint is written. A
checkpoint of step n therefore comes after everything that step n has to say, and a run that is killed anywhere and
resumed neither repeats a point nor misses one.
"""

from __future__ import annotations

import contextlib
import math
import signal
import sys
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor

from dashboard.jobs import words
from dashboard.jobs.early import EarlyStop
from dashboard.jobs.folder import Ask, asked
from dashboard.jobs.outcome import Halt, is_disk_trouble
from dashboard.jobs.workshop import Workpiece
from dashboard.tracking.logger import RunLogger
from dashboard.tracking.records import State
from data.text import Problem, Text
from lightning_modules.base import Method, Passage, Scene, Shown, Sound
from lightning_modules.checkpoints import checkpoints_in, dump, save, step_of
from lightning_modules.exact import aside, weights_sha256

CHECKPOINTS = "checkpoints"


class Requests:
    """What the job has been asked to do: the file `control`, or SIGTERM."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._terminated = False

    def listen(self) -> None:
        """Take SIGTERM as a request to stop."""
        signal.signal(signal.SIGTERM, self._on_signal)

    def now(self) -> Ask | None:
        """The request that stands, if any."""
        return asked(self._folder) or ("stop" if self._terminated else None)

    def _on_signal(self, *_: object) -> None:
        self._terminated = True


class JobLogger(RunLogger):
    """The run logger of a job. A point of step n is that of the n-th finished step, while Lightning counts from 0."""

    def log_metrics(self, metrics: Mapping[str, Any], step: int | None = None) -> None:
        """Append the metrics of one step, without Lightning's epoch: our stream has one endless epoch.

        Pages count epochs by the numbers of items, and of items a step, which the run tells once.
        """
        values = {name: value for name, value in metrics.items() if name != "epoch"}
        super().log_metrics(values, None if step is None else step + 1)


class Conduct(pl.Callback):
    """Evaluates, draws, saves, stops early and stops on request."""

    def __init__(self, piece: Workpiece, logger: JobLogger, requests: Requests, *, keep: int) -> None:
        self.piece = piece
        self.logger = logger
        self.requests = requests
        self.keep = keep
        self.step = 0
        self.metrics: dict[str, float] = {}
        self.weights: str | None = None
        self.halt: Halt | None = None
        """Why the training ends before its last step."""
        self._early = EarlyStop(piece.checked.method, piece.checked.options)
        self._accumulate = piece.batches_per_step
        self._taken: dict[str, Any] | None = None
        self._broken = False
        self._owes_lines = False

    def state_dict(self) -> dict[str, Any]:
        """What a resumed run must remember to end at the same step."""
        return self._early.state_dict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up the memory of the run."""
        self._early.load_state_dict(state_dict)

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """A fresh run owes the levels its metrics are read against; a resumed one told them before its checkpoint."""
        self._owes_lines = self.step == 0

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """The metrics of the last step are in the journal: now its checkpoint may appear.

        The reference lines come after the first step, not before it: working them out takes as long as many steps, and
        the person who has just clicked Start waits for the first point.
        """
        if self.step:
            self._pay_lines()
        self.commit()

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """After a step: look, and take a checkpoint if one is due or the run is about to end."""
        if (batch_idx + 1) % self._accumulate:
            return
        self.step = (batch_idx + 1) // self._accumulate
        self._mention_broken(outputs)
        options = self.piece.checked.options
        last = self.step >= options.steps
        if last or self.step % options.evaluate_every == 0:
            self._evaluate(trainer)
        if last or self.step % options.sample_every == 0:
            self._draw()
        self._consider_ending()
        if last or self.halt is not None:
            trainer.should_stop = True
        due = self.step % options.checkpoint_every == 0 or self._early.best_step == self.step
        if last or self.halt is not None or due:
            self._taken = dump(trainer)

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """The last checkpoint, and the lines of a run of one step."""
        self._pay_lines()
        self.commit()

    def commit(self) -> None:
        """Write the checkpoint that was taken, if one was, and tell the journal."""
        if self._taken is None:
            return
        content, self._taken = self._taken, None
        folder = self.logger.folder / CHECKPOINTS
        saved = save(folder, self.step, content)
        self.weights = weights_sha256(content["state_dict"])
        self.logger.journal.write(
            "ckpt", durable=True, s=self.step, p=f"{CHECKPOINTS}/{saved.path.name}", sha=saved.sha256,
            wsha=self.weights, size=saved.size, v=self.metrics,
        )  # fmt: skip
        self._thin(folder)

    def _consider_ending(self) -> None:
        wanted = self.requests.now()
        if wanted is not None:
            pause = wanted == "pause"
            state, reason = (State.PAUSED, words.PAUSED) if pause else (State.STOPPED, words.STOPPED)
            self.halt = Halt(state, reason)
        elif self._early.over:
            self.halt = Halt(State.FINISHED, self._early.reason(self.step))

    def _mention_broken(self, outputs: Any) -> None:
        """Say once that the loss is no number any more; the training goes on, so that one can see what happens."""
        loss = outputs.get("loss") if isinstance(outputs, dict) else outputs
        if self._broken or not isinstance(loss, Tensor) or bool(torch.isfinite(loss).all()):
            return
        self._broken = True
        value = loss.detach().float().mean().item()
        told = words.filled(
            words.BROKEN_NUMBER, metric="loss", value="NaN" if math.isnan(value) else value, step=self.step
        )
        self.tell("warning", "not_finite", told)

    def _evaluate(self, trainer: pl.Trainer) -> None:
        module = self.piece.module
        if not isinstance(module, Method):
            return
        with self._watching("evaluate", words.EVALUATION):
            found = {name: float(value) for name, value in module.evaluate(self.piece.data).items()}
            self.metrics = found
            if found:
                for logger in trainer.loggers:
                    logger.log_metrics(found, self.step - 1)  # Lightning counts steps from 0
                sys.stdout.write(f"step {self.step}: {' '.join(f'{k}={v:.4g}' for k, v in found.items())}\n")
        self._early.note(self.metrics, self.step)

    def _draw(self) -> None:
        module = self.piece.module
        if not isinstance(module, Method):
            return
        with self._watching("pictures", words.PICTURES):
            for shown in module.pictures():
                self._show(shown)

    def _show(self, shown: Shown) -> None:
        told: dict[str, Any] = {"caption": shown.caption, "info": shown.info}
        match shown:
            case Sound():
                self.logger.log_sound(shown.name, shown.samples, shown.rate_hz, self.step, **told)
            case Scene():
                self.logger.log_scene(shown.name, shown.points, self.step, **told)
            case Passage():
                self.logger.log_text(shown.name, shown.text, self.step, **told)
            case _:
                self.logger.log_image(shown.name, shown.pixels, self.step, **told)

    def _pay_lines(self) -> None:
        module = self.piece.module
        if not self._owes_lines or not isinstance(module, Method):
            return
        self._owes_lines = False
        with self._watching("reference_lines", words.REFERENCE_LINES):
            lines = [
                {"metric": line.metric, "value": line.value, "label": line.label.model_dump()}
                for line in module.reference_lines(self.piece.data)
            ]
            self.logger.log_info({"reference_lines": lines})

    @contextlib.contextmanager
    def _watching(self, purpose: str, what: Text) -> Iterator[None]:
        """Look at the module without moving it: eval mode, no gradients, own randomness. A failure to look is told."""
        module = self.piece.module
        modes = [(part, part.training) for part in module.modules()]
        module.eval()
        try:
            with torch.no_grad(), aside(self.piece.checked.options.seed, self.step, purpose):
                yield
        except Exception as error:
            if is_disk_trouble(error) or isinstance(error, MemoryError | torch.OutOfMemoryError):
                raise
            traceback.print_exc()
            short = str(error) if isinstance(error, Problem) else f"{type(error).__name__}: {error}"
            self.tell("warning", f"{purpose}_failed", words.filled(words.WATCHING_FAILED, what=what, error=short[:300]))
        finally:
            for part, mode in modes:
                part.training = mode

    def tell(self, level: str, code: str, text: Text) -> None:
        """One event of the run."""
        self.logger.log_event(code, text, level=level, step=self.step)
        sys.stdout.write(f"step {self.step}: {text.en}\n")

    def _thin(self, folder: Path) -> None:
        """Keep the newest checkpoints, and the best one."""
        best = self._early.best_step
        for path in checkpoints_in(folder)[self.keep :]:
            if step_of(path) != best:
                path.unlink(missing_ok=True)
