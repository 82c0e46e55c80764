"""`samajh up`: page and supervisor together, and what becomes of the jobs when it ends.

Ctrl-C (or SIGTERM, as a container gets it) pauses the running jobs with a checkpoint, ends the supervisor and the page,
and notes which runs were paused; the next `samajh up` resumes exactly these. With `--leave-jobs` the supervisor and its
jobs go on without a page. A second Ctrl-C does not wait for the checkpoints: the jobs are left running.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from dashboard.cli.declare import command, told
from dashboard.cli.opening import house
from dashboard.cli.reply import FAILED, Reply, face, give, note, say
from dashboard.doctor import port_free, studio_answers
from dashboard.jobs import control
from dashboard.settings import Settings, settings
from dashboard.shadows import ROOT
from dashboard.tracking.records import RunFilter, State
from dashboard.tracking.store import Store
from data.text import Problem, Text

PAUSED_BY_UP = "paused-by-up.json"
"""Ids of the runs that the last `samajh up` paused when it ended."""
READY_LIMIT_S = 60.0
MOST_RESTARTS = 5
_LOOK_S = 0.2
_CHECK_S = 3.0


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    command(
        app,
        "up",
        told(
            "Start the studio: page and supervisor. Ctrl-C ends both.",
            "स्टूडियो शुरू करें: पेज और सुपरवाइज़र। Ctrl-C से दोनों बंद।",
        ),
    )(up)


def up(
    port: Annotated[int | None, typer.Option(min=1, max=65535, help=told("Port of the page (SAMAJH_PORT).", "पेज का पोर्ट (SAMAJH_PORT)।"))] = None,
    address: Annotated[str | None, typer.Option(help=told("Address the page listens on (SAMAJH_ADDRESS).", "पेज किस पते पर सुने (SAMAJH_ADDRESS)।"))] = None,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help=told("Open the page in a browser.", "पेज ब्राउज़र में खोलें।"))] = True,
    leave_jobs: Annotated[bool, typer.Option("--leave-jobs", help=told("At the end leave the jobs running.", "अंत में जॉब चलते रहने दें।"))] = False,
) -> Reply:  # fmt: skip
    """Run the studio until it is told to end."""
    changed = {key: value for key, value in (("port", port), ("address", address)) if value is not None}
    here = settings().model_copy(update=changed)
    _claim(here)
    with house() as home, _ending() as told_to_end:
        control.ensure_supervisor(here, idle_exit_s=0)
        resumed = _resume_paused(home.store, here)
        studio = Studio(here, home.store)
        try:
            studio.start()
            _announce(here, resumed, open_page=open_page)
            code = studio.serve(told_to_end)
        finally:
            studio.end(leave_jobs=leave_jobs)
    return Reply(None, (), code)


def _claim(here: Settings) -> None:
    """Refuse a port that is taken, in words."""
    if port_free(here.address, here.port):
        return
    if studio_answers(here.address, here.port):
        text = Text(
            en="A studio already runs at {url}. For a second one: samajh up --port {other}",
            hi="एक स्टूडियो {url} पर पहले से चल रहा है। दूसरे के लिए: samajh up --port {other}",
        )
    else:
        text = Text(
            en="Port {port} is taken by another program. Choose another: samajh up --port {other}",
            hi="पोर्ट {port} किसी दूसरे प्रोग्राम के पास है। दूसरा चुनें: samajh up --port {other}",
        )
    raise Problem(
        text.format(url=page_url(here), port=here.port, other=here.port + 1), code="port_taken", field="--port"
    )


def page_url(here: Settings) -> str:
    """The address to type into a browser on this machine."""
    host = "localhost" if here.address in ("0.0.0.0", "::", "127.0.0.1", "::1", "") else here.address
    return f"http://{host}:{here.port}"


@dataclass
class Studio:
    """The page's server as a child process, watched and restarted."""

    settings: Settings
    store: Store
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.settings.home / "page.log"

    def start(self) -> None:
        """Start the server and return when it answers."""
        self._launch()
        until = time.monotonic() + READY_LIMIT_S
        while not studio_answers(self.settings.address, self.settings.port):
            if self.process is None or self.process.poll() is not None or time.monotonic() > until:
                text = Text(en="The page did not start; see {log}.", hi="पेज शुरू नहीं हुआ; {log} देखें।")
                raise Problem(text.format(log=self.log), code="page_failed")
            time.sleep(_LOOK_S)

    def _launch(self) -> None:
        here = self.settings
        environment = {
            "MALLOC_ARENA_MAX": "2",  # see dashboard/ui/heap.py, which can only ask for it later
            **os.environ,
            "SAMAJH_HOME": str(here.home),
            "SAMAJH_PORT": str(here.port),
            "SAMAJH_ADDRESS": here.address,
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "streamlit", "run", str(ROOT / "dashboard" / "app.py"),
                 "--server.port", str(here.port), "--server.address", here.address],
                env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=here.home,
                start_new_session=True,  # the terminal's Ctrl-C reaches us alone; we end the server in order
            )  # fmt: skip

    def serve(self, told_to_end: Told) -> int:
        """Watch server and supervisor until told to end; 0, or 1 when the server cannot be kept alive."""
        checked = time.monotonic()
        while not told_to_end.times:
            time.sleep(_LOOK_S)
            if self.process is not None and self.process.poll() is not None:
                if self.restarts == MOST_RESTARTS:
                    note(
                        Text(
                            en="The page ended again and again; see {log}.", hi="पेज बार-बार बंद हो रहा है; {log} देखें।"
                        ).format(log=self.log)
                    )
                    return FAILED
                self.restarts += 1
                note(Text(en="The page's server ended by itself and is started again; the runs went on.",
                          hi="पेज का सर्वर अपने आप बंद हुआ, फिर शुरू किया जा रहा है; रन चलते रहे।"))  # fmt: skip
                self._launch()
            if time.monotonic() - checked > _CHECK_S:
                checked = time.monotonic()
                control.ensure_supervisor(self.settings, idle_exit_s=0)
        return 0

    def end(self, *, leave_jobs: bool) -> None:
        """End the page, then the supervisor; jobs are paused with a checkpoint unless they are to be left."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
        if leave_jobs:
            note(Text(en="The page is closed; the jobs go on.", hi="पेज बंद हुआ; जॉब चलते रहेंगे।"))
        else:
            self._pause_all()
        if self.process is not None:
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def _pause_all(self) -> None:
        working = (State.STARTING, State.RUNNING)
        runs = [run.id for run in self.store.runs(RunFilter(states=working, deleted=None)) if not run.external]
        if runs:
            note(Text(en="Ending: {n} runs save a checkpoint first (Ctrl-C again: leave them running).",
                      hi="बंद हो रहा है: पहले {n} रन चेकपॉइंट सहेजते हैं (फिर Ctrl-C: उन्हें चलने दें)।").format(n=len(runs)))  # fmt: skip
        try:
            control.shut_down(self.store, self.settings)
        except KeyboardInterrupt:
            note(Text(en="The jobs go on.", hi="जॉब चलते रहेंगे।"))
            return
        paused = [run for run in runs if self.store.run(run).state is State.PAUSED]
        if paused:
            (self.settings.home / PAUSED_BY_UP).write_text(json.dumps(paused), "utf-8")
            note(Text(en="{n} runs are paused and go on with the next samajh up.",
                      hi="{n} रन ठहरे हैं और अगले samajh up पर जारी होंगे।").format(n=len(paused)))  # fmt: skip


@dataclass
class Told:
    """How often this process was asked to end."""

    times: int = 0


@contextmanager
def _ending() -> Iterator[Told]:
    """Count Ctrl-C and SIGTERM instead of dying of them; the second one interrupts what is being waited for."""
    told_to_end = Told()

    def heard(number: int, frame: FrameType | None) -> None:
        told_to_end.times += 1
        if told_to_end.times > 1:
            raise KeyboardInterrupt

    signals = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = {number: signal.signal(number, heard) for number in signals}
    try:
        yield told_to_end
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _resume_paused(store: Store, here: Settings) -> list[str]:
    """Resume the runs that the last `up` paused, those that are still paused."""
    path = here.home / PAUSED_BY_UP
    try:
        noted = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return []
    path.unlink()
    known = {run.id for run in store.runs(RunFilter(ids=tuple(noted), states=(State.PAUSED,)))}
    for run in sorted(known):
        control.resume(store, here, run)
    return sorted(known)


def _announce(here: Settings, resumed: list[str], *, open_page: bool) -> None:
    """Say where the page is; as JSON this is the one object."""
    status = control.supervisor_status(here)
    values = {"url": page_url(here), "pid": os.getpid(), "supervisor_pid": status.pid, "resumed": resumed,
              "home": here.home}  # fmt: skip
    lines = [
        say(
            Text(
                en="Samajh is at {url}  (home {home}; Ctrl-C ends it)", hi="समझ यहाँ है: {url}  (होम {home}; Ctrl-C से बंद)"
            ),
            url=values["url"],
            home=here.home,
        )
    ]
    if resumed:
        lines.append(say(Text(en="{n} paused runs go on.", hi="{n} ठहरे रन जारी हुए।"), n=len(resumed)))
    give(Reply(values, lines))
    if open_page and not face().as_json and sys.stdout.isatty() and _has_screen():
        webbrowser.open(page_url(here))


def _has_screen() -> bool:
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
