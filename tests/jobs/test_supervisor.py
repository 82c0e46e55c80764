"""The supervisor's loop when its home goes in the midst of a round."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dashboard.jobs.status import LOCK
from dashboard.jobs.supervisor import Supervisor
from dashboard.settings import Settings


@dataclass
class _Desk:
    """A desk whose turn meets a file that is not there any more."""

    home: Path
    leaves: bool
    abandoned: bool = False
    watched: dict[str, Any] = field(default_factory=dict)
    queued: tuple[str, ...] = ()
    rows: dict[str, Any] = field(default_factory=dict)

    def turn(self) -> None:
        if self.leaves:
            self.home.rename(self.home.with_name("gone"))
        (self.home / "runs" / "x" / "journal.jsonl").read_bytes()

    def abandon(self) -> None:
        self.abandoned = True


class _Launcher:
    mode = "cold"

    def open(self) -> None: ...

    def attend(self, _: float) -> None: ...


def _supervisor(desk: _Desk) -> Supervisor:
    desk.home.mkdir()
    (desk.home / LOCK).touch()
    inode = (desk.home / LOCK).stat().st_ino
    return Supervisor(Settings(home=desk.home), desk, _Launcher(), 0.0, inode)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _no_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)


def test_jobs_are_ended_when_a_round_fails_because_the_home_went(tmp_path: Path) -> None:
    desk = _Desk(tmp_path / "home", leaves=True)
    _supervisor(desk).run()
    assert desk.abandoned


def test_any_other_failure_of_a_round_is_not_hidden(tmp_path: Path) -> None:
    desk = _Desk(tmp_path / "home", leaves=False)
    with pytest.raises(FileNotFoundError):
        _supervisor(desk).run()
    assert not desk.abandoned
