"""Whether the run page's alarm tells collapses and nothing else, and how soon: short runs on the 8×8 digits, safeguards off and on.

What a run turned out to be is measured apart from the alarm, with labels: every ten steps the neighbours of held-out digits are asked for in what
the loss compares: projections (BYOL, SimCLR, MoCo), the teacher's shares (DINO), draws of the code (VAE). Nearest is by cosine to two
decimals, ties by lot: of vectors that differ by less, all cosines are 1.00, and neighbours name as many as guessing does. A run has collapsed from
the step on from which they name less than twice as many, to its end. The probes on the features would not do: an encoder keeps what
it knew by chance when its projections are one point. The alarm sees the curve of its metric alone, as on the run page.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from torch import Tensor

from dashboard.figures import health
from data.catalog import Dataset, MetricCard
from data.discovery import discover
from lightning_modules.options import TrainingOptions
from lightning_modules.ssl.representation import similarity
from tests.conformance import settled
from tests.figures.envelopes import envelope
from tests.lightning_modules import training

SABOTAGED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("byol", {"predictor": False, "stop_gradient": False}),
    ("byol", {"stop_gradient": False}),
    ("byol", {"predictor": False}),
    ("dino", {"centring": False}),
    ("vae", {"kl_weight": 300.0}),
)
HEALTHY: tuple[tuple[str, dict[str, Any]], ...] = (
    ("byol", {}),
    ("simclr", {}),
    ("moco", {}),
    ("dino", {}),
    ("dino", {"balance": "centre"}),
    ("vae", {}),
)
"""Method and what is changed."""
_EVERY = 10
_DECIMAL = 0.01
_NEIGHBOURS = 20
_ITEMS = 300
_SMALL = {"channels": 8}


def _projections(module: Any, x: Tensor) -> Tensor:
    said = module.network(x)
    found: Tensor = said[0] if isinstance(said, tuple) else said
    return found


def _shares(module: Any, x: Tensor) -> Tensor:
    shares: Tensor = ((module.teacher(x) - module.centre) / module.config.teacher_temperature).softmax(dim=-1)
    return shares


def _codes(module: Any, x: Tensor) -> Tensor:
    drawn: Tensor = module.network.encode(x).sample()
    return drawn


COMPARED: dict[str, Callable[[Any, Tensor], Tensor]] = {"dino": _shares, "vae": _codes}
"""What the loss compares, where it is not projections."""


def neighbours_name(known: Tensor, known_y: Tensor, asked: Tensor, asked_y: Tensor) -> float:
    """Share of `asked` [items, features] that most of the 20 nearest `known` name rightly, by cosine to two decimals."""
    alike = (similarity(asked, known) / _DECIMAL).round()
    near = (alike + torch.rand_like(alike) / 2).topk(min(_NEIGHBOURS, len(known)), dim=1).indices
    return float((known_y[near].mode(dim=1).values == asked_y).double().mean())


class _Watch(pl.Callback):
    """The metric that bears the alarm at every step, and what neighbours name every ten."""

    def __init__(self, metric: str, compared: Callable[[Any, Tensor], Tensor], data: Dataset) -> None:
        self.metric = metric
        self.compared = compared
        self.data = data
        self.values: list[float] = []
        self.named: list[float] = []

    def on_train_batch_end(self, trainer: pl.Trainer, module: pl.LightningModule, *_: Any) -> None:
        self.values.append(float(trainer.callback_metrics[self.metric]))
        if len(self.values) % _EVERY == 0:
            module.eval()
            with torch.no_grad():
                self.named.append(self._named(module))
            module.train()

    def _named(self, module: pl.LightningModule) -> float:
        train, test = self.data.train, self.data.test
        assert train.y is not None and test.y is not None
        known = self.compared(module, torch.from_numpy(train.x[:_ITEMS]))
        asked = self.compared(module, torch.from_numpy(test.x[:_ITEMS]))
        return neighbours_name(known, torch.from_numpy(train.y[:_ITEMS]), asked, torch.from_numpy(test.y[:_ITEMS]))


@dataclass(frozen=True)
class Run:
    """Steps from which a run had collapsed, and from which the alarm stood, each None when it never did; and what neighbours named at the end."""

    collapsed: int | None
    alarm: int | None
    named: float
    lowest: float
    cpu_s: float


def since(held: list[bool], every: int = 1) -> int | None:
    """The step from which on all of `held`, one each `every` steps, are true; None when the last is not."""
    if not held or not held[-1]:
        return None
    last_false = max((k for k, one in enumerate(held) if not one), default=-1)
    return (last_false + 2) * every


def short_run(name: str, change: dict[str, Any], data: Dataset, *, seed: int, steps: int) -> Run:
    """Train one, and look at it both ways."""
    card = discover().methods[name]
    [metric] = [one for one in card.metrics if one.alarm is not None]
    options, config = settled(card, "tiny", "image", "digits")
    own = {key: value for key, value in {**_SMALL, **change}.items() if key in card.config.model_fields}
    watch = _Watch(metric.name, COMPARED.get(name, _projections), data)
    chosen = TrainingOptions(**{**options, "steps": steps, "seed": seed})
    began = time.process_time()
    training.train(card, data, chosen, {**config, **own}, callbacks=[watch])
    took = time.process_time() - began
    guessing = 1 / len(data.classes)
    return Run(
        collapsed=since([share < 2 * guessing for share in watch.named], _EVERY),
        alarm=since([_alarmed(watch.values[:n], metric) for n in range(1, steps + 1)]),
        named=round(watch.named[-1], 3),
        lowest=round(min(watch.values[len(watch.values) // 4 :]), 3),
        cpu_s=round(took, 1),
    )


def _alarmed(values: list[float], metric: MetricCard) -> bool:
    assert metric.alarm is not None
    found = health.collapsed(
        envelope(np.array(values)), metric.title, below=metric.alarm.below, meaning=metric.alarm.text
    )
    return found is not None


def summary(runs: list[Run]) -> dict[str, Any]:
    """How many collapsed, of these how many were told within 100 steps, and how many false alarms there were."""
    fell = [run for run in runs if run.collapsed is not None]
    delays = [run.alarm - run.collapsed for run in fell if run.alarm is not None and run.collapsed is not None]
    return {
        "runs": len(runs),
        "collapsed": len(fell),
        "told_within_100_steps": sum(delay <= 100 for delay in delays),
        "steps_until_told": delays,
        "sound": len(runs) - len(fell),
        "false_alarms": sum(run.alarm is not None for run in runs if run.collapsed is None),
    }


def main() -> int:
    """Measure, print a table, and the figures as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short run of each kind: the shape of the table")
    parser.add_argument("--seeds", type=int, default=5, help="runs of each kind")
    parser.add_argument("--steps", type=int, default=200, help="steps of each run")
    parser.add_argument("--only", default="", help="one method")
    asked = parser.parse_args()
    warnings.filterwarnings("ignore")
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    card = discover().datasets["digits"]
    digits = card.load(card.config())
    seeds, steps = (1, 60) if asked.quick else (asked.seeds, asked.steps)
    every: list[Run] = []
    for name, change in SABOTAGED + HEALTHY:
        if asked.only in ("", name):
            label = f"{name} {' '.join(f'{k}={v}' for k, v in change.items()) or 'as it ships'}"
            for seed in range(seeds):
                run = short_run(name, change, digits, seed=seed, steps=steps)
                every.append(run)
                sys.stdout.write(
                    f"{label:<44} collapsed {run.collapsed!s:>5}  alarm {run.alarm!s:>5}  neighbours name {run.named:.2f}"
                    f"  lowest {run.lowest:7.3f}  {run.cpu_s:5.1f} s\n"
                )
                sys.stdout.flush()
    found = summary(every)
    sys.stdout.write(f"{json.dumps(found)}\n")
    sys.stdout.write(json.dumps({"collapse": found}) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
