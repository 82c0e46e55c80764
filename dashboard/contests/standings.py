"""What came out of a contest: for each entrant its runs, and their spread over seeds.

Read from the store alone, so a page may ask as often as it likes, while runs still go on. Only sampling has to be timed on
purpose (`time_sampling`), since a run does not tell how long drawing takes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dashboard.compute.client import ask
from dashboard.contests.entering import entrant_of, runs_of
from dashboard.contests.statistics import Spread, spread
from dashboard.settings import Settings
from dashboard.tracking.records import MetricSummary, Run, State
from dashboard.tracking.store import Store

DISTANCES = ("sliced_w2", "fd_pca16")
"""How far samples are from real data, for points and for images; the first one a run has counts."""
TIMED_SAMPLES = 1000
_SETTLED_SHARE = 0.5


@dataclass(frozen=True)
class Result:
    """One run of a contest.

    Args:
        run: The run.
        diverged: It failed, its loss was no number at some step, or its last samples were none.
        values: The last value of every metric.
        distance: Samples from real data at the end; NaN when there is none.
        wobble: Standard deviation of the distance over the second half of the evaluations, as a share of its mean.
        training_s: Median time of a step times the steps: looking, saving and waiting are left out.
        lost: Modes that the samples miss at the end; None where modes are not counted.
    """

    run: Run
    diverged: bool
    values: Mapping[str, float]
    distance: float
    wobble: float
    training_s: float
    lost: float | None


@dataclass(frozen=True)
class Standing:
    """One entrant over its seeds. Spreads are None while nothing has been measured."""

    label: str
    method: str
    results: tuple[Result, ...]
    sampling_s: Spread | None = None
    """Seconds for 1,000 samples, asked of a warm worker."""

    @property
    def ended(self) -> tuple[Result, ...]:
        """The runs that are over, well or badly."""
        return tuple(one for one in self.results if one.run.state in (State.FINISHED, State.FAILED))

    @property
    def diverged(self) -> int:
        """How many runs diverged."""
        return sum(one.diverged for one in self.ended)

    @property
    def collapsed(self) -> int | None:
        """How many runs miss a mode at the end; None where modes are not counted."""
        lost = [one.lost for one in self.ended if one.lost is not None]
        return sum(one > 0 for one in lost) if lost else None

    @property
    def distance(self) -> Spread | None:
        """Distance of the samples from real data; diverged runs left out."""
        return spread([one.distance for one in self._sound])

    @property
    def wobble(self) -> Spread | None:
        """How much the distance wavers once it has settled."""
        return spread([one.wobble for one in self._sound])

    @property
    def training_s(self) -> Spread | None:
        """Seconds of training."""
        return spread([one.training_s for one in self.ended])

    def metric(self, name: str) -> Spread | None:
        """The last value of a metric; diverged runs left out."""
        return spread([one.values.get(name, math.nan) for one in self._sound])

    @property
    def _sound(self) -> tuple[Result, ...]:
        return tuple(one for one in self.ended if not one.diverged)


def standings(store: Store, identity: str, *, sampling_s: Mapping[str, float] | None = None) -> tuple[Standing, ...]:
    """The entrants of a contest in the order they were entered.

    Args:
        store: The run store.
        identity: The contest.
        sampling_s: Seconds of drawing by run id, from `time_sampling`.

    Raises:
        Problem: There is no such contest.
    """
    entrants: dict[str, list[Result]] = {}
    for run in runs_of(store, identity):
        entrants.setdefault(entrant_of(run), []).append(result(store, run))
    timed = sampling_s or {}
    return tuple(
        Standing(label, results[0].run.method, tuple(results), spread([timed.get(r.run.id, math.nan) for r in results]))
        for label, results in entrants.items()
    )


def result(store: Store, run: Run) -> Result:
    """What one run came to."""
    summaries = {summary.name: summary for summary in store.summaries(run.id)}
    values = {name: summary.last for name, summary in summaries.items()}
    name = next((name for name in DISTANCES if name in summaries), None)
    return Result(
        run=run,
        diverged=_diverged(run, summaries, name),
        values=values,
        distance=math.nan if name is None else values[name],
        wobble=math.nan if name is None else _wobble(store, run.id, name),
        training_s=_training_s(store, run),
        lost=_lost(store, run, values),
    )


def time_sampling(settings: Settings, run: str, *, count: int = TIMED_SAMPLES, timeout_s: float = 120.0) -> float:
    """Seconds to draw `count` samples of a run, the model already loaded.

    Raises:
        Problem: The run has no usable checkpoint, or no worker could be reached.
    """
    request = {"run": run, "count": 1}
    ask(settings, "sample", request, timeout_s=timeout_s)  # loads the model
    began = time.perf_counter()
    ask(settings, "sample", {**request, "count": count}, timeout_s=timeout_s)
    return time.perf_counter() - began


def _diverged(run: Run, summaries: Mapping[str, MetricSummary], distance: str | None) -> bool:
    loss = summaries.get("loss")
    if run.state is State.FAILED or (loss is not None and loss.broken > 0):
        return True
    if run.state is not State.FINISHED or distance is None:
        return False
    measured = summaries[distance]
    return measured.last_step < run.step or not math.isfinite(
        measured.last
    )  # samples that are no numbers are not measured


def _wobble(store: Store, run: str, name: str) -> float:
    _, values, _ = store.points(run, name)
    settled = values[int(len(values) * _SETTLED_SHARE) :]
    if len(settled) < 2 or not np.isfinite(settled).all() or settled.mean() == 0:
        return math.nan
    return float(settled.std(ddof=1) / settled.mean())


def _training_s(store: Store, run: Run) -> float:
    steps, _, times = store.points(run.id, "loss")
    if len(steps) < 2:
        return math.nan
    return float(np.median(np.diff(times) / np.maximum(np.diff(steps), 1)) * run.step)


def _lost(store: Store, run: Run, values: Mapping[str, float]) -> float | None:
    """Modes there are, as the run's reference line tells, less those that were found."""
    lines = {line["metric"]: line["value"] for line in store.info(run.id).get("reference_lines", ())}
    for name in ("modes", "classes"):
        if name in lines and name in values:
            return float(lines[name]) - values[name]
    return None
