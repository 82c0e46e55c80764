"""One home with one warm supervisor for all command-line tests that need jobs; fresh homes for the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.jobs.control import end_supervisor
from dashboard.settings import Settings
from tests.cli.samajh import Samajh

SHORT = ("--dataset", "digits", "--preset", "tiny", "--set", "steps=12", "--set", "checkpoint_every=4")


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Samajh]:
    """A home whose supervisor is shared."""
    home = tmp_path_factory.mktemp("cli") / "home"
    try:
        yield Samajh(home)
    finally:
        end_supervisor(Settings(home=home))


@pytest.fixture(scope="session")
def finished(studio: Samajh) -> str:
    """Id of a finished run in the shared home; tests leave it as it is."""
    said = studio("train", "ddpm", *SHORT, "--name", "first", "--tag", "kept", "--wait", "--json")
    assert said.code == 0, said
    return str(said.json["run_id"])


@pytest.fixture
def fresh(tmp_path: Path) -> Samajh:
    """An empty home without a supervisor; for commands that start no job."""
    return Samajh(tmp_path / "home")
