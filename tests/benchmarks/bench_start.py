"""From the click on Start to the first training step, and to the first point a page can read; warm beside cold.

Run with `python -m tests.benchmarks.bench_start [--quick]`. The click is the call of `submit`; the run is DDPM on the
digits, preset tiny. The step is over when its record enters the journal (the record bears the time); the point is there
when the store answers with it. Warm and cold starts take turns, so that a busy machine slows both alike.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from dashboard import catalogue
from dashboard.jobs import control
from dashboard.jobs.spec import RunSpec
from dashboard.tracking import journal
from dashboard.tracking.records import State
from tests.jobs.studio import Studio


@dataclass
class Times:
    """Seconds from the click, one entry a start."""

    step: list[float] = field(default_factory=list)
    point: list[float] = field(default_factory=list)


def p95(values: list[float]) -> float:
    """The value that 95 % of the starts do not exceed."""
    return sorted(values)[max(0, -(-len(values) * 95 // 100) - 1)]


def start_once(studio: Studio, spec: RunSpec, times: Times) -> None:
    """Click, wait for the first point, stop."""
    clicked = time.time()
    [run] = control.submit(studio.store, studio.settings, spec)
    studio.until(lambda: studio.store.latest([run.id], ["loss"]).get(run.id), 120, "the first point is in the store")
    times.point.append(time.time() - clicked)
    records = journal.read(studio.settings.runs / run.id / journal.NAME)
    first = next(record for record, _ in records if record["k"] == "m" and "loss" in record["v"])
    times.step.append(float(first["t"]) - clicked)
    control.stop(studio.store, studio.settings, run.id)
    studio.until(lambda: not studio.run(run.id).state.active, 120, "the run has ended")
    assert studio.run(run.id).state in (State.STOPPED, State.FINISHED), studio.explain()


def measure(rounds: int, cold_every: int) -> dict[str, Times]:
    """Warm starts, and a cold one after every few of them."""
    found = {"warm": Times(), "cold": Times()}
    with tempfile.TemporaryDirectory(prefix="samajh-bench-") as folder:
        studios = {start: Studio(Path(folder) / start, start=start) for start in found}
        try:
            for studio in studios.values():
                studio.start()
            published = catalogue.read(studios["warm"].settings)
            assert published is not None, "a warm starter has published the catalogue"
            spec = published.resolve("ddpm", "digits", "tiny")
            for k in range(rounds):
                start_once(studios["warm"], spec, found["warm"])
                if k % cold_every == 0:
                    start_once(studios["cold"], spec, found["cold"])
        finally:
            for studio in studios.values():
                studio.close()
    return found


def main() -> None:
    """Measure, print the table and one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few starts, to see that everything works")
    quick = parser.parse_args().quick
    found = measure(rounds=4 if quick else 40, cold_every=2 if quick else 4)
    figures: dict[str, float] = {"load": os.getloadavg()[0]}
    print(f"{'click to':<14}{'start':<7}{'p50 s':>8}{'p95 s':>8}{'min':>8}{'max':>8}{'n':>5}")
    for what, aim in (("step", 0.5), ("point", 1.0)):
        for start, times in found.items():
            values = getattr(times, what)
            low, middle, high = min(values), statistics.median(values), p95(values)
            told = f"   aim p95 {aim} s" if start == "warm" else ""
            print(
                f"first {what:<8}{start:<7}{middle:8.3f}{high:8.3f}{low:8.3f}{max(values):8.3f}{len(values):5d}{told}"
            )
            figures |= {f"{start}_{what}_p50_s": round(middle, 4), f"{start}_{what}_p95_s": round(high, 4)}
        ratio = statistics.median(getattr(found["cold"], what)) / statistics.median(getattr(found["warm"], what))
        print(f"first {what}: a warm start is {ratio:.1f} times as fast")
        figures[f"{what}_cold_over_warm"] = round(ratio, 2)
    print(json.dumps({"start": figures}))


if __name__ == "__main__":
    main()
