"""What each self-supervised method's representation of MNIST-5k is worth, what views cost, and whether collapses are told.

Methods: preset small, 4,000 training and 1,000 held-out digits, one thread, processor seconds with all evaluations; raw pixels beside them.
Views: the whole batch in tensors against torchvision's way, image by image with Pillow (turn, crop, contrast, brightness, blur).
Collapses: short runs on the 8×8 digits with a safeguard switched off, and healthy ones; the alarm of the run page over their curves.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import sys
import time
import warnings
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from PIL import Image, ImageEnhance, ImageFilter

from dashboard.figures import health
from data.catalog import Dataset, MethodCard
from data.discovery import discover
from lightning_modules.options import TrainingOptions
from lightning_modules.ssl.views import ViewOptions, random_view
from tests.conformance import settled
from tests.figures.envelopes import envelope
from tests.lightning_modules import training

METHODS = ("simclr", "moco", "byol", "dino", "mae", "rotation", "autoencoder", "vae")
PROBES = ("knn_accuracy", "linear_accuracy", "few_label_accuracy")
SABOTAGE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("byol", {"predictor": False, "stop_gradient": False}),
    ("byol", {"stop_gradient": False}),
    ("byol", {"predictor": False}),
    ("dino", {"centring": False, "learning_rate": 2e-3}),
    ("vae", {"kl_weight": 300.0}),
    ("byol", {}),
    ("simclr", {}),
    ("moco", {}),
    ("dino", {}),
    ("vae", {}),
)
"""Method and what is changed; those without a change are healthy."""


def worth(name: str, data: Dataset, preset: str, seed: int) -> dict[str, float]:
    """Train one method and judge it."""
    card = discover().methods[name]
    options, config = settled(card, preset, "image", "mnist")
    began = time.process_time()
    module = training.train(card, data, TrainingOptions(**{**options, "seed": seed}), config).module.eval()
    took = time.process_time() - began
    with torch.no_grad():
        found = module.evaluate(data)
    return {**{probe: round(found[probe], 4) for probe in PROBES}, "cpu_s": round(took, 1)}


def by_pillow(pixels: np.ndarray) -> np.ndarray:
    """The views of a batch [items, height, width] bytes, image by image."""
    views = []
    for one in pixels:
        image = Image.fromarray(one)
        side = image.size[0]
        keep = side * random.uniform(0.5, 1) ** 0.5
        left, top = random.uniform(0, side - keep), random.uniform(0, side - keep)
        image = image.rotate(random.uniform(-15, 15), Image.Resampling.BILINEAR)
        image = image.resize((side, side), Image.Resampling.BILINEAR, box=(left, top, left + keep, top + keep))
        image = ImageEnhance.Contrast(image).enhance(random.uniform(0.6, 1.4))
        image = ImageEnhance.Brightness(image).enhance(random.uniform(0.6, 1.4))
        if random.random() < 0.2:
            image = image.filter(ImageFilter.GaussianBlur(1))
        views.append(np.asarray(image))
    return np.stack(views)


def views(data: Dataset, rounds: int) -> dict[str, float]:
    """Milliseconds a view, both ways in turns: medians."""
    x = torch.from_numpy(data.train.x[:256])
    pixels = ((data.train.x[:256, 0] + 1) * 127.5).astype(np.uint8)
    options = ViewOptions(erase=0.0)
    took: dict[str, list[float]] = {"tensors": [], "pillow": []}
    for _ in range(rounds):
        for way, once in (("tensors", lambda: random_view(x, options)), ("pillow", lambda: by_pillow(pixels))):
            began = time.process_time()
            once()
            took[way].append((time.process_time() - began) / len(x) * 1e3)
    middle = {way: float(np.median(each)) for way, each in took.items()}
    return {
        **{f"{way}_ms": round(each, 4) for way, each in middle.items()},
        "ratio": round(middle["pillow"] / middle["tensors"], 2),
    }


class _Curve(pl.Callback):
    """The metric that bears the method's alarm, at every step."""

    def __init__(self, metric: str) -> None:
        self.metric = metric
        self.values: list[float] = []

    def on_train_batch_end(self, trainer: pl.Trainer, *_: Any) -> None:
        self.values.append(float(trainer.callback_metrics[self.metric]))


def short_run(
    card: MethodCard, data: Dataset, change: dict[str, Any], seed: int, steps: int
) -> tuple[int | None, dict[str, float]]:
    """The step at which the alarm is first raised and stays, if ever; and what the representation is worth at the end."""
    [metric] = [one for one in card.metrics if one.alarm is not None]
    assert metric.alarm is not None
    options, config = settled(card, "tiny", "image", "digits")
    small = {"channels": 8} if "channels" in card.config.model_fields else {}
    curve = _Curve(metric.name)
    training_values = {key: value for key, value in change.items() if key in TrainingOptions.model_fields}
    own = {key: value for key, value in change.items() if key not in training_values}
    chosen = TrainingOptions(**{**options, **training_values, "steps": steps, "seed": seed})
    module = training.train(card, data, chosen, {**config, **small, **own}, callbacks=[curve]).module.eval()
    alarms = [
        n
        for n in range(1, steps + 1)
        if health.collapsed(
            envelope(curve.values[:n]), metric.title, below=metric.alarm.below, meaning=metric.alarm.text
        )
    ]
    with torch.no_grad():
        found = module.evaluate(data)
    standing = [n for n in alarms if all(k in alarms for k in range(n, steps + 1))]
    return (standing[0] if standing else None), {probe: round(found[probe], 3) for probe in PROBES}


def collapses(data: Dataset, seeds: int, steps: int) -> dict[str, Any]:
    """How many runs of each kind were flagged, when, and what they were worth."""
    methods = discover().methods
    table: dict[str, Any] = {}
    for name, change in SABOTAGE:
        runs = [short_run(methods[name], data, change, seed, steps) for seed in range(seeds)]
        flagged = [step for step, _ in runs if step is not None]
        label = f"{name} {' '.join(f'{k}={v}' for k, v in change.items()) or 'healthy'}"
        table[label] = {
            "runs": len(runs),
            "flagged": len(flagged),
            "at_step": flagged,
            "few_label_accuracy": [worth["few_label_accuracy"] for _, worth in runs],
        }
        sys.stdout.write(f"{label:<44} {json.dumps(table[label])}\n")
    return table


def main() -> int:
    """Measure, print a table, and the figures as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="presets tiny, few runs: the shape of the table")
    parser.add_argument("--methods", nargs="*", default=list(METHODS), help="which methods to train")
    parser.add_argument("--seeds", type=int, default=1, help="seeds of each method")
    parser.add_argument("--collapse-seeds", type=int, default=4, help="seeds of each short run")
    asked = parser.parse_args()
    warnings.filterwarnings("ignore")
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    datasets = discover().datasets
    mnist, digits = (datasets[name].load(datasets[name].config()) for name in ("mnist", "digits"))
    figures: dict[str, Any] = {"views": views(mnist, 3 if asked.quick else 15)}
    sys.stdout.write(f"{'views':<44} {json.dumps(figures['views'])}\n")
    for name in asked.methods:
        runs = [worth(name, mnist, "tiny" if asked.quick else "small", seed) for seed in range(asked.seeds)]
        figures[name] = runs
        for run in runs:
            sys.stdout.write(f"{name:<44} {json.dumps(run)}\n")
            sys.stdout.flush()
    figures["collapse"] = collapses(digits, 1 if asked.quick else asked.collapse_seeds, 60 if asked.quick else 200)
    sys.stdout.write(json.dumps({"representations": figures}) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
