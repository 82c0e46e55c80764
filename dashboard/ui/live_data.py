"""What a refresh of the run page reads from the store, once: curves by metric, attempts, the clock, reference lines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dashboard.figures.health import Concern, memorising, pace
from dashboard.figures.series import Attempt, Clock, Level, clock
from dashboard.figures.verdict import verdict
from dashboard.tracking.records import Envelope, Event, Media, MetricSummary, Run
from dashboard.tracking.store import Store
from dashboard.ui.language import t
from dashboard.ui.live_names import SYSTEM, MetricFace, headlines, metric_face
from dashboard.ui.live_state import Clockwork
from data.catalog import ReferenceLine
from data.text import Text

MOST_CARDS = 5


@dataclass
class Snapshot:
    """A run as one refresh sees it; each part is read when it is first asked for."""

    store: Store
    run: Run

    @cached_property
    def summaries(self) -> list[MetricSummary]:
        """The latest state of every metric."""
        return self.store.summaries(self.run.id)

    @cached_property
    def faces(self) -> dict[str, MetricFace]:
        """How each metric of the run is shown: headline metrics first, the system's last."""
        by_count = sorted(self.summaries, key=lambda summary: -summary.count)
        faces = [metric_face(self.run.method, summary.name) for summary in by_count]
        faces.sort(key=lambda face: (face.name.startswith(SYSTEM), not face.headline))
        return {face.name: face for face in faces}

    @property
    def metrics(self) -> list[str]:
        """The metrics of the training, without those of the system; Lightning's `epoch` is an axis, no metric."""
        return [name for name in self.faces if not name.startswith(SYSTEM) and name != "epoch"]

    @property
    def system(self) -> list[str]:
        """The metrics of the machine."""
        return [name for name in self.faces if name.startswith(SYSTEM)]

    @cached_property
    def cards(self) -> list[MetricFace]:
        """The metrics shown as cards: the declared headline ones, or the first few when none is declared.

        While the run goes on, a headline metric that has no value yet keeps its place, so that nothing jumps.
        """
        declared: dict[str, MetricFace] = {}
        for face in headlines(self.run.method):
            if face.name in self.faces or (self.run.state.active and face.title.en not in declared):
                declared[face.title.en] = (
                    face  # one metric may stand for images, another for points: the known one wins
                )
        return (list(declared.values()) or [self.faces[name] for name in self.metrics])[:MOST_CARDS]

    @cached_property
    def main(self) -> str | None:
        """The metric with most points, the loss among several: it tells pace, standstill and trouble."""
        names = set(self.metrics)
        logged = [s for s in self.summaries if s.name in names]
        return max(logged, key=lambda s: (s.count, s.name == "loss")).name if logged else None

    @cached_property
    def main_curve(self) -> Envelope | None:
        """The whole curve of the main metric."""
        return self.curve(self.main) if self.main is not None else None

    @property
    def alarms(self) -> list[tuple[Envelope, MetricFace]]:
        """The curves that can mean trouble by a level of their own."""
        return [(self.curve(name), self.faces[name]) for name in self.metrics if self.faces[name].alarm is not None]

    def curve(self, metric: str, *, buckets: int = 1000) -> Envelope:
        """The whole curve of a metric."""
        known = self._curves.get(metric)
        if known is None:
            known = self._curves[metric] = self.store.envelope(self.run.id, metric, buckets=buckets)
        return known

    @cached_property
    def _curves(self) -> dict[str, Envelope]:
        return {}

    @cached_property
    def info(self) -> dict[str, Any]:
        """What the run told about itself."""
        return self.store.info(self.run.id)

    @cached_property
    def events(self) -> list[Event]:
        """What happened, oldest first."""
        return self.store.events(self.run.id)

    @cached_property
    def media(self) -> list[Media]:
        """Pictures by name and step."""
        return self.store.media(self.run.id)

    @cached_property
    def attempts(self) -> tuple[Attempt, ...]:
        """The attempts after the first, each with the step it went on from."""
        resumed = [event for event in self.events if event.code == "resumed" and event.step is not None]
        return tuple(Attempt(k + 2, int(event.step or 0), event.time) for k, event in enumerate(resumed))

    @cached_property
    def knots(self) -> Clock | None:
        """The clock of the run."""
        return clock(self.main_curve, self.attempts) if self.main_curve is not None else None

    @property
    def clockwork(self) -> Clockwork:
        """Pace and beginning of the current attempt."""
        began = self.attempts[-1].time if self.attempts else self.run.started_at or 0.0
        curve = self.main_curve
        return Clockwork(pace(curve, since=began) if curve is not None else None, began)

    @property
    def steps_per_epoch(self) -> float | None:
        """Steps in one pass over the data: items divided by items a step, if the run told both."""
        items, taken = self.info.get("items"), self.info.get("batch_size")
        if not (isinstance(items, int | float) and isinstance(taken, int | float) and items > 0 and taken > 0):
            return None
        return float(items / taken)

    @property
    def copying(self) -> Concern | None:
        """Whether the model learns by heart, as its newest measures say."""
        newest = {summary.name: summary.last for summary in self.summaries}
        lines = self.info.get("reference_lines") or []
        usual = {str(line["metric"]): float(line["value"]) for line in lines if line.get("metric") == "copied"}
        return memorising(newest, usual)

    def levels(self, metric: str) -> tuple[Level, ...]:
        """The reference lines of a metric, as they are drawn."""
        return tuple(Level(line.value, t(line.label)) for line in self.lines(metric))

    def lines(self, metric: str) -> list[ReferenceLine]:
        """The reference lines of a metric."""
        return [
            ReferenceLine(metric, float(line["value"]), Text.model_validate(line["label"]))
            for line in self.info.get("reference_lines") or []
            if line.get("metric") == metric and line.get("value") is not None
        ]

    @property
    def verdicts(self) -> list[Text]:
        """What is to be said in words of metrics that are read against their reference lines."""
        newest = {summary.name: summary.last for summary in self.summaries}
        said = [
            verdict(face.title, newest[name], self.lines(name)) for name, face in self.faces.items() if face.verdict
        ]
        return [text for text in said if text is not None]
