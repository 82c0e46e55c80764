"""What the supervisor says of itself: a small file beside its lock. The lock, not the file, says whether it lives."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from dashboard.jobs.liveness import holder
from dashboard.settings import Settings
from data.text import Text

LOCK = "supervisor.lock"
STATUS = "supervisor.json"
LOG = "supervisor.log"

Start = Literal["warm", "cold", "starting"]


class SupervisorStatus(BaseModel):
    """Whether the supervisor lives and how it stands. `since` is Unix time."""

    model_config = ConfigDict(frozen=True)

    alive: bool = False
    pid: int | None = None
    start: Start = "starting"
    since: float = 0.0
    slots: int = 0
    running: int = 0
    queued: int = 0
    trouble: Text | None = None
    """What it cannot do at the moment, such as write to a locked store."""


def supervisor_status(settings: Settings) -> SupervisorStatus:
    """How the supervisor of this home stands; cheap enough for every refresh of a page."""
    pid = holder(settings.home / LOCK)
    if pid is None:
        return SupervisorStatus()
    try:
        said = SupervisorStatus.model_validate_json((settings.home / STATUS).read_text())
    except (OSError, ValueError):
        said = None
    if said is None or said.pid != pid:  # just started: the file is its predecessor's
        return SupervisorStatus(alive=True, pid=pid, since=time.time(), slots=settings.job_slots)
    return said.model_copy(update={"alive": True})


def write_status(home: Path, status: SupervisorStatus) -> None:
    """Replace the status file."""
    temporary = home / f".{STATUS}"
    temporary.write_text(status.model_dump_json())
    temporary.replace(home / STATUS)
