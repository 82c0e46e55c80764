"""Disk use is told as it is, and thinning keeps the newest and the best."""

from __future__ import annotations

import math

import pytest

from dashboard.settings import Settings
from dashboard.tracking import retention
from dashboard.tracking.ingest import collect
from dashboard.tracking.records import RunFilter
from dashboard.tracking.store import Store
from data.text import Problem
from tests.tracking.conftest import Job


@pytest.fixture
def job(store: Store, settings: Settings) -> Job:
    made = Job(store)
    made.start()
    losses = {10: 0.5, 20: math.nan, 30: 0.1, 40: 0.1, 50: 0.9, 60: 0.8}
    for step, loss in losses.items():
        made.checkpoint(step, size=1000 + step, loss=loss, score=step if step < 25 else 1.0)
    collect(store, settings)
    return made


def test_the_newest_and_the_best_by_each_metric_are_kept(store: Store, job: Job) -> None:
    found = store.checkpoints(job.run.id)

    def steps(newest: int, **better: retention.Better) -> list[int]:
        return [checkpoint.step for checkpoint in retention.kept(found, newest, better)]

    assert steps(2) == [50, 60]
    assert steps(1, loss="lower") == [30, 60]
    assert steps(1, loss="higher", score="higher") == [20, 50, 60]
    assert steps(1, unheard_of="lower") == [60]
    assert steps(99) == [10, 20, 30, 40, 50, 60]


def test_pruning_frees_the_files_and_forgets_their_rows(store: Store, settings: Settings, job: Job) -> None:
    with pytest.raises(Problem) as caught:
        retention.prune(store, job.run.id, newest=1)
    assert caught.value.code == "run_active"
    job.end("stopped", 60)
    collect(store, settings)
    assert retention.prune(store, job.run.id, newest=1, better={"loss": "lower"}) == 1010 + 1020 + 1040 + 1050
    assert [checkpoint.step for checkpoint in store.checkpoints(job.run.id)] == [30, 60]
    assert sorted(path.name for path in (job.folder / "checkpoints").iterdir()) == ["30.ckpt", "60.ckpt"]
    assert retention.prune(store, job.run.id, newest=1, better={"loss": "lower"}) == 0


def test_a_checkpoint_whose_file_is_gone_is_not_offered(store: Store, job: Job) -> None:
    (job.folder / "checkpoints" / "30.ckpt").unlink()
    assert [checkpoint.step for checkpoint in store.checkpoints(job.run.id)] == [10, 20, 40, 50, 60]


def test_disk_use_adds_up_and_is_measured_against_the_budget(store: Store, settings: Settings, job: Job) -> None:
    use = retention.usage(settings)
    (run,) = use.runs
    assert run.checkpoints == 6 * 1000 + 210
    assert run.total == sum(path.stat().st_size for path in job.folder.rglob("*") if path.is_file())
    assert use.total == sum(path.stat().st_size for path in settings.home.rglob("*") if path.is_file())
    assert (use.budget, use.over) == (10_240 * 1024 * 1024, 0)
    assert use.disk_free > 0
    small = retention.usage(settings.model_copy(update={"disk_budget_mib": 0}))
    assert small.over == small.total > 0


def test_emptying_the_trash_removes_only_what_lies_in_it_long_enough(
    store: Store, settings: Settings, job: Job
) -> None:
    job.end("stopped", 60)
    other = Job(store)
    collect(store, settings)
    store.delete(job.run.id)
    assert retention.empty_trash(store, older_than_s=3600) == []
    assert retention.empty_trash(store) == [job.run.id]
    assert [run.id for run in store.runs(RunFilter(deleted=None))] == [other.run.id]
    assert not job.folder.exists()
