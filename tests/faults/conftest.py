"""A studio for all faults (they kill its supervisor again and again), and the uninterrupted run that every maltreated run is compared with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import psutil
import pytest

from dashboard.tracking.records import State
from tests.jobs.studio import Studio

TRIALS = range(int(os.environ.get("SAMAJH_FAULT_TRIALS", "2")))
STEPS = 40
TRUE_WITHIN_S = 5.0


@dataclass(frozen=True)
class Uninterrupted:
    """What a run that nobody disturbed came to."""

    weights_sha256: str
    loss: tuple[list[int], list[float]]
    error: tuple[list[int], list[float]]


@pytest.fixture(scope="package")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    made = Studio(tmp_path_factory.mktemp("faults") / "home")
    try:
        made.start()
        yield made
    finally:
        made.close()


@pytest.fixture(scope="package")
def uninterrupted(studio: Studio) -> Uninterrupted:
    run = studio.submit(training={"steps": STEPS})
    finished = studio.until_state(run, State.FINISHED)
    assert finished.weights_sha256 is not None
    return Uninterrupted(finished.weights_sha256, studio.curve(run), studio.curve(run, "error"))


def assert_as_if_nothing_had_happened(studio: Studio, run: str, expected: Uninterrupted) -> None:
    finished = studio.until_state(run, State.FINISHED, within_s=90)
    assert finished.step == STEPS
    assert finished.weights_sha256 == expected.weights_sha256
    assert studio.curve(run) == expected.loss, "a step was lost or doubled"
    assert studio.curve(run, "error") == expected.error
    studio.until(lambda: not stray(studio), TRUE_WITHIN_S, f"no process is left over: {stray(studio)}")


def stray(studio: Studio) -> list[str]:
    """Zombies, and processes that neither the supervisor nor its starter is answerable for, when nothing is running."""
    supervisor = studio.supervisor()
    found = []
    for process in studio.processes():
        try:
            answerable = process.pid == supervisor or supervisor in [parent.pid for parent in process.parents()]
            if process.status() == psutil.STATUS_ZOMBIE or not answerable:
                found.append(f"{process.pid} {process.status()} {' '.join(process.cmdline())[-80:]}")
        except psutil.Error:
            continue
    return found
