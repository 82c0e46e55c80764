"""SimCLR on MNIST-5k against lightly's own transform, loss, head and loop, with one and the same encoder: images a second, and accuracy
after equal processor seconds.

Run with `python -m tests.benchmarks.bench_lightly [--quick]`; without lightly only our side is measured. Theirs is written as its example is
(examples/pytorch/simclr.py: `SimCLRTransform` without blur image by image in a `DataLoader`, `SimCLRProjectionHead`, `NTXentLoss`, SGD of .06, a plain
loop) and, as a stronger rival, fitted to digits as ours is: no mirroring, milder crops, small turns, Adam with our learning rate, warmup and
cosine, our temperature, weights in channels_last. Its loader works in this process, so that its processor seconds count; images are grey, which costs
Pillow a third of colours. Ours is the studio's loop at preset small: Lightning, exact batches, moving average; the views of a whole batch in tensors.

Processor seconds of one thread. Speed: blocks of steps of all sides take turns. Accuracy: each side trains for the same processor seconds, its
cosine as long as these; then the studio's probes of the frozen encoder. Ours gets as many steps as fit, by the speed just measured.
"""

from __future__ import annotations

import argparse
import json
import logging
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader

from data.catalog import Dataset
from data.discovery import discover
from lightning_modules.blocks.resnet import SmallResNet, in_channels_last
from lightning_modules.options import TrainingOptions
from lightning_modules.ssl.learner import accuracies
from lightning_modules.ssl.views import ViewOptions, two_views
from tests.benchmarks.bench_methods import _Clock
from tests.benchmarks.bench_representations import over_seeds
from tests.conformance import settled
from tests.lightning_modules import training

LEFT_OUT = 3
"""First steps of a block, in which caches fill."""
_MEAN = _STD = 0.5
_BATCH = 256
_RATE, _WARMUP = 2e-3, 30
"""Those of our preset small."""


class _Digits(torch.utils.data.Dataset[tuple[Any, int]]):
    """Pillow images with their labels, each altered when it is fetched, as torchvision's data sets are."""

    def __init__(self, data: Dataset, transform: Callable[[Image.Image], Any]) -> None:
        pixels = ((data.train.x[:, 0] + 1) * 127.5).round().astype(np.uint8)
        self.images = [Image.fromarray(one) for one in pixels]
        assert data.train.y is not None
        self.labels = data.train.y
        self.transform = transform

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        return self.transform(self.images[index]), int(self.labels[index])


@dataclass(frozen=True)
class Rival:
    """One way to use lightly."""

    name: str
    fitted: bool

    def transform(self, side: int) -> Callable[[Image.Image], list[Tensor]]:
        """Two views of an image [1, side, side], in a list."""
        from lightly.transforms import SimCLRTransform  # type: ignore[import-not-found]  # in the peers' environment

        own: dict[str, Any] = {}
        if self.fitted:
            own = {"hf_prob": 0.0, "min_scale": 0.5, "rr_prob": 1.0, "rr_degrees": 15.0, "cj_strength": 0.5}
        made: Callable[[Image.Image], list[Tensor]] = SimCLRTransform(
            input_size=side, gaussian_blur=0.0, normalize={"mean": [_MEAN], "std": [_STD]}, **own
        )
        return made

    def train(
        self, data: Dataset, *, seed: int, until: Callable[[int, float], bool], budget: float
    ) -> tuple[nn.Module, list[float]]:
        """The encoder, and the processor time at which each step ended, as long as `until(steps, seconds)` is false."""
        from lightly.loss import NTXentLoss  # type: ignore[import-not-found]
        from lightly.models.modules import SimCLRProjectionHead  # type: ignore[import-not-found]

        torch.manual_seed(seed)
        encoder = SmallResNet(data.shape, channels=16)
        head = SimCLRProjectionHead(encoder.features, encoder.features, 128)
        model = nn.Sequential(encoder, head)
        if self.fitted:
            in_channels_last(model)
        loader = DataLoader(
            _Digits(data, self.transform(data.shape[-1])), batch_size=_BATCH, shuffle=True, drop_last=True
        )
        loss_of = NTXentLoss(temperature=0.2) if self.fitted else NTXentLoss()
        rate = _RATE if self.fitted else 0.06
        optimizer = (
            torch.optim.AdamW(model.parameters(), rate) if self.fitted else torch.optim.SGD(model.parameters(), rate)
        )
        began, marks = time.process_time(), [time.process_time()]
        while True:
            for (first, second), _ in loader:
                passed = time.process_time() - began
                if until(len(marks) - 1, passed):
                    return encoder, marks
                if self.fitted:
                    part = min(1.0, passed / budget)
                    optimizer.param_groups[0]["lr"] = (
                        rate * min(1.0, len(marks) / _WARMUP) * (1 + np.cos(np.pi * part)) / 2
                    )
                loss = loss_of(model(first), model(second))
                loss.backward()
                optimizer.step()
                optimizer.zero_grad()
                marks.append(time.process_time())


RIVALS = (Rival("lightly, as its example", fitted=False), Rival("lightly, fitted to digits", fitted=True))


def _settings(steps: int, seed: int) -> tuple[TrainingOptions, dict[str, Any]]:
    options, config = settled(discover().methods["simclr"], "small", "image", "mnist")
    return TrainingOptions(**{**options, "steps": steps, "seed": seed}), config


def ours(data: Dataset, *, seed: int, steps: int) -> tuple[Any, list[float], float]:
    """The trained method, when each step ended, and the processor seconds of the whole."""
    clock = _Clock()
    options, config = _settings(steps, seed)
    began = time.process_time()
    module = training.train(discover().methods["simclr"], data, options, config, callbacks=[clock]).module
    return module, clock.marks, time.process_time() - began


def _step_seconds(marks: list[float]) -> list[float]:
    return [b - a for a, b in pairwise(marks)][LEFT_OUT:]


def speed(data: Dataset, rivals: tuple[Rival, ...], *, steps: int, rounds: int) -> dict[str, float]:
    """Images a second of processor time of each side, median step of blocks in turns."""
    times: dict[str, list[float]] = {"ours": [], **{rival.name: [] for rival in rivals}}
    for _ in range(rounds):
        times["ours"] += _step_seconds(ours(data, seed=0, steps=steps)[1])
        for rival in rivals:
            times[rival.name] += _step_seconds(rival.train(data, seed=0, until=lambda n, _: n >= steps, budget=1e9)[1])
    return {name: _BATCH / statistics.median(each) for name, each in times.items()}


def augmentation(data: Dataset, rivals: tuple[Rival, ...], rounds: int) -> dict[str, float]:
    """Milliseconds of two views of one image, in turns: medians."""
    x = torch.from_numpy(data.train.x[:_BATCH])
    _, config = _settings(1, 0)
    options = ViewOptions(**{key: value for key, value in config.items() if key in ViewOptions.model_fields})
    ways: dict[str, Callable[[], object]] = {"ours": lambda: two_views(x, options)}
    for rival in rivals:
        transform, images = rival.transform(data.shape[-1]), _Digits(data, lambda image: image).images[:_BATCH]
        ways[rival.name] = lambda images=images, transform=transform: [transform(one) for one in images]  # type: ignore[misc]
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, once in ways.items():
            began = time.process_time()
            once()
            took[name].append((time.process_time() - began) / _BATCH * 1e3)
    return {name: statistics.median(each) for name, each in took.items()}


def judged(encoder: Callable[[Tensor], Tensor], data: Dataset) -> dict[str, float]:
    """The probes of a frozen encoder, on all training and held-out digits."""
    with torch.no_grad():
        train, test = (torch.cat([encoder(part) for part in torch.split(torch.from_numpy(split.x), _BATCH)])
                       for split in (data.train, data.test))  # fmt: skip
    assert data.train.y is not None and data.test.y is not None
    return accuracies(train, data.train.y, test, data.test.y, len(data.classes))


def accuracy(
    data: Dataset, rivals: tuple[Rival, ...], *, seconds: float, seeds: int, a_second: float
) -> dict[str, list[dict[str, float]]]:
    """The probes of every side after `seconds` of processor time each; `a_second`: our images a second."""
    found: dict[str, list[dict[str, float]]] = {"ours": [], **{rival.name: [] for rival in rivals}}
    for seed in range(seeds):
        steps = max(2, int(seconds * a_second / _BATCH))
        module, _, took = ours(data, seed=seed, steps=steps)
        told = [("ours", judged(module.eval().represent, data), steps, took)]
        for rival in rivals:
            encoder, marks = rival.train(data, seed=seed, until=lambda _, passed: passed >= seconds, budget=seconds)
            told.append((rival.name, judged(encoder.eval(), data), len(marks) - 1, marks[-1] - marks[0]))
        for name, probes, done, spent in told:
            found[name].append({**{k: round(v, 4) for k, v in probes.items()}, "steps": done, "cpu_s": round(spent, 1)})
            sys.stdout.write(f"{name:<28} seed {seed}  {json.dumps(found[name][-1])}\n")
            sys.stdout.flush()
    return found


def main() -> int:
    """Measure, print a table, and the figures as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the shape of the table, not its figures")
    parser.add_argument("--seconds", type=float, default=30.0, help="processor seconds of each training")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each side")
    asked = parser.parse_args()
    warnings.filterwarnings("ignore")
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    card = discover().datasets["mnist"]
    data = card.load(card.config())
    rivals = RIVALS if find_spec("lightly") is not None else ()
    seconds, seeds, rounds, steps = (1.0, 1, 1, 5) if asked.quick else (asked.seconds, asked.seeds, 4, 11)
    figures: dict[str, Any] = {"augmentation_ms": augmentation(data, rivals, rounds)}
    figures["images_per_cpu_s"] = speed(data, rivals, steps=steps, rounds=rounds)
    for what in ("augmentation_ms", "images_per_cpu_s"):
        for name, value in figures[what].items():
            times = value / figures[what]["ours"]
            times = times if what == "augmentation_ms" else 1 / times
            sys.stdout.write(f"{what:<20} {name:<28} {value:9.3f}  ours is {times:.2f} times as fast\n")
    sys.stdout.flush()
    figures["accuracy"] = accuracy(
        data, rivals, seconds=seconds, seeds=seeds, a_second=figures["images_per_cpu_s"]["ours"]
    )
    for name, runs in figures["accuracy"].items():
        sys.stdout.write(f"{name:<28} % over {len(runs)} seeds: {json.dumps(over_seeds(runs))}\n")
    if not rivals:
        sys.stdout.write("lightly: skipped, not installed (make bench-peers)\n")
    sys.stdout.write(json.dumps({"lightly": figures}) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
