"""What looking at a representation costs a training: pictures (neighbours, views, attention) and probes, as shares of the whole.

Each method at its preset small on MNIST-5k, as a job trains it, one thread, processor seconds, for so many steps that each kind of look comes at
least twice.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from data.discovery import discover
from tests.conformance import settled
from tests.jobs.looking import trained

METHODS = ("simclr", "dino", "mae")


def main() -> int:
    """Measure, print a table, and the figures as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few steps: pictures twice, probes once")
    parser.add_argument("--methods", nargs="*", default=list(METHODS))
    asked = parser.parse_args()
    figures: dict[str, Any] = {}
    for name in asked.methods:
        options, config = settled(discover().methods[name], "small", "image", "mnist")
        every = options["sample_every"]
        # the last step looks too, so looks are counted against the steps that go with them
        steps = 2 * every if asked.quick else 2 * options["evaluate_every"]
        with tempfile.TemporaryDirectory() as folder:
            order = {**config, "method": name, "dataset": "mnist", "training": {**options, "steps": steps}}
            found = trained(Path(folder), looking=True, **order)
        training_s = found.total_s - found.judging_s - found.drawing_s
        figures[name] = {
            "steps": steps,
            "step_ms": round(1000 * training_s / steps, 1),
            "pictures_share": round(found.drawing_s / found.total_s, 4),
            "probes_share": round(found.judging_s / found.total_s, 4),
        }
        sys.stdout.write(f"{name:<12} {json.dumps(figures[name])}\n")
        sys.stdout.flush()
    sys.stdout.write(json.dumps({"looking": figures}) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
