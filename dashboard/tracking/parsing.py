"""Journal records made into checked values; a record that is not as the format says is left out, never half used."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from dashboard.tracking.points import Points
from dashboard.tracking.records import Reason, State
from dashboard.tracking.schema import storable
from data.text import Text


@dataclass(frozen=True)
class Start:
    """The beginning of an attempt."""

    time: float
    resumed_from: int
    pid: int | None
    environment: dict[str, Any]


@dataclass(frozen=True)
class End:
    """The end of an attempt, told by itself."""

    time: float
    state: State
    step: int | None
    reason: Reason | None
    weights_sha256: str | None


@dataclass
class Batch:
    """What one attempt wrote between two `start` records, ready for the tables."""

    attempt: int
    start: Start | None = None
    metrics: dict[str, Points] = field(default_factory=dict)
    media: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    checkpoints: list[dict[str, Any]] = field(default_factory=list)
    info: dict[str, Any] = field(default_factory=dict)
    total_steps: int | None = None
    hyperparameters: dict[str, Any] = field(default_factory=dict)
    end: End | None = None
    step: int | None = None
    time: float = 0.0
    columns: dict[str, tuple[list[int], list[float], list[float]]] = field(default_factory=dict, repr=False)

    def add(self, record: dict[str, Any]) -> None:
        """Take one record.

        Raises:
            KeyError, TypeError, ValueError: The record is not as the format says.
        """
        kind, at = record["k"], _number(record["t"])
        match kind:
            case "m":
                self._metrics(record, at)
            case "media":
                self.media.append(
                    {"name": _name(record["n"]), "step": _step(record), "kind": _name(record["kind"], 40),
                     "path": str(record["p"]), "caption": _text(record.get("c")), "info": dict(record.get("i") or {}),
                     "time": at}
                )  # fmt: skip
            case "event":
                step = None if record.get("s") is None else _step(record)
                self.events.append(
                    {"time": at, "step": step, "level": _name(record["l"], 16), "code": _name(record["code"], 100),
                     "text": _text(record["text"])}
                )  # fmt: skip
            case "ckpt":
                self.checkpoints.append(
                    {"step": _step(record), "path": str(record["p"]), "sha256": _name(record["sha"], 64),
                     "weights_sha256": _name(record.get("wsha") or "", 64), "size": _whole(record["size"]), "time": at,
                     "metrics": {str(k): float(v) for k, v in (record.get("v") or {}).items()}}
                )  # fmt: skip
            case "info":
                self._info(dict(record["v"]))
            case "end":
                self._end(record, at)
        self.time = max(self.time, at)

    def _info(self, told: dict[str, Any]) -> None:
        if "total_steps" in told:
            self.total_steps = max(0, _whole(told["total_steps"]))
        if isinstance(told.get("hyperparameters"), dict):
            self.hyperparameters |= told["hyperparameters"]
            told["hyperparameters"] = self.hyperparameters
        self.info |= told

    def _metrics(self, record: dict[str, Any], at: float) -> None:
        step = _step(record)
        for name, number in [(_name(name), float(value)) for name, value in record["v"].items()]:
            steps, values, times = self.columns.setdefault(name, ([], [], []))
            steps.append(step)
            values.append(number)
            times.append(at)
        self.step = step if self.step is None else max(self.step, step)

    def _end(self, record: dict[str, Any], at: float) -> None:
        state = State(record["state"])
        if state.active:
            raise ValueError("a run cannot end in an active state")
        text = Text(**_text(record["text"])) if record.get("text") else None
        self.end = End(
            time=at,
            state=state,
            step=None if record.get("s") is None else _step(record),
            reason=None if text is None else Reason(str(record.get("code") or state), text),
            weights_sha256=_name(record["wsha"], 64) if record.get("wsha") else None,
        )

    def close(self) -> Batch:
        """Make arrays of the collected metrics."""
        self.metrics = {name: Points.of(*columns) for name, columns in self.columns.items()}
        self.columns = {}
        return self


def batches(records: Iterable[dict[str, Any]]) -> Iterator[Batch]:
    """Group records by attempt; a `start` record opens a new batch."""
    batch: Batch | None = None
    for record in records:
        try:
            attempt = _whole(record["a"], 2**31 - 1)
            start = _start(record) if record["k"] == "start" else None
            if batch is None or start is not None or attempt != batch.attempt or batch.end is not None:
                if batch is not None:
                    yield batch.close()
                batch = Batch(attempt, start, time=0.0 if start is None else start.time)
            if start is None:
                batch.add(record)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            continue  # written by another hand than `Journal`; the rest is still good
    if batch is not None:
        yield batch.close()


def _start(record: dict[str, Any]) -> Start:
    pid = record.get("pid")
    return Start(
        time=_number(record["t"]),
        resumed_from=max(0, _whole(record.get("from") or 0)),
        pid=None if pid is None else _whole(pid),
        environment=dict(record.get("env") or {}),
    )


def _step(record: dict[str, Any]) -> int:
    return _whole(record["s"], 2**53)  # what a browser can count to


def _whole(value: Any, largest: int = 2**63 - 1) -> int:
    """A whole number that a column of the store can hold."""
    if isinstance(value, str):
        raise TypeError("a number is not a string")
    number = int(value)
    if abs(number) > largest:
        raise ValueError("the number is too large")
    return number


def _number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("the time is not a number")
    return number


def _name(value: Any, length: int = 200) -> str:
    if not isinstance(value, str):
        raise TypeError("a name is a string")
    return storable(value)[:length]


def _text(value: Any) -> dict[str, str]:
    """A text in both languages; a plain string stands for both."""
    if isinstance(value, str):
        return {"en": value, "hi": value}
    value = value or {"en": "", "hi": ""}
    return {"en": str(value["en"]), "hi": str(value["hi"])}
