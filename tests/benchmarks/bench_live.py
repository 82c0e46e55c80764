"""What watching costs the server: memory over 2,000 refreshes of a live page, five people watching, bytes a refresh.

Run with `python -m tests.benchmarks.bench_live [--quick]`. A real Streamlit process shows a run that this process keeps
writing (200 points a second, a picture every two seconds, through the journal, as a notebook would). Refreshes come over
the real websocket. How long a point takes from the journal to the screen is measured in Chromium, if there is one.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

from dashboard.jobs import control
from dashboard.settings import Settings
from dashboard.tracking import lock
from dashboard.tracking.journal import Journal
from dashboard.tracking.records import NewRun, Run, State
from dashboard.tracking.store import Store
from tests.benchmarks.streamlit_client import Session
from tests.import_graph import ROOT

MIB = 1024 * 1024
POINTS_A_SECOND = 200
PICTURE_EVERY_S = 2.0
WATCHERS = 5


@dataclass(frozen=True)
class Scale:
    """How much is measured."""

    refreshes: int = 2_000
    warm_up: int = 200
    each_watcher: int = 60
    trials: int = 20

    @classmethod
    def quick(cls) -> Scale:
        """A minute's worth."""
        return cls(refreshes=150, warm_up=50, each_watcher=10, trials=4)


class Writer(threading.Thread):
    """A run that never ends: points and pictures into its journal until `done` is set."""

    def __init__(self, store: Store, run: Run) -> None:
        super().__init__(daemon=True)
        self.folder = store.folder(run.id)
        lock.acquire(self.folder / "lock")
        self.journal = Journal(self.folder, 1)
        self.journal.write("start", pid=os.getpid(), env={})
        self.done = threading.Event()
        self.step = 0

    def run(self) -> None:
        """Write; the curve falls and is noisy, as curves are."""
        noise = np.random.default_rng(0)
        pictures = time.monotonic()
        while not self.done.wait(1 / POINTS_A_SECOND):
            self.point(0.1 + float(np.exp(-self.step / 2000 + noise.normal(0, 0.2))))
            if time.monotonic() > pictures:
                pictures += PICTURE_EVERY_S
                self.picture(noise)

    def point(self, value: float) -> None:
        """One point of three metrics."""
        self.step += 1
        self.journal.metrics(self.step, {"loss": value, "held_out": 1.1 * value, "system/cpu_percent": 50.0})

    def picture(self, noise: np.random.Generator) -> None:
        """One picture of 20 kB that has not been seen before."""
        (self.folder / "media").mkdir(exist_ok=True)
        written = io.BytesIO()
        Image.fromarray(noise.integers(0, 256, (140, 140), dtype=np.uint8)).save(written, "PNG")
        path = f"media/samples-{self.step}.png"
        (self.folder / path).write_bytes(written.getvalue())
        self.journal.write("media", s=self.step, n="samples", kind="image", p=path, c={"en": "x", "hi": "x"}, i={})


@contextmanager
def served(settings: Settings) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A Streamlit process on this home, and its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {**os.environ, "SAMAJH_HOME": str(settings.home), "PYTHONPATH": str(ROOT), "SAMAJH_EXAMPLES": "false"}
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "dashboard" / "app.py"), "--server.port", str(port)]
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 90
        while time.monotonic() < until:
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2):
                break
            time.sleep(0.1)
        yield process, port
    finally:
        process.terminate()
        process.wait(20)
        control.end_supervisor(settings)


def resident_mib(process: subprocess.Popen[bytes]) -> float:
    """Resident memory of the server, in MiB."""
    return float(psutil.Process(process.pid).memory_info().rss) / MIB


def refreshing(scale: Scale, process: subprocess.Popen[bytes], port: int, run: str, figures: dict[str, float]) -> None:
    """One person watches for `refreshes` refreshes; growth counts from the end of the warm-up."""
    costs: list[int] = []
    times: list[float] = []
    with Session(port, "run", f"run={run}") as session:
        for _ in range(scale.warm_up):
            session.refresh()
        before = resident_mib(process)
        for done in range(scale.refreshes):
            if done % 200 == 0:
                sys.stderr.write(f"{done:5} refreshes: {resident_mib(process):.1f} MiB\n")
            began = time.perf_counter()
            costs.append(session.refresh())
            times.append(time.perf_counter() - began)
        figures["server_growth_mib"] = resident_mib(process) - before
        figures["server_mib_one_watching"] = resident_mib(process)
    figures["refreshes"] = scale.refreshes
    figures["largest_refresh_kib"] = max(costs) / 1024
    figures["median_refresh_kib"] = statistics.median(costs) / 1024
    figures["median_refresh_ms"] = 1000 * statistics.median(times)


def watching(scale: Scale, process: subprocess.Popen[bytes], port: int, run: str, figures: dict[str, float]) -> None:
    """Five people watch the same run at once."""
    sessions = [Session(port, "run", f"run={run}") for _ in range(WATCHERS)]

    def watch(session: Session) -> None:
        for _ in range(scale.each_watcher):
            session.refresh()

    threads = [threading.Thread(target=watch, args=(session,)) for session in sessions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    figures["server_mib_five_watching"] = resident_mib(process)
    for session in sessions:
        session.__exit__(None, None, None)


def to_screen(scale: Scale, port: int, run: str, writer: Writer, figures: dict[str, float]) -> None:
    """From a point in the journal to the same point drawn in a browser; the page refreshes once a second."""
    chromium = os.environ.get("SAMAJH_CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        return
    from playwright.sync_api import TimeoutError as PlaywrightTimeout
    from playwright.sync_api import sync_playwright

    newest = "() => Math.max(...(document.querySelector('.samajh-plot')?._fullData ?? []).map(t => t.x.at(-1)))"
    delays = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{port}/run?run={run}")
        page.wait_for_selector(".samajh-plot .main-svg", timeout=120_000)
        for trial in range(scale.trials):
            page.wait_for_timeout(1500 + 137 * trial % 1000)  # not in step with the refreshes
            writer.point(0.1)
            began, step = time.perf_counter(), writer.step
            try:
                page.wait_for_function(f"step => ({newest})() >= step", arg=step, timeout=60_000, polling=20)
            except PlaywrightTimeout as error:
                shown, text = page.evaluate(newest), page.locator("body").inner_text()[:600]
                raise AssertionError(
                    f"trial {trial}: step {step} was not drawn, {shown} was; the page says: {text}"
                ) from error
            delays.append(time.perf_counter() - began)
        browser.close()
    figures["point_to_screen_median_s"] = statistics.median(delays)
    figures["point_to_screen_worst_s"] = max(delays)


ROWS: tuple[tuple[str, str, str], ...] = (
    ("refreshes", "{:,.0f}", ""),
    ("server_growth_mib", "{:+.1f} MiB", "under 50"),
    ("server_mib_one_watching", "{:.0f} MiB", ""),
    ("server_mib_five_watching", "{:.0f} MiB", "under 250"),
    ("median_refresh_ms", "{:.0f} ms", ""),
    ("median_refresh_kib", "{:.0f} KiB", ""),
    ("largest_refresh_kib", "{:.0f} KiB", "under 1,024"),
    ("point_to_screen_median_s", "{:.2f} s", "about the 1 s between refreshes"),
    ("point_to_screen_worst_s", "{:.2f} s", ""),
)


def table(figures: dict[str, float]) -> str:
    """One line a figure, beside its aim."""
    return "\n".join(
        f"{name:28} {shape.format(figures[name]):>12}   {aim}".rstrip() for name, shape, aim in ROWS if name in figures
    )


def measure(scale: Scale) -> dict[str, float]:
    """All figures, in a home of their own."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="samajh-bench-live-") as folder:
        settings = Settings(home=Path(folder) / "home")
        with Store.open(settings) as store:
            order = NewRun("Live", "ddpm", "digits", "tiny", {}, 0, 1_000_000, external=True)
            run, _ = store.create_run(order)
            writer = Writer(store, run)
            store.set_state(run.id, State.RUNNING, started_at=time.time(), attempt=1)
            writer.start()
            with served(settings) as (process, port):
                refreshing(scale, process, port, run.id, figures)
                watching(scale, process, port, run.id, figures)
                writer.done.set()
                writer.join()
                sys.stderr.write(table(figures) + "\n")  # known even if the browser fails below
                to_screen(scale, port, run.id, writer, figures)
            lock.release(writer.folder / "lock")
    return figures


def main() -> None:
    """Measure, print the table and one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small numbers, to see that everything works")
    scale = Scale.quick() if parser.parse_args().quick else Scale()
    figures = measure(scale)
    print(table(figures))
    print(json.dumps({"live": figures}))


if __name__ == "__main__":
    main()
