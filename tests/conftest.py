"""What tests of several folders share: one warm studio, since a starter takes seconds to warm up."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

# Before numpy and torch are loaded. Tests run side by side and start processes: threads that wait for each other made 4 seconds of work take 195.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from tests.jobs.studio import Studio  # noqa: E402


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio with a warm supervisor for all tests of jobs and compute; jobs may use 700 MiB."""
    made = Studio(tmp_path_factory.mktemp("studio") / "home", memory_limit_mib=700)
    try:
        made.start()
        yield made
    finally:
        made.close()
