"""`samajh status|doctor`: how the house as a whole stands."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from dashboard import doctor as examination
from dashboard.cli.declare import command, told
from dashboard.cli.opening import house
from dashboard.cli.reply import FAILED, Reply, say
from dashboard.cli.words import duration
from dashboard.jobs import control
from dashboard.jobs.words import STATES
from dashboard.settings import settings
from dashboard.tracking.records import RunFilter, State
from data.text import Text

_MARKS = {
    "ok": Text(en="ok", hi="ठीक"),
    "warning": Text(en="warning", hi="चेतावनी"),
    "error": Text(en="error", hi="गड़बड़ी"),
}


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    command(app, "status", told("How supervisor, queue and home stand.", "सुपरवाइज़र, कतार और होम की स्थिति।"))(status)
    command(app, "doctor", told("Find what keeps the studio from working.", "स्टूडियो में क्या ठीक नहीं है, पता करें।"))(doctor)


def status() -> Reply:
    """Supervisor, slots, runs by state."""
    with house() as home:
        here = control.supervisor_status(home.settings)
        counts = {state: home.store.count(RunFilter(states=(state,))) for state in State}
        slots = here.slots or home.settings.job_slots
    values = {
        "home": home.settings.home,
        "supervisor": {"alive": here.alive, "pid": here.pid, "start": here.start, "slots": slots},
        "runs": counts,
    }
    if here.alive:
        text = Text(
            en="Supervisor alive ({start} start, process {pid}) for {age}; {slots} slots.",
            hi="सुपरवाइज़र चल रहा है ({start} स्टार्ट, प्रोसेस {pid}), {age} से; {slots} स्लॉट।",
        )
        lines = [say(text, start=here.start, pid=here.pid, age=duration(time.time() - here.since), slots=slots)]
    else:
        lines = [say(Text(en="No supervisor; it starts when it is needed.", hi="सुपरवाइज़र बंद है; ज़रूरत पर चालू होगा।"))]
    lines += [f"{say(STATES[state])}: {count}" for state, count in counts.items() if count]
    return Reply(values, [str(home.settings.home), *lines])


def doctor(
    quick: Annotated[bool, typer.Option("--quick", help=told("Leave out what imports PyTorch (seconds).", "PyTorch इम्पोर्ट करने वाली जाँच छोड़ दें (कुछ सेकंड)।"))] = False,
) -> Reply:  # fmt: skip
    """Examine this installation and home; the exit code is 1 when something must be repaired."""
    findings = examination.examine(settings(), quick=quick)
    values = {
        "healthy": all(finding.level != "error" for finding in findings),
        "findings": [{"code": f.code, "level": f.level, "message": say(f.text)} for f in findings],
    }
    width = max(len(say(mark)) for mark in _MARKS.values())
    lines = [f"{say(_MARKS[f.level]):{width}}  {say(f.text)}" for f in findings]
    return Reply(values, lines, 0 if values["healthy"] else FAILED)
