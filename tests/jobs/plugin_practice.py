"""A person's own Lightning module, as a plug-in: trains a little network slowly, and misbehaves where it is told to."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytorch_lightning as pl
import torch
from torch import Tensor, nn

from data.catalog import Config, Dataset, MethodCard, MetricCard, option
from data.durable import write_durably
from data.text import Problem, Text
from lightning_modules import checkpoints
from lightning_modules.base import Answer, Method
from lightning_modules.options import TrainingOptions


def _plain(name: str) -> Text:
    return Text(en=name, hi=name)


Fault = Literal[
    "none", "raise", "die", "nan", "memory", "eat", "hang", "stop", "refuse",
    "die before writing", "die in writing", "die before renaming", "die after renaming",
]  # fmt: skip


class PracticeConfig(Config):
    pause_s: float = option(0.0, ge=0, le=60, title=_plain("Pause"), help=_plain("Seconds every step takes longer."))
    fault: Fault = option("none", title=_plain("Fault"), help=_plain("What goes wrong."))
    once: str = option(
        "", title=_plain("Once"), help=_plain("A file that is made when it has gone wrong, so that it does not again.")
    )
    at: int = option(0, ge=0, le=10_000, title=_plain("At"), help=_plain("Batch at which it goes wrong."))


class Practice(Method):
    def __init__(self, config: PracticeConfig, dataset: Dataset, options: TrainingOptions) -> None:
        super().__init__(options)
        if config.fault == "refuse":
            raise Problem(_plain("These two do not go together."), code="refused", field="fault")
        self.config = config
        width = int(np.prod(dataset.shape))
        self.adopt(nn.Sequential(nn.Flatten(), nn.Linear(width, 16), nn.SiLU(), nn.Dropout(0.1), nn.Linear(16, width)))

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        x, _ = batch
        time.sleep(self.config.pause_s)
        loss: Tensor = (self.network(x + torch.randn_like(x)) - x.flatten(1)).square().mean()
        once = Path(self.config.once) if self.config.once else None
        if batch_idx >= self.config.at and not (once and once.exists()):
            if once:
                once.touch()
            loss = loss * _misbehave(self.config.fault)
        self.log("loss", loss.detach())
        return loss

    def evaluate(self, dataset: Dataset) -> dict[str, float]:
        x = torch.from_numpy(dataset.test.x[:64])
        return {"error": float((self.best_network(x + torch.randn_like(x)) - x.flatten(1)).square().mean())}

    def answer(self, request: str, values: Any, arrays: Any) -> Answer:
        if request == "sample":
            return Answer({"mean": float(torch.randn(100).mean())}, {"x": torch.randn(2, 3).numpy()})
        _misbehave(str(values.get("fault", "none")))
        return Answer({"sum": float(arrays["x"].sum())}, {})


def _misbehave(fault: str) -> float:
    if fault == "raise":
        raise ValueError("the numbers do not add up")
    if fault == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if fault == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    if fault == "hang":
        time.sleep(3600)
    if fault.startswith("die "):
        _die_in_checkpoint(fault)
    if fault == "memory":
        torch.ones(64, 2**20, 2**10)
    if fault == "eat":
        eaten = []
        while True:
            eaten.append(np.ones(2**21))
            time.sleep(0.01)
    return float("nan") if fault == "nan" else 1.0


def _die_in_checkpoint(when: str) -> None:
    """From now on, saving a checkpoint ends this process at the given moment."""

    def write(path: Path, content: bytes | memoryview, *, mode: int = 0o600) -> None:
        part = path.with_name(f".{path.name}.part")
        if when == "die in writing":
            part.write_bytes(bytes(content[: len(content) // 2]))
        if when == "die before renaming":
            part.write_bytes(bytes(content))
        if when == "die after renaming":
            write_durably(path, content, mode=mode)
        os.kill(os.getpid(), signal.SIGKILL)

    vars(checkpoints)["write_durably"] = write


class Plain(pl.LightningModule):
    """No hooks of ours at all, and an optimiser of its own."""

    def __init__(self, dataset: Dataset) -> None:
        super().__init__()
        width = int(np.prod(dataset.shape))
        self.net = nn.Sequential(nn.Flatten(), nn.Linear(width, 8), nn.Linear(8, width))

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        loss: Tensor = (self.net(batch[0]) - batch[0].flatten(1)).square().mean()
        self.log("loss", loss)
        return loss

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.05, momentum=0.9)


METHOD = (
    MethodCard(
        name="practice", title=_plain("Practice"), summary=_plain("Misbehaves on demand."), family="test", source="",
        config=PracticeConfig, build=Practice, accepts=("image", "points"),
        metrics=(MetricCard("error", _plain("Error"), _plain("Held-out error."), better="lower", headline=True),),
    ),
    MethodCard(
        name="plain", title=_plain("Plain"), summary=_plain("A module without hooks."), family="test", source="",
        config=Config, build=lambda config, dataset, options: Plain(dataset), accepts=("image",),
    ),
)  # fmt: skip
