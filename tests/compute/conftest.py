"""A trained run for the workers to answer about."""

from __future__ import annotations

import pytest

from dashboard.tracking.records import State
from tests.jobs.studio import Studio


@pytest.fixture(scope="session")
def trained(studio: Studio) -> str:
    run = studio.submit()
    studio.until_state(run, State.FINISHED)
    return run
