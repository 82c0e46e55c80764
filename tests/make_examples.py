"""Trains the bundled example runs anew: `python -m tests.make_examples [name ...]` (some minutes each).

Each is the run its command makes, thinned: the last checkpoint (of some runs a few before it) without the optimiser, at
most two dozen pictures a kind, nothing that tells of the machine it was made on. The command stands in the notes of the run.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboard.jobs.control import end_supervisor
from dashboard.settings import Settings
from dashboard.tracking import journal
from dashboard.tracking.examples import BUNDLED
from lightning_modules.checkpoints import load, save
from lightning_modules.exact import weights_sha256
from tests.cli.samajh import Samajh

MOST_PICTURES = 24
KEPT_OF_ENVIRONMENT = ("python", "machine", "processors", "versions", "seed", "data", "fingerprint")
NOT_KEPT_METRICS = "system/"


@dataclass(frozen=True)
class Example:
    """One example: id, the name people see, the words after `samajh train`, and how many checkpoints stay."""

    id: str
    name: str
    order: tuple[str, ...]
    checkpoints: int = 1

    @property
    def command(self) -> str:
        """What a person types to make the same run."""
        return " ".join(["samajh train", *self.order])


SMALL_NETWORK = ("--set", "channels=16")
LOOKED_AT_OFTEN = ("--set", "evaluate_every=200", "--set", "sample_every=50", "--set", "quality_samples=200")

EXAMPLES = (
    Example(
        "example-digits-v",
        "DDPM · v",
        ("ddpm", "--dataset", "digits", "--preset", "small", *SMALL_NETWORK, "--set", "objective=v"),
    ),
    Example(
        "example-digits-eps",
        "DDPM · ε",
        ("ddpm", "--dataset", "digits", "--preset", "small", *SMALL_NETWORK, "--set", "objective=eps"),
    ),
    Example(
        "example-eight-gaussians",
        "DDPM · 8 Gaussians",
        ("ddpm", "--dataset", "eight_gaussians", "--preset", "small", "--set", "width=64"),
    ),
    Example(
        "example-mnist",
        "DDPM · MNIST",
        ("ddpm", "--dataset", "mnist", "--preset", "small", *SMALL_NETWORK, "--set", "steps=2000", *LOOKED_AT_OFTEN),
    ),
    Example(
        "example-classifier",
        "Classifier · MNIST",
        ("classifier", "--dataset", "mnist", "--preset", "small"),
    ),
    Example(
        "example-mae",
        "MAE · Faces",
        ("mae", "--dataset", "faces", "--preset", "small"),
        checkpoints=4,  # attention is seen forming over them
    ),
    Example(
        "example-simclr",
        "SimCLR · MNIST",
        ("simclr", "--dataset", "mnist", "--preset", "small"),
    ),
    Example(
        "example-emoji",
        "Latent diffusion · Emoji",
        ("latent_diffusion", "--dataset", "emoji", "--preset", "small", "--set", "channels=32"),
    ),
)


def make(example: Example) -> Path:
    """Train one example in a home of its own and put the thinned run folder in its place."""
    with tempfile.TemporaryDirectory() as scratch:
        samajh = Samajh(Path(scratch) / "home", {"SAMAJH_EXAMPLES": "false", "SAMAJH_KEEP_CHECKPOINTS": "1000"})
        try:
            said = samajh("train", *example.order, "--wait", "--json", timeout_s=7200)
            assert said.code == 0, said
        finally:
            end_supervisor(Settings(home=samajh.home))
        return _thin(samajh.home / "runs" / str(said.json["run_id"]), example)


def _thin(run: Path, example: Example) -> Path:
    target = BUNDLED / example.id
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    _write(target / "run.json", _manifest(run, example))
    _write(target / "order.json", json.loads((run / "order.json").read_text("utf-8")) | {"run": example.id, "name": example.name})  # fmt: skip
    lines = [json.dumps(record, separators=(",", ":"), ensure_ascii=False) for record in _records(run, target, example)]
    (target / journal.NAME).write_text("\n".join(lines) + "\n", "utf-8")
    return target


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")


def _manifest(run: Path, example: Example) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((run / "run.json").read_text("utf-8"))
    return manifest | {
        "name": example.name,
        "example": True,
        "tags": [],
        "notes": f"`{example.command}`",
        "token": None,
        "user": "",
        "environment": {},
    }


def _records(run: Path, target: Path, example: Example) -> Iterator[dict[str, Any]]:
    """The journal without what is not kept, its checkpoint record told anew."""
    records = [record for record, _ in journal.read(run / journal.NAME)]
    saved = _even([record["s"] for record in records if record["k"] == "ckpt"], example.checkpoints)
    pictures = _chosen([record for record in records if record["k"] == "media"])
    for record in records:
        if record["k"] == "ckpt":
            if record["s"] in saved:
                yield record | _checkpoint(run / record["p"], target, record)
        elif record["k"] == "media":
            if (record["n"], record["s"]) in pictures:
                (target / record["p"]).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(run / record["p"], target / record["p"])
                yield record
        elif record["k"] == "start":
            kept = {key: value for key, value in record["env"].items() if key in KEPT_OF_ENVIRONMENT}
            yield record | {"env": kept, "pid": None}
        elif record["k"] == "m":
            values = {name: value for name, value in record["v"].items() if not name.startswith(NOT_KEPT_METRICS)}
            if values:
                yield record | {"v": values}
        else:
            yield record


def _chosen(media: list[dict[str, Any]]) -> set[tuple[str, int]]:
    """Of each kind of picture an even choice that holds the first and the last."""
    chosen: set[tuple[str, int]] = set()
    for name in {record["n"] for record in media}:
        steps = [record["s"] for record in media if record["n"] == name]
        chosen |= {(name, step) for step in _even(steps, MOST_PICTURES)}
    return chosen


def _even(steps: list[int], most: int) -> set[int]:
    """An even choice of at most so many steps, the last among them, and the first if there is room for two."""
    count = min(most, len(steps))
    return {steps[-1 - round(k * (len(steps) - 1) / max(1, count - 1))] for k in range(count)}


def _checkpoint(path: Path, target: Path, record: dict[str, Any]) -> dict[str, Any]:
    content = load(path)
    assert weights_sha256(content["state_dict"]) == record["wsha"]
    kept = {"state_dict": content["state_dict"], "global_step": content["global_step"]}
    saved = save(target / Path(record["p"]).parent, record["s"], kept)
    return {"sha": saved.sha256, "size": saved.size}


def main(names: list[str]) -> None:
    """Make the named examples, or all."""
    for example in EXAMPLES:
        if not names or example.id in names:
            folder = make(example)
            size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
            print(f"{example.id}: {size / 2**20:.1f} MiB", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
