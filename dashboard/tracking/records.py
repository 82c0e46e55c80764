"""The nouns of the run store: a run and what belongs to it. Plain data; no SQL, no torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from data.text import Text


class State(StrEnum):
    """Where a run stands. The first four are active; stopped, paused and failed runs can be resumed."""

    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    PAUSED = "paused"
    STOPPED = "stopped"
    FINISHED = "finished"
    FAILED = "failed"

    @property
    def active(self) -> bool:
        """Whether a job works, or will work, on the run."""
        return self in (State.QUEUED, State.STARTING, State.RUNNING, State.STOPPING)


@dataclass(frozen=True)
class Reason:
    """Why a run is in its state: a stable code and one sentence for people."""

    code: str
    text: Text


@dataclass(frozen=True)
class Run:
    """One training. Times are Unix seconds; `step` is the last finished optimiser step."""

    id: str
    name: str
    method: str
    dataset: str
    preset: str
    config: dict[str, Any]
    seed: int
    state: State
    reason: Reason | None
    step: int
    total_steps: int
    attempt: int
    restarts: int
    pid: int | None
    created_at: float
    started_at: float | None
    ended_at: float | None
    updated_at: float
    group: str | None
    parent: str | None
    tags: tuple[str, ...]
    notes: str
    example: bool
    deleted_at: float | None
    user: str
    external: bool
    weights_sha256: str | None
    environment: dict[str, Any]


@dataclass(frozen=True)
class Event:
    """Something that happened in a run, told in a sentence. `level`: info, warning or error."""

    run: str
    time: float
    step: int | None
    level: str
    code: str
    text: Text


@dataclass(frozen=True)
class Media:
    """A file shown over steps. `kind`: image (PNG), or another MIME-like word; `path` is absolute."""

    run: str
    name: str
    step: int
    kind: str
    path: Path
    caption: Text
    info: dict[str, Any]


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint file with the SHA-256 of its bytes and of the weights in it."""

    run: str
    step: int
    path: Path
    sha256: str
    weights_sha256: str
    size: int
    time: float
    metrics: dict[str, float]


@dataclass(frozen=True)
class Envelope:
    """A curve thinned without loss of extremes: one bucket a row, buckets in order of step.

    A bucket of one point has low == high == mean. `low_step`/`high_step` say where the extremes stand; `time` is that
    of the bucket's last point; `count` counts the finite points. NaN and infinite values never enter a bucket; they are
    listed in `broken_steps` with their values in `broken_values`: all of them, except that of a stretch of more than
    2,000 evenly spaced ones (a run that diverged) 2,000 remain, both ends among them. `points` counts the points of
    the range, broken ones too. `exact` is True when every bucket holds one point.
    """

    first_step: npt.NDArray[np.int64]
    last_step: npt.NDArray[np.int64]
    low: npt.NDArray[np.float64]
    low_step: npt.NDArray[np.int64]
    high: npt.NDArray[np.float64]
    high_step: npt.NDArray[np.int64]
    mean: npt.NDArray[np.float64]
    time: npt.NDArray[np.float64]
    count: npt.NDArray[np.int64]
    broken_steps: npt.NDArray[np.int64]
    broken_values: npt.NDArray[np.float64]
    exact: bool
    points: int


@dataclass(frozen=True)
class MetricSummary:
    """The latest state of one metric of one run."""

    name: str
    count: int
    last_step: int
    last: float
    low: float
    high: float
    broken: int


@dataclass(frozen=True)
class NewRun:
    """What a submission writes: everything a run has before it starts."""

    name: str
    method: str
    dataset: str
    preset: str
    config: dict[str, Any]
    seed: int
    total_steps: int
    token: str | None = None
    group: str | None = None
    parent: str | None = None
    parent_checkpoint: str | None = None
    tags: tuple[str, ...] = ()
    notes: str = ""
    user: str = ""
    external: bool = False
    environment: dict[str, Any] = field(default_factory=dict)


Sort = Literal["created", "updated", "name", "state", "method", "dataset", "step", "duration"]


@dataclass(frozen=True)
class RunFilter:
    """Which runs to list, and in what order. Empty fields do not filter.

    `search` is looked for in id, name, notes, method, data set, group and tags. `tags`: a run must bear all of them.
    `deleted`: False lists what is not in the trash, True the trash, None both. `metric` sorts by the newest value of
    that metric and overrides `sort`; runs without it come last.
    """

    search: str = ""
    ids: tuple[str, ...] = ()
    states: tuple[State, ...] = ()
    methods: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    group: str | None = None
    deleted: bool | None = False
    example: bool | None = None
    sort: Sort = "created"
    metric: str | None = None
    descending: bool = True
    limit: int | None = None
    offset: int = 0


@dataclass(frozen=True)
class Facets:
    """The values there are to filter runs by, each sorted."""

    methods: tuple[str, ...]
    datasets: tuple[str, ...]
    tags: tuple[str, ...]
    groups: tuple[str, ...]
