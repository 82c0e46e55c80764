"""A real studio and a real browser, once for all browser tests.

The studio is started as a person would, with `streamlit run` alone, on a fresh home: it has to bring up the supervisor by
itself. The browser is Debian's Chromium, or the one that `SAMAJH_CHROMIUM` names. Without a browser the tests are skipped,
loudly; in CI (`CI` set) they fail.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

import dashboard
from dashboard import catalogue
from dashboard.jobs import control
from dashboard.settings import Settings
from dashboard.tracking.store import Store

ROOT = Path(dashboard.__file__).parent.parent
READY_S = 90.0
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--mute-audio",
)


@dataclass(frozen=True)
class Studio:
    """A running studio: its address, its settings and the process of its pages."""

    url: str
    settings: Settings
    process: subprocess.Popen[bytes]
    log: Path

    def store(self) -> Store:
        """The store of this studio; close it."""
        return Store.open(self.settings)


@contextmanager
def running_studio(home: Path) -> Iterator[Studio]:
    """`streamlit run dashboard/app.py` on a home; supervisor and jobs are ended with it."""
    home.parent.mkdir(parents=True, exist_ok=True)
    log = home.parent / "streamlit.log"
    settings = Settings(home=home, port=free_port())
    environment = {
        **os.environ,
        "SAMAJH_HOME": str(home),
        "SAMAJH_STRICT_TEXTS": "1",
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
    }
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "dashboard" / "app.py")]
    with log.open("wb") as written:
        process = subprocess.Popen(
            [*command, "--server.port", str(settings.port)], env=environment, cwd=ROOT, stdout=written, stderr=written
        )
    try:
        _await_server(settings, process, log)
        yield Studio(f"http://127.0.0.1:{settings.port}", settings, process, log)
    finally:
        process.terminate()
        process.wait(20)
        if settings.home.is_dir():
            with Store.open(settings) as store:
                control.shut_down(store, settings)


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio on a fresh home."""
    with running_studio(tmp_path_factory.mktemp("browser") / "home") as started:
        yield started


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_server(settings: Settings, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server answers."""
    until = time.monotonic() + READY_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{settings.port}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"the studio did not come up:\n{log.read_text(errors='replace')}")


def serve(studio: Studio, port: int) -> subprocess.Popen[bytes]:
    """Another Streamlit on the same home."""
    environment = {**os.environ, "SAMAJH_HOME": str(studio.settings.home), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(ROOT / "dashboard" / "app.py"), "--server.port", str(port)],
        env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    until = time.monotonic() + 90
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2):
                return process
        except OSError:
            time.sleep(0.1)
    process.kill()
    raise AssertionError("the second studio did not come up")


@pytest.fixture(scope="session")
def playwright_() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright_: Playwright) -> Iterator[Browser]:
    executable = os.environ.get("SAMAJH_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        message = "NO BROWSER: install chromium or set SAMAJH_CHROMIUM; nothing that a person sees was tested"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    launched = playwright_.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
    yield launched
    launched.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile: an English browser, 1440 px wide, light."""
    made = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US", color_scheme="light")
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext, studio: Studio) -> Iterator[Page]:
    """A tab; when the test is over, nothing may have been asked of any other server."""
    tab = context.new_page()
    foreign: list[str] = []
    tab.on("request", lambda request: foreign.append(request.url) if _is_foreign(request.url, studio.url) else None)
    yield tab
    assert not foreign, f"the page asked other servers: {foreign}"


def _is_foreign(url: str, own: str) -> bool:
    return url.startswith(("http:", "https:", "ws:", "wss:")) and own.split("//")[1] not in url


@pytest.fixture(scope="session")
def warm(studio: Studio, browser: Browser) -> Studio:
    """The studio once its catalogue is there."""
    tab = browser.new_page()
    tab.goto(studio.url)
    await_warm(studio)
    tab.close()
    return studio


def await_warm(studio: Studio) -> None:
    """Wait until the supervisor that the first visit brought up is ready and has published the catalogue."""
    until = time.monotonic() + READY_S
    while catalogue.read(studio.settings) is None or control.supervisor_status(studio.settings).start == "starting":
        assert time.monotonic() < until, studio.log.read_text(errors="replace")
        time.sleep(0.2)
