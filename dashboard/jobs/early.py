"""Early stopping, and which step was the best so far; both survive a resume."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from dashboard.jobs import words
from dashboard.tracking.records import Reason
from data.catalog import MethodCard
from lightning_modules.options import TrainingOptions


class EarlyStop:
    """Follows one metric over the evaluations.

    With `early_stop` empty the method's first headline metric is followed, only to know the best checkpoint.
    """

    def __init__(self, method: MethodCard, options: TrainingOptions) -> None:
        headline = next((m.name for m in method.metrics if m.headline and m.better is not None), "")
        self.metric = options.early_stop or headline
        self.patience = options.patience if options.early_stop else None
        better = next((m.better for m in method.metrics if m.name == self.metric), None)
        self.sign = -1.0 if better == "higher" else 1.0
        self.best = math.inf
        self.best_step: int | None = None
        self.stale = 0

    @property
    def over(self) -> bool:
        """Whether patience has run out."""
        return self.patience is not None and self.stale >= self.patience

    def note(self, metrics: Mapping[str, float], step: int) -> None:
        """Take in one evaluation; a metric that is missing or no number counts as no improvement."""
        value = metrics.get(self.metric, math.nan) * self.sign
        if value < self.best:
            self.best, self.best_step, self.stale = value, step, 0
        else:
            self.stale += 1

    def reason(self, step: int) -> Reason:
        """Why the run ends here."""
        text = words.filled(words.EARLY, step=step, metric=self.metric, patience=self.patience)
        return Reason("early_stop", text)

    def state_dict(self) -> dict[str, Any]:
        """What a resumed run needs to know."""
        return {"best": self.best, "best_step": self.best_step, "stale": self.stale}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take it up again."""
        self.best, self.best_step, self.stale = state["best"], state["best_step"], state["stale"]
