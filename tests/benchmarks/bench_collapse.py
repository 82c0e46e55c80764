"""Whether the run page's alarm tells collapses and nothing else, and how soon: short runs on the 8×8 digits, safeguards off and on.

What a run turned out to be is measured apart from the alarm, with labels and without a level of its own. Every 20 steps a linear probe is asked

* of what the loss compares: projections (BYOL, SimCLR, MoCo), the teacher's shares (DINO), draws of the code (VAE), at length 1 and as
  bfloat16 holds them, the precision networks are commonly run in. It is *at chance* when it names less than twice what guessing does.
* of the representation, the encoder's features. It is *lost* when the probe is worse than the same encoder's untrained (its batch norms settled over
  60 steps with next to no learning rate) by more than two standard errors of such a share.

A run has collapsed from the step on from which either holds, to its end. Also told: what the representation had gained over the untrained one at the
end, and what it gained after the alarm, since the alarm says that nothing more is taught. The alarm sees the curve of its metric alone, as on
the run page.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
import torch.nn.functional as F
from torch import Tensor

from dashboard.figures import health
from data.catalog import Dataset, MetricCard
from data.discovery import discover
from lightning_modules.options import TrainingOptions
from lightning_modules.ssl.representation import Labelled, linear_accuracy
from tests.conformance import settled
from tests.figures.envelopes import envelope
from tests.lightning_modules import training

HEALTHY: tuple[tuple[str, dict[str, Any]], ...] = (
    ("byol", {}),
    ("simclr", {}),
    ("moco", {}),
    ("dino", {}),
    ("dino", {"balance": "centre"}),
    ("vae", {}),
)
"""Method and what is changed."""
_SABOTAGED = ("byol", "dino", "vae")
_EVERY = 20
_ITEMS = 300
_SETTLING, _NO_RATE = 60, 1e-9
_OF_ENCODER = ("batch_norm",)
"""Options that change the encoder itself; without them all runs of a method and seed begin with one and the same."""
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


def probed(known: Tensor, known_y: Tensor, asked: Tensor, asked_y: Tensor, classes: int) -> float:
    """Share of `asked` [items, features] that a linear probe fitted to `known` names rightly."""
    return linear_accuracy(Labelled(known, known_y, asked, asked_y, classes))


def as_kept(vectors: Tensor) -> Tensor:
    """Vectors at length 1, to the precision of bfloat16."""
    return F.normalize(vectors.float(), dim=1).bfloat16().float()


@dataclass(frozen=True)
class Look:
    """What the two probes named at a step."""

    step: int
    compared: float
    features: float


class _Watch(pl.Callback):
    """The metric that bears the alarm at every step, and what the probes name every 20."""

    def __init__(self, metric: str, compared: Callable[[Any, Tensor], Tensor], data: Dataset) -> None:
        self.metric = metric
        self.compared = compared
        self.data = data
        self.values: list[float] = []
        self.looks: list[Look] = []

    def on_train_batch_end(self, trainer: pl.Trainer, module: pl.LightningModule, *_: Any) -> None:
        self.values.append(float(trainer.callback_metrics[self.metric]))
        if len(self.values) % _EVERY == 0:
            module.eval()
            with torch.no_grad():
                self.looks.append(self._look(module))
            module.train()

    def _look(self, module: Any) -> Look:
        train, test = self.data.train, self.data.test
        assert train.y is not None and test.y is not None
        known, asked = (torch.from_numpy(split.x[:_ITEMS]) for split in (train, test))
        labels = [torch.from_numpy(split.y[:_ITEMS]) for split in (train, test) if split.y is not None]

        def named(of: Callable[[Tensor], Tensor]) -> float:
            return probed(of(known), labels[0], of(asked), labels[1], len(self.data.classes))

        return Look(
            len(self.values),
            named(lambda x: as_kept(self.compared(module, x))),
            named(lambda x: module.network.get_submodule("encoder")(x)),
        )


@dataclass(frozen=True)
class Run:
    """Steps from which on the compared vectors were at chance, the representation was lost and the alarm stood, each None when that never
    held to the end; the probe of the untrained representation, of the trained one at the alarm and at the end."""

    at_chance: int | None
    lost: int | None
    alarm: int | None
    untrained: float
    when_alarmed: float | None
    compared: float
    features: float
    cpu_s: float

    @property
    def collapsed(self) -> int | None:
        """The step from which on either holds."""
        return min((step for step in (self.at_chance, self.lost) if step is not None), default=None)


def since(held: list[bool], every: int = 1) -> int | None:
    """The step from which on all of `held`, one each `every` steps, are true; None when the last is not."""
    if not held or not held[-1]:
        return None
    last_false = max((k for k, one in enumerate(held) if not one), default=-1)
    return (last_false + 2) * every


def _trained(
    name: str, change: dict[str, Any], data: Dataset, *, seed: int, steps: int, rate: float | None = None
) -> _Watch:
    card = discover().methods[name]
    [metric] = [one for one in card.metrics if one.alarm is not None]
    options, config = settled(card, "tiny", "image", "digits")
    own = {key: value for key, value in {**_SMALL, **change}.items() if key in card.config.model_fields}
    watch = _Watch(metric.name, COMPARED.get(name, _projections), data)
    chosen = {**options, "steps": steps, "seed": seed, **({} if rate is None else {"learning_rate": rate})}
    training.train(card, data, TrainingOptions(**chosen), {**config, **own}, callbacks=[watch])
    return watch


def untrained(name: str, change: dict[str, Any], data: Dataset, seed: int) -> float:
    """What the probe names of the features of the encoder as it begins, its batch norms settled."""
    return _trained(name, change, data, seed=seed, steps=_SETTLING, rate=_NO_RATE).looks[-1].features


def short_run(name: str, change: dict[str, Any], data: Dataset, *, seed: int, steps: int, before: float) -> Run:
    """Train one, and look at it both ways; `before`: see `untrained`."""
    began = time.process_time()
    watch = _trained(name, change, data, seed=seed, steps=steps)
    took = time.process_time() - began
    [metric] = [one for one in discover().methods[name].metrics if one.alarm is not None]
    guessing, error = 1 / len(data.classes), math.sqrt(before * (1 - before) / _ITEMS)
    alarm = since([_alarmed(watch.values[:n], metric) for n in range(1, steps + 1)])
    return Run(
        at_chance=since([look.compared < 2 * guessing for look in watch.looks], _EVERY),
        lost=since([look.features < before - 2 * error for look in watch.looks], _EVERY),
        alarm=alarm,
        untrained=before,
        when_alarmed=next((look.features for look in watch.looks if alarm is not None and look.step >= alarm), None),
        compared=watch.looks[-1].compared,
        features=watch.looks[-1].features,
        cpu_s=round(took, 1),
    )


def _alarmed(values: list[float], metric: MetricCard) -> bool:
    assert metric.alarm is not None
    found = health.collapsed(
        envelope(np.array(values)), metric.title, below=metric.alarm.below, meaning=metric.alarm.text
    )
    return found is not None


def summary(runs: list[Run]) -> dict[str, Any]:
    """Of one or more kinds: how many collapsed, of these how many were told within 100 steps; what else was told; means of the probes."""
    fell = [run for run in runs if run.collapsed is not None]
    delays = [run.alarm - run.collapsed for run in fell if run.alarm is not None and run.collapsed is not None]
    after = [run.features - run.when_alarmed for run in runs if run.when_alarmed is not None]
    return {
        "runs": len(runs),
        "collapsed": len(fell),
        "told_within_100_steps": sum(delay <= 100 for delay in delays),
        "steps_until_told": delays,
        "told_of_the_others": sum(run.alarm is not None for run in runs if run.collapsed is None),
        "untrained": _mean([run.untrained for run in runs]),
        "features": _mean([run.features for run in runs]),
        "gained_after_alarm": _mean(after),
        "compared": _mean([run.compared for run in runs]),
    }


def _mean(values: list[float]) -> float | None:
    return round(float(np.mean(values)), 3) if values else None


def main() -> int:
    """Measure, print a table, and the figures as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short run of each kind: the shape of the table")
    parser.add_argument("--seeds", type=int, default=4, help="runs of each kind")
    parser.add_argument("--steps", type=int, default=160, help="steps of each run")
    parser.add_argument("--only", default="", help="one method")
    asked = parser.parse_args()
    warnings.filterwarnings("ignore")
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    card = discover().datasets["digits"]
    digits = card.load(card.config())
    seeds, steps = (1, 60) if asked.quick else (asked.seeds, asked.steps)
    spoilt = [(name, dict(one.values)) for name in _SABOTAGED for one in discover().methods[name].sabotages]
    every: dict[str, list[Run]] = {"sabotaged": [], "healthy": []}
    kinds: dict[str, dict[str, Any]] = {}
    before: dict[tuple[object, ...], float] = {}
    for group, change_of in (("sabotaged", spoilt), ("healthy", list(HEALTHY))):
        for name, change in change_of:
            if asked.only not in ("", name):
                continue
            label = f"{name} {' '.join(f'{k}={v}' for k, v in change.items()) or 'as it ships'}"
            of_encoder = {key: value for key, value in change.items() if key in _OF_ENCODER}
            runs = []
            for seed in range(seeds):
                beginning = (name, *of_encoder, seed)
                if beginning not in before:
                    before[beginning] = untrained(name, of_encoder, digits, seed)
                runs.append(short_run(name, change, digits, seed=seed, steps=steps, before=before[beginning]))
            every[group] += runs
            kinds[label] = summary(runs)
            for run in runs:
                sys.stdout.write(f"{label:<58} {json.dumps(vars(run))}\n")
            sys.stdout.write(f"{label:<58} {json.dumps(kinds[label])}\n")
            sys.stdout.flush()
    found = {group: summary(runs) for group, runs in every.items()}
    for group, told in found.items():
        sys.stdout.write(f"{group:<58} {json.dumps(told)}\n")
    sys.stdout.write(json.dumps({"collapse": {**found, "kinds": kinds}}) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
