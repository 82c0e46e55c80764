"""What logging costs, how fast curves are read, and which spikes are drawn; beside TensorBoard's, Lightning's and MLflow's.

Run with `python -m tests.benchmarks.bench_tracking [--quick]`. Ratios are taken from rounds in which every side runs in
turn in this one process, so that a busy machine slows them alike. Other tools run with their own code; one that is
not installed is said to be skipped.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import random
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytorch_lightning as pl
import torch
from pytorch_lightning.demos.boring_classes import BoringModel
from pytorch_lightning.loggers import CSVLogger, Logger, MLFlowLogger, TensorBoardLogger
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from dashboard.figures.curves import curves as draw
from dashboard.figures.drawing import size_in_bytes
from dashboard.figures.series import Panel, Series
from dashboard.settings import Settings
from dashboard.tracking import curves
from dashboard.tracking.export import export
from dashboard.tracking.logger import RunLogger
from dashboard.tracking.points import Points
from dashboard.tracking.records import Envelope, NewRun
from dashboard.tracking.store import Store
from data.datasets.digits import DATASET as DIGITS
from lightning_modules.diffusion.ddpm import METHOD
from lightning_modules.options import TrainingOptions

TENSORBOARD_SAMPLES = 1_000
"""Scalars of a tag that TensorBoard keeps by default (`tensorboard --samples_per_plugin`)."""

MLFLOW_SAMPLES = 320
"""Points of a metric that MLflow's page asks for (`get-history-bulk-interval`)."""


Work = tuple[pl.LightningModule, "DataLoader[Any]"]
"""A model and its batches."""


@dataclass(frozen=True)
class Scale:
    """How much is measured."""

    rounds: int = 7
    steps: int = 20
    calls: int = 5_000
    runs: int = 100
    points: int = 100_000
    peer_runs: int = 3

    @classmethod
    def quick(cls) -> Scale:
        """A minute's worth."""
        return cls(rounds=2, steps=5, calls=500, runs=20, points=20_000, peer_runs=1)


@dataclass
class Results:
    """Lines of the table, and the same numbers by name."""

    lines: list[tuple[str, str, str]] = field(default_factory=list)
    numbers: dict[str, float | str] = field(default_factory=dict)

    def add(self, name: str, value: float | str, shown: str, aim: str = "") -> None:
        """One measurement; `aim` is what it is held against."""
        self.lines.append((name, shown, aim))
        self.numbers[name] = value

    def table(self) -> str:
        """The table for people."""
        widths = [max(len(line[column]) for line in self.lines) for column in range(3)]
        return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
                         for line in [("measured", "figure", "aim"), *self.lines])  # fmt: skip


# The cost of logging


class Stopwatch(pl.Callback):
    """Wall and processor seconds from the start of one step to the start of the next, logging between them."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.processor: list[float] = []
        self._last: tuple[float, float] | None = None

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: object, batch_idx: int
    ) -> None:
        """One step has ended and been logged."""
        now = time.perf_counter(), time.process_time()
        if self._last is not None:
            self.wall.append(now[0] - self._last[0])
            self.processor.append(now[1] - self._last[1])
        self._last = now


@dataclass(frozen=True)
class Pace:
    """A step: median wall seconds, mean processor seconds (other processes do not count, rare flushes do)."""

    wall: float
    processor: float


def peers() -> dict[str, Callable[[Path], Logger]]:
    """Lightning's own loggers, each made in a folder."""
    found: dict[str, Callable[[Path], Logger]] = {
        "TensorBoardLogger": lambda place: TensorBoardLogger(str(place)),
        "CSVLogger": lambda place: CSVLogger(str(place)),
    }
    if find_spec("mlflow"):
        found["MLFlowLogger"] = lambda place: MLFlowLogger(tracking_uri=f"sqlite:///{place / 'mlflow.db'}")
    return found


def logging_cost(scale: Scale, place: Path, results: Results) -> None:
    """What a training step costs with each logger, every step logged, against `logger=False`.

    Measured twice: on a U-Net as it is; and on a model of 66 weights, where the few microseconds stand out of the
    noise, as extra time a step, then put in proportion to the U-Net's step.
    """
    paces = _rounds(scale.rounds, scale.steps, place / "unet", _unet)
    tiny = _rounds(scale.rounds, 20 * scale.steps, place / "tiny", _boring)
    bare = paces["no logger"]
    base = statistics.median(pace.wall for pace in bare)
    results.add("U-Net step without a logger", base, f"{1e3 * base:.2f} ms")
    for name in list(paces)[1:]:
        wall = [ours.wall / none.wall for ours, none in zip(paces[name], bare, strict=True)]
        processor = [ours.processor / none.processor for ours, none in zip(paces[name], bare, strict=True)]
        shown = f"{statistics.median(wall):.3f}x wall ({min(wall):.3f}-{max(wall):.3f}), "
        shown += f"{statistics.median(processor):.3f}x processor ({min(processor):.3f}-{max(processor):.3f})"
        results.add(f"U-Net step with {name}", statistics.median(wall), shown, "1.01x" if name == "RunLogger" else "")
        extra = [ours.wall - none.wall for ours, none in zip(tiny[name], tiny["no logger"], strict=True)]
        ratio = 1 + statistics.median(extra) / base
        busy = [ours.processor - none.processor for ours, none in zip(tiny[name], tiny["no logger"], strict=True)]
        shown = f"{ratio:.4f}x  ({1e6 * statistics.median(extra):+.0f} us a step, {1e6 * statistics.median(busy):+.0f} of them busy)"
        results.add(f"... from the extra time, {name}", ratio, shown, "1.01x" if name == "RunLogger" else "")
    if "MLFlowLogger" not in paces:
        results.add("U-Net step with MLFlowLogger", "skipped", "skipped: mlflow is not installed")


def _rounds(rounds: int, steps: int, place: Path, make: Callable[[int], Work]) -> dict[str, list[Pace]]:
    """The pace of every side in every round, in an order that changes from round to round."""
    settings = Settings(home=place / "home")
    sides: dict[str, Callable[[Path], Logger | bool]] = {
        "no logger": lambda _: False,
        "RunLogger": lambda _: RunLogger("bench", settings=settings),
        **peers(),
    }
    paces: dict[str, list[Pace]] = {name: [] for name in sides}
    for number in range(rounds + 1):
        names = list(sides)
        random.Random(number).shuffle(names)
        for name in names:
            folder = place / f"{number}-{name.replace(' ', '-')}"
            folder.mkdir(parents=True)
            pace = _train(sides[name](folder), steps, make(steps))
            if number:  # the first round warms up
                paces[name].append(pace)
    return paces


def _unet(steps: int) -> Work:
    """The `small` U-Net of DDPM on the digits."""
    dataset = DIGITS.load(DIGITS.config())
    values = METHOD.preset_values("small", kind=dataset.kind, dataset=DIGITS.name)
    own = {key: value for key, value in values.items() if key in METHOD.config.model_fields}
    shared = {key: value for key, value in values.items() if key in TrainingOptions.model_fields}
    module = METHOD.build(METHOD.config(**own), dataset, TrainingOptions(**shared | {"steps": steps}))
    x = torch.from_numpy(dataset.train.x[:64])
    batches = [(x, torch.zeros(len(x), dtype=torch.int64))] * (steps + 5)
    return module, DataLoader(cast("Dataset[tuple[Tensor, Tensor]]", batches), batch_size=None)


class _Boring(BoringModel):
    """66 weights, one metric."""

    def training_step(self, batch: Tensor, batch_idx: int) -> Tensor:
        """Log the loss, as any model does."""
        loss: Tensor = self.layer(batch).sum()
        self.log("loss", loss)
        return loss


def _boring(steps: int) -> Work:
    return _Boring(), DataLoader(cast("Dataset[Tensor]", torch.zeros(steps + 5, 1, 32)), batch_size=None)


def _train(logger: Logger | bool, steps: int, work: Work) -> Pace:
    """The pace of a training in which every step is logged."""
    pl.seed_everything(0, verbose=False)
    watch = Stopwatch()
    trainer = pl.Trainer(
        max_steps=steps, logger=logger, log_every_n_steps=1, callbacks=[watch], accelerator="cpu", devices=1,
        enable_progress_bar=False, enable_model_summary=False, enable_checkpointing=False,
    )  # fmt: skip
    trainer.fit(*work)
    if isinstance(logger, RunLogger):
        logger.close()
    return Pace(statistics.median(watch.wall), statistics.mean(watch.processor))


def call_cost(scale: Scale, place: Path, results: Results) -> None:
    """Microseconds of one `log_metrics` with five numbers, without any training around it."""
    values = {f"metric_{i}": 0.1 * i for i in range(5)}
    sides: dict[str, Callable[[Path], Logger]] = {
        "RunLogger": lambda folder: RunLogger("calls", settings=Settings(home=folder)),
        **peers(),
    }
    for name, make in sides.items():
        folder = place / f"calls-{name}"
        folder.mkdir()
        logger, taken = make(folder), []
        calls = scale.calls if name != "MLFlowLogger" else scale.calls // 50
        for step in range(calls):
            start = time.perf_counter()
            logger.log_metrics(values, step)
            logger.save()  # as Lightning's loop does after every logged step
            taken.append(1e6 * (time.perf_counter() - start))
        logger.finalize("success")
        if isinstance(logger, RunLogger):
            logger.close()
        p99 = statistics.quantiles(taken, n=100)[98]
        results.add(
            f"one log call, {name}", statistics.median(taken), f"{statistics.median(taken):.1f} us, p99 {p99:.0f} us"
        )


# Reading


@dataclass(frozen=True)
class Spiked:
    """A store whose runs have spikes and broken values at known steps."""

    store: Store
    runs: list[str]
    spikes: dict[str, list[int]]
    broken: dict[str, list[int]]


def fill(scale: Scale, place: Path) -> Spiked:
    """`scale.runs` runs with `scale.points` points; ten spikes of one step and ten NaNs in each."""
    store = Store.open(Settings(home=place / "reading"))
    made = Spiked(store, [], {}, {})
    steps = np.arange(1, scale.points + 1, dtype=np.int64)
    for number in range(scale.runs):
        random_state = np.random.default_rng(number)
        noise = 0.02 * random_state.standard_normal(len(steps))
        values = np.asarray(np.exp(-steps / scale.points * 3) + noise, np.float64)
        marks = (np.arange(20) * scale.points // 20 + random_state.integers(0, scale.points // 40, 20)).tolist()
        values[marks[0::2]] = 5.0 + random_state.random(10)
        values[marks[1::2]] = math.nan
        run, _ = store.create_run(NewRun(f"run {number}", "ddpm", "digits", "small", {}, number, scale.points))
        with store.database.writing() as connection:
            curves.append(
                connection, run.id, {"loss": Points(steps, values, np.asarray(1.7e9 + 0.01 * steps, np.float64))}
            )
        made.runs.append(run.id)
        made.spikes[run.id] = [int(steps[mark]) for mark in marks[0::2]]
        made.broken[run.id] = [int(steps[mark]) for mark in marks[1::2]]
    store.checkpoint()
    return made


def reading(scale: Scale, made: Spiked, results: Results) -> dict[str, Envelope]:
    """Milliseconds to read one metric of all runs for one chart, and the bytes the browser is sent."""
    buckets = 200  # 100 curves share one chart: a bucket is about four pixels wide

    def rolled() -> dict[str, Envelope]:
        return made.store.envelopes(made.runs, "loss", buckets=buckets)

    def first() -> dict[str, Envelope]:
        with Store.open(made.store.settings) as fresh:
            return fresh.envelopes(made.runs, "loss", buckets=buckets)

    def every_point() -> dict[str, Envelope]:
        return {run: made.store.envelope(run, "loss", first=1, last=scale.points, buckets=buckets) for run in made.runs}

    name = f"{scale.runs} runs x {scale.points:,} points"
    for what, read, aim in (
        ("store just opened", first, "500 ms"),
        ("from roll-ups", rolled, "50 ms"),
        ("from every point, no roll-up", every_point, ""),
    ):
        milliseconds = [_timed(read) for _ in range(7 if read is not every_point else 3)]
        shown = f"{statistics.median(milliseconds):.0f} ms  ({min(milliseconds):.0f}-{max(milliseconds):.0f})"
        results.add(f"{name}, {what}", statistics.median(milliseconds), shown, aim)
    envelopes = rolled()
    series = tuple(Series(run, envelope, index) for index, (run, envelope) in enumerate(envelopes.items()))
    sent = size_in_bytes(draw((Panel("loss", series),)))
    results.add(f"{name}, sent to the browser", sent, f"{sent / 1e6:.2f} MB", "2 MB")
    file = made.store.settings.home / "store.sqlite"
    a_point = file.stat().st_size / (scale.runs * scale.points)
    results.add("store, bytes a point", a_point, f"{a_point:.1f}")
    return envelopes


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - start)


def spikes(scale: Scale, made: Spiked, envelopes: dict[str, Envelope], place: Path, results: Results) -> None:
    """Of all one-step spikes and all NaNs, how many are drawn at default zoom."""
    wanted = sum(map(len, made.spikes.values()))
    drawn = sum(
        step in set(envelopes[run].high_step[envelopes[run].high > 4].tolist())
        for run, steps in made.spikes.items()
        for step in steps
    )
    marked = sum(set(steps) <= set(envelopes[run].broken_steps.tolist()) for run, steps in made.broken.items())
    results.add("spikes drawn", drawn, f"{drawn:,} of {wanted:,}", "all")
    results.add("runs with all NaNs marked", marked, f"{marked} of {len(made.runs)} runs", "all")
    chosen = made.runs[: max(1, scale.peer_runs)]
    of_peers = sum(len(made.spikes[run]) for run in chosen)
    kept, seconds = _tensorboard_keeps(made, chosen, place / "tensorboard")
    shown = f"{kept} of {of_peers}, {1e3 * seconds:.0f} ms to read {len(chosen)} runs"
    results.add("spikes that TensorBoard's reservoir keeps", kept / of_peers, shown)
    if not find_spec("mlflow"):
        results.add("spikes that MLflow's sampling keeps", "skipped", "skipped: mlflow is not installed")
        return
    kept, seconds = _mlflow_keeps(made, chosen, place / "mlflow.db")
    shown = f"{kept} of {of_peers}, {1e3 * seconds:.0f} ms to read {len(chosen)} runs"
    results.add("spikes that MLflow's sampling keeps", kept / of_peers, shown)


def _tensorboard_keeps(made: Spiked, chosen: list[str], folder: Path) -> tuple[int, float]:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    export(made.store, chosen, "tensorboard", folder)
    kept, start = 0, time.perf_counter()
    for run in chosen:
        reader = EventAccumulator(str(folder / run), size_guidance={"scalars": TENSORBOARD_SAMPLES})
        reader.Reload()
        kept += len(set(made.spikes[run]) & {event.step for event in reader.Scalars("loss")})
    return kept, time.perf_counter() - start


def _mlflow_keeps(made: Spiked, chosen: list[str], file: Path) -> tuple[int, float]:
    from mlflow.entities import Metric
    from mlflow.tracking import MlflowClient

    client = MlflowClient(f"sqlite:///{file}")
    experiment = client.create_experiment("bench")
    ids = {run: client.create_run(experiment).info.run_id for run in chosen}
    for run in chosen:
        steps, values, times = made.store.points(run, "loss")
        for start in range(0, len(steps), 1000):
            part = slice(start, start + 1000)
            rows = zip(steps[part].tolist(), values[part].tolist(), times[part].tolist(), strict=True)
            client.log_batch(ids[run], [Metric("loss", value, int(1e3 * at), step) for step, value, at in rows])
    store = client._tracking_client.store  # what answers the page's request `get-history-bulk-interval`
    kept, begin = 0, time.perf_counter()
    for run in chosen:
        sampled = store.get_metric_history_bulk_interval([ids[run]], "loss", MLFLOW_SAMPLES, None, None)
        kept += len(set(made.spikes[run]) & {metric.step for metric in sampled})
    return kept, time.perf_counter() - begin


def main() -> None:
    """Measure, print the table and one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small numbers, to see that everything works")
    scale = Scale.quick() if parser.parse_args().quick else Scale()
    for noisy in ("pytorch_lightning", "lightning_fabric", "mlflow", "alembic", "tensorboard"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    results = Results()
    with tempfile.TemporaryDirectory(prefix="samajh-bench-") as folder:
        place = Path(folder)
        logging_cost(scale, place, results)
        call_cost(scale, place, results)
        made = fill(scale, place)
        spikes(scale, made, reading(scale, made, results), place, results)
        made.store.close()
    print(results.table())
    print(json.dumps({"tracking": results.numbers}))


if __name__ == "__main__":
    main()
