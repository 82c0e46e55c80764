"""What a run needs is told truly also by a process that had needed more before."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from dashboard.jobs import workshop
from dashboard.jobs.estimate import measure
from dashboard.jobs.memory import fresh_peak_mib, peak_mib
from dashboard.jobs.spec import RunSpec

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere the peak of a process cannot be forgotten"
)


def _large(mib: int) -> float:
    return float(np.ones(mib * 2**17).sum())


def test_the_peak_is_what_was_held_since() -> None:
    _large(700)
    before = fresh_peak_mib()
    _large(200)
    assert 195 <= peak_mib() - before <= 215


def test_an_estimate_does_not_hide_behind_what_was_there_before() -> None:
    checked = workshop.check(RunSpec(method="ddpm", dataset="mnist", preset="tiny"))
    first = measure(checked, threads=1)
    _large(first.mib + 500)
    again = measure(checked, threads=1)
    assert first.mib > 20 and again.mib > first.mib / 2
