"""What tests of several folders share: one warm studio, since a starter takes seconds to warm up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.jobs.studio import Studio


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio with a warm supervisor for all tests of jobs and compute; jobs may use 700 MiB."""
    made = Studio(tmp_path_factory.mktemp("studio") / "home", memory_limit_mib=700)
    try:
        made.start()
        yield made
    finally:
        made.close()
