"""What each self-supervised method's representation of MNIST-5k is worth, with intervals over seeds, and what views cost.

Methods: preset small, 4,000 training and 1,000 held-out digits, one thread; raw pixels beside them. Processor seconds are those of the training
(`cpu_s`) and of one evaluation (`judging_s`), of which a run of the studio makes one every 200 steps.
Views: the whole batch in tensors against torchvision's way, image by image with Pillow (turn, crop, contrast, brightness, blur).
Colours: the emoji of four themes, the theme to be told, since digits have no colours; few pictures, so 300 steps.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import sys
import time
import warnings
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageEnhance, ImageFilter
from scipy import stats

from data.arrays import make_dataset
from data.catalog import Dataset, Split
from data.datasets import emoji
from data.datasets.emoji import Theme
from data.discovery import discover
from lightning_modules.options import TrainingOptions
from lightning_modules.ssl.simclr import SimCLR, SimCLRConfig
from lightning_modules.ssl.views import ViewOptions, random_view
from tests.conformance import settled
from tests.lightning_modules import training

METHODS = ("simclr", "moco", "byol", "dino", "mae", "rotation", "autoencoder", "vae")
PROBES = ("knn_accuracy", "linear_accuracy", "few_label_accuracy")
COLOURED = ("colour_pretext", "simclr", "rotation", "autoencoder")
THEMES: tuple[Theme, ...] = ("simple", "faces", "animals", "food")
COLOURED_STEPS = 300


def worth(
    name: str, data: Dataset, preset: str, seed: int, *, dataset: str = "mnist", steps: int | None = None
) -> dict[str, float]:
    """Train one method and judge it."""
    card = discover().methods[name]
    options, config = settled(card, preset, "image", dataset)
    chosen = TrainingOptions(**{**options, "seed": seed, "steps": steps or options["steps"]})
    began = time.process_time()
    module = training.train(card, data, chosen, config).module.eval()
    took = time.process_time() - began
    with torch.no_grad():
        found = module.evaluate(data)
    judging = time.process_time() - began - took
    shown = {probe: round(found[probe], 4) for probe in PROBES}
    return {**shown, "seed": seed, "cpu_s": round(took, 1), "judging_s": round(judging, 1)}


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


def over_seeds(runs: list[dict[str, float]]) -> dict[str, str]:
    """Mean of each figure in %, and half the width of its 95 % interval by Student's t where there are several seeds."""
    found = {}
    for probe in PROBES:
        values = 100 * np.array([run[probe] for run in runs])
        half = (
            stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5 if len(values) > 1 else None
        )
        found[probe] = f"{values.mean():.1f}" + ("" if half is None else f" ± {half:.1f}")
    return found


def themed() -> Dataset:
    """The emoji of four themes in one, three in ten held out; the class is the theme."""
    parts = [emoji.load(emoji.EmojiConfig(theme=theme, test_share=0.3)) for theme in THEMES]
    splits = []
    for of in ("train", "test"):
        x = [getattr(part, of).x for part in parts]
        y = np.concatenate([np.full(len(one), k, np.int64) for k, one in enumerate(x)])
        splits.append(Split(np.concatenate(x), y))
    train, test = splits
    return make_dataset("image", train, test, THEMES)


def raw_pixels(data: Dataset) -> dict[str, float]:
    """The same probes of the pixels themselves."""
    lines = SimCLR(SimCLRConfig(channels=4), data, TrainingOptions(ema_decay=0)).reference_lines(data)
    return {line.metric: round(line.value, 4) for line in lines if line.label.en == "raw pixels"}


def _each(what: str, seeds: Iterable[int], measure: Callable[[int], dict[str, float]]) -> dict[str, Any]:
    """The figures of every seed, told as they come, and their means with intervals."""
    runs = []
    for seed in seeds:
        runs.append(measure(seed))
        sys.stdout.write(f"{what:<44} {json.dumps(runs[-1])}\n")
        sys.stdout.flush()
    if len(runs) == 1:
        return {what: runs}
    summary = f"{what}, % over {len(runs)} seeds"
    sys.stdout.write(f"{summary:<44} {json.dumps(over_seeds(runs))}\n")
    return {what: runs, summary: over_seeds(runs)}


def main() -> int:
    """Measure, print a table, and the figures as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="presets tiny, few runs: the shape of the table")
    parser.add_argument("--methods", nargs="*", default=list(METHODS), help="which methods to train")
    parser.add_argument("--seeds", type=int, default=1, help="seeds of each method")
    parser.add_argument(
        "--from-seed", type=int, default=0, help="the first seed; settings were chosen on seeds from 100 on"
    )
    parser.add_argument("--coloured", nargs="*", default=list(COLOURED), help="which methods to train on emoji")
    asked = parser.parse_args()
    warnings.filterwarnings("ignore")
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    datasets = discover().datasets
    mnist = datasets["mnist"].load(datasets["mnist"].config())
    figures: dict[str, Any] = {"views": views(mnist, 3 if asked.quick else 15)}
    figures["raw pixels"] = raw_pixels(mnist)
    for what in ("views", "raw pixels"):
        sys.stdout.write(f"{what:<44} {json.dumps(figures[what])}\n")
    seeds = range(asked.from_seed, asked.from_seed + asked.seeds)
    preset, steps = ("tiny", None) if asked.quick else ("small", COLOURED_STEPS)
    for name in asked.methods:
        figures |= _each(name, seeds, partial(worth, name, mnist, preset))
    if asked.coloured:
        coloured = themed()
        figures |= _each("emoji themes: raw pixels", [0], lambda _: raw_pixels(coloured))
    for name in asked.coloured:
        figures |= _each(
            f"emoji themes: {name}",
            seeds,
            partial(worth, name, coloured, preset, dataset="emoji", steps=steps),
        )
    sys.stdout.write(json.dumps({"representations": figures}) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
