"""How often the attention of DINO and MAE finds the object: the pointing game on held-out emoji, as they come and untrained.

Beside chance (any patch) and a rule that sees nothing (always the middle): objects stand in the middle. Each transformer at its preset small for
so many steps, one thread, processor seconds; the class token of the last layer with its heads averaged, as on the run's page, and the best
single head, which is chosen on the same pictures.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
import warnings
from typing import Any

import torch

from data.catalog import Dataset
from data.datasets import emoji
from data.discovery import discover
from lightning_modules.options import TrainingOptions
from tests.conformance import settled
from tests.lightning_modules import training

METHODS = ("dino", "mae")


def played(name: str, data: Dataset, steps: int, seed: int) -> dict[str, Any]:
    """Train one method for so many steps, and let it point."""
    card = discover().methods[name]
    options, config = settled(card, "small", "image", "emoji")
    began = time.process_time()
    chosen = TrainingOptions(
        **{**options, "steps": steps, "seed": seed, "ema_decay": options["ema_decay"] if steps > 1 else 0}
    )
    module = training.train(card, data, chosen, config).module.eval()
    took = time.process_time() - began
    with torch.no_grad():
        said = module.answer("pointing", {"count": 1000}, {})
    hits = said.arrays["hits"]
    return {
        "steps": steps,
        "last_layer": round(float(hits[-1, 0]), 3),
        "best_head": round(float(hits[:, 1:].max()), 3),
        **{key: value if key == "pictures" else round(value, 3) for key, value in said.values.items()},
        "cpu_s": round(took, 1),
    }


def main() -> int:
    """Measure, print a table, and the figures as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="few steps, hearts and shapes alone: the shape of the table"
    )
    parser.add_argument("--placing", choices=("whole", "small"), default="whole", help="small: anywhere on white")
    parser.add_argument("--methods", nargs="*", default=list(METHODS))
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=1)
    asked = parser.parse_args()
    warnings.filterwarnings("ignore")
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    data = emoji.load(
        emoji.EmojiConfig(theme="simple" if asked.quick else "all", placing=asked.placing, test_share=0.2)
    )
    figures: dict[str, Any] = {"placing": asked.placing}
    for name in asked.methods:
        for steps in (1, 20 if asked.quick else asked.steps):
            runs = [played(name, data, steps, seed) for seed in range(asked.seeds)]
            figures[f"{name} after {steps} steps"] = runs
            for run in runs:
                sys.stdout.write(f"{name:<8} {json.dumps(run)}\n")
                sys.stdout.flush()
    sys.stdout.write(json.dumps({"pointing": figures}) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
