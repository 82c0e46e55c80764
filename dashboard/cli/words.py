"""Words several commands use: states, times, numbers."""

from __future__ import annotations

import math
import time
from typing import Any

from dashboard.cli.reply import say
from dashboard.jobs.words import STATES
from dashboard.tracking.records import MetricSummary, Run


def state_of(run: Run) -> str:
    """The state in words, with its reason where there is one."""
    word = say(STATES[run.state])
    return f"{word}: {say(run.reason.text)}" if run.reason else word


def moment(seconds: float | None) -> str:
    """A time in this machine's zone, to the second; a dash for none."""
    return "–" if seconds is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def duration(seconds: float) -> str:
    """A length of time in its two largest units."""
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def number(value: float) -> str:
    """A measured number in four significant figures."""
    return f"{value:.4g}" if math.isfinite(value) else str(value)


def run_object(run: Run) -> dict[str, Any]:
    """A run as the JSON of listings carries it."""
    return {
        "run_id": run.id,
        "name": run.name,
        "state": run.state,
        "reason": None if run.reason is None else {"code": run.reason.code, "message": say(run.reason.text)},
        "method": run.method,
        "dataset": run.dataset,
        "preset": run.preset,
        "seed": run.seed,
        "step": run.step,
        "total_steps": run.total_steps,
        "attempt": run.attempt,
        "restarts": run.restarts,
        "pid": run.pid,
        "created_at": run.created_at,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "group": run.group,
        "parent": run.parent,
        "tags": run.tags,
        "example": run.example,
        "external": run.external,
        "deleted": run.deleted_at is not None,
        "weights_sha256": run.weights_sha256,
    }


def metrics_object(summaries: list[MetricSummary]) -> dict[str, dict[str, float]]:
    """Metrics by name, as JSON carries them."""
    return {
        one.name: {
            "last": one.last,
            "last_step": one.last_step,
            "low": one.low,
            "high": one.high,
            "count": one.count,
            "broken": one.broken,
        }
        for one in summaries
    }
