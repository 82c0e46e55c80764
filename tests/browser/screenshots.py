"""Pictures for the README, taken from a real studio: `make screenshots`.

    python -m tests.browser.screenshots [folder]

A fresh home with the example runs in it; every picture is of a page as it stands. The folder is `dashboard/docs/images` unless another is named.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, expect, sync_playwright

from dashboard.tracking.records import RunFilter, State
from tests.browser.conftest import ARGUMENTS, ROOT, Studio, await_warm, running_studio
from tests.browser.watching import complete, open_page, settled

IMAGES = ROOT / "dashboard" / "docs" / "images"
FINISH_MS = 600_000
DRAWN_MS = 4000
"""Charts draw themselves after the page is there."""
EXPLAINED_MS = 45_000
"""An explanation and its evidence come while one looks."""


@dataclass(frozen=True)
class Shot:
    """One picture: its file, its page, and how the browser is set."""

    name: str
    page: str
    language: Literal["en", "hi"] = "en"
    scheme: Literal["light", "dark"] = "light"
    width: int = 1440
    height: int = 1000
    drawn_ms: int = DRAWN_MS


def shots(run: str) -> list[Shot]:
    """What is shown in the README; `run` is a finished run."""
    return [
        Shot("home", ""),
        Shot("new-run", "new_run"),
        Shot("run", f"run?run={run}", height=1300),
        Shot("run-dark-hindi", f"run?run={run}", "hi", "dark", height=1300),
        Shot("runs", "runs"),
        Shot("data", "data", height=1200),
        Shot("lab", "lab?face=steps", height=1100),
        Shot("explain-image", "explain?of=image", height=1500, drawn_ms=EXPLAINED_MS),
        Shot("explain-table", "explain?of=table", height=1750, drawn_ms=EXPLAINED_MS),
        Shot("run-phone-hindi", f"run?run={run}", "hi", width=360, height=1400),
    ]


def shown_run(browser: Browser, studio: Studio) -> str:
    """The id of a finished run on digits: an example, or one that is trained now."""
    with studio.store() as store:
        examples = store.runs(RunFilter(example=True, datasets=("digits",), states=(State.FINISHED,)))
    return examples[0].id if examples else train_one(browser, studio)


def train_one(browser: Browser, studio: Studio) -> str:
    """Start a small run from the form, as a person would, and wait for its end; its id."""
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    open_page(page, f"{studio.url}/new_run?method=ddpm&dataset=digits&preset=small")
    complete(page)
    page.get_by_label("Name").fill("Digits out of noise")
    page.get_by_label("Name").press("Enter")
    settled(page)
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_text("Finished", exact=True).first).to_be_visible(timeout=FINISH_MS)
    page.close()
    with studio.store() as store:
        return store.runs(RunFilter(states=(State.FINISHED,), example=False))[0].id


def take(browser: Browser, studio: Studio, shot: Shot, folder: Path) -> Path:
    """Take one picture."""
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height},
        color_scheme=shot.scheme,
        locale="hi-IN" if shot.language == "hi" else "en-US",
    )
    page = context.new_page()
    open_page(page, f"{studio.url}/{shot.page}")
    complete(page)
    page.wait_for_timeout(shot.drawn_ms)
    path = folder / f"{shot.name}.png"
    page.screenshot(path=path)
    context.close()
    return path


@contextmanager
def browser_of_this_machine() -> Iterator[Browser]:
    """Debian's Chromium, or the one that `SAMAJH_CHROMIUM` names."""
    executable = os.environ.get("SAMAJH_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        yield browser
        browser.close()


def main(arguments: Sequence[str] | None = None) -> None:
    """Take every picture."""
    parser = argparse.ArgumentParser(description="Take the README's pictures from a real studio.")
    parser.add_argument("folder", nargs="?", type=Path, default=IMAGES)
    folder: Path = parser.parse_args(arguments).folder
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="samajh-pictures-") as scratch,
        running_studio(Path(scratch) / "home") as studio,
        browser_of_this_machine() as browser,
    ):
        take(browser, studio, Shot("home", ""), folder)  # the first visit fills the home and wakes the supervisor
        await_warm(studio)
        run = shown_run(browser, studio)
        for shot in shots(run):
            print(take(browser, studio, shot, folder))


if __name__ == "__main__":
    main()
