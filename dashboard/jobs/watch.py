"""Watching one living job: is it there, does it move, does it heed a request to stop, does it stay within its memory."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

from dashboard.jobs import words
from dashboard.jobs.folder import LOCK, Ask, journal_size
from dashboard.jobs.liveness import Identity, end_group, holder, last_holder, suspended
from dashboard.jobs.memory import tree_mib
from dashboard.tracking import journal
from dashboard.tracking.records import Reason

START_WITHIN_S = 20.0
"""A job that does not hold its lock this long after it was ordered has never begun; a later one finds itself overtaken."""
TERM_AFTER_S = 15.0
"""A job asked to stop gets SIGTERM after this long..."""
KILL_AFTER_S = 25.0
"""...and SIGKILL after this long."""
SILENT_AFTER_S = 120.0
MOST_WAKES = 3
_LOOK_EVERY_S = 1.0


@dataclass
class Watched:
    """A job the supervisor has started or adopted, and what it knows of it."""

    run: str
    attempt: int
    folder: Path
    memory_limit_mib: int
    adopted: bool = False
    """Whether an earlier supervisor ordered it."""
    identity: Identity | None = None
    journal_from: int = 0
    """Bytes in the journal when this attempt was ordered."""
    begun: bool = False
    """Whether the first record of the attempt was seen."""
    patience_s: float = START_WITHIN_S
    """How long it may take to its lock."""
    ordered_at: float = field(default_factory=time.monotonic)
    asked: Ask | None = None
    asked_at: float = 0.0
    over_memory: bool = False
    status: int | None = None
    """How its process ended, once that is known."""
    unseen_since: float | None = None
    lingers_since: float | None = None
    wakes: int = 0
    wakes_told: int = 0
    _looked_at: float = 0.0
    _still_since: float | None = None
    _told: Reason | None = None

    def alive(self) -> bool:
        """Whether the job holds its lock; remembers who it is while it does."""
        pid = holder(self.folder / LOCK)
        if pid is None:
            return False
        if self.identity is None or self.identity.pid != pid:
            self.identity = Identity.of(pid)
        return True

    def may_still_begin(self) -> bool:
        """Whether a job without a lock may merely not have reached it yet."""
        return self.identity is None and self.status is None and time.monotonic() - self.ordered_at < self.patience_s

    def climb(self) -> None:
        """The stop ladder: the request first, then SIGTERM, then SIGKILL to the whole group."""
        if self.asked is None or self.identity is None:
            return
        waited = time.monotonic() - self.asked_at
        if waited > KILL_AFTER_S:
            end_group(self.identity, signal.SIGKILL)
        elif waited > TERM_AFTER_S and self.identity.alive():
            os.kill(self.identity.pid, signal.SIGTERM)
            os.kill(self.identity.pid, signal.SIGCONT)
        elif suspended(self.identity.pid) and self.identity.alive():
            os.kill(self.identity.pid, signal.SIGCONT)

    def look(self) -> Reason | None:
        """Once a second: what is wrong with the living job, or None. Kills it when it is over its memory limit."""
        now = time.monotonic()
        if self.identity is None or now - self._looked_at < _LOOK_EVERY_S:
            return self._told
        self._looked_at = now
        self._told = self._memory() or self._standing_still(now) or self._silence()
        return self._told

    def bury(self) -> None:
        """End whatever the dead job left of its process group, such as loading processes."""
        identity = self.identity or last_holder(self.folder / LOCK)
        if identity is not None:
            end_group(identity, signal.SIGKILL)

    def _memory(self) -> Reason | None:
        assert self.identity is not None
        if not self.memory_limit_mib or tree_mib(self.identity.pid) <= self.memory_limit_mib:
            return None
        self.over_memory = True
        end_group(self.identity, signal.SIGKILL)
        return Reason("out_of_memory", words.filled(words.OUT_OF_MEMORY, limit=self.memory_limit_mib))

    def _standing_still(self, now: float) -> Reason | None:
        assert self.identity is not None
        if not suspended(self.identity.pid):
            self._still_since = None
            return None
        if self._still_since is None:  # told now, woken at the next look: a debugger's short halt is left alone
            self._still_since = now
            return words.SUSPENDED
        if self.wakes >= MOST_WAKES:
            return words.STANDS_STILL
        self.wakes += 1
        os.kill(self.identity.pid, signal.SIGCONT)
        return words.SUSPENDED

    def _silence(self) -> Reason | None:
        try:
            quiet = time.time() - (self.folder / journal.NAME).stat().st_mtime
        except OSError:
            return None
        if not self.begun or quiet < SILENT_AFTER_S:
            return None
        return Reason("silent", words.filled(words.SILENT, seconds=int(quiet // 60 * 60)))


def ordered(run: str, attempt: int, folder: Path, memory_limit_mib: int) -> Watched:
    """A job about to be started."""
    return Watched(run, attempt, folder, memory_limit_mib, journal_from=journal_size(folder))
