"""The process of the pages: no torch in it on any page, and small with five people looking."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser

from dashboard.tracking.records import RunFilter
from dashboard.ui.page import discover
from tests.browser.conftest import Studio, free_port, serve
from tests.browser.watching import open_page

pytestmark = pytest.mark.browser

SESSIONS = 5
MOST_MIB = 250


def test_five_sessions_load_no_torch_on_any_page_and_stay_small(browser: Browser, warm: Studio) -> None:
    with warm.store() as store:
        examples = store.runs(RunFilter(example=True, limit=SESSIONS))
    port = free_port()
    server = serve(warm, port)  # its own, since the other has served all tests before this one
    address = f"http://127.0.0.1:{port}"
    contexts = [browser.new_context() for _ in range(SESSIONS)]
    tabs = [context.new_page() for context in contexts]
    try:
        for one in discover():
            open_page(tabs[0], f"{address}/{'' if one.page.name == 'home' else one.page.name}")
        for tab, run in zip(tabs, cycle(examples) if examples else (), strict=False):
            open_page(tab, f"{address}/run?run={run.id}")
        used = psutil.Process(server.pid).memory_info().rss / 2**20
        loaded = Path(f"/proc/{server.pid}/maps").read_text(encoding="utf-8", errors="replace")
    finally:
        for context in contexts:
            context.close()
        server.kill()
        server.wait()
    print(f"the process of the pages holds {used:.0f} MiB with {SESSIONS} sessions")
    assert "libtorch" not in loaded
    assert used < MOST_MIB, f"{used:.0f} MiB with {SESSIONS} sessions"
