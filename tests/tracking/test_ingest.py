"""Journals reach the store once and whole, whatever is torn, doubled, killed or copied in."""

from __future__ import annotations

import math
import multiprocessing
import os
import shutil
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from dashboard.settings import Settings
from dashboard.tracking import ingest, lock
from dashboard.tracking.ingest import collect
from dashboard.tracking.journal import Journal
from dashboard.tracking.records import RunFilter, State
from dashboard.tracking.store import Store
from tests.tracking.conftest import Job, new_run


def test_a_whole_run_reaches_the_store(store: Store, settings: Settings) -> None:
    job = Job(store)
    journal = job.start()
    journal.write("info", v={"total_steps": 40, "reference_lines": [{"metric": "loss", "value": 1.0}]})
    job.log(range(1, 41), loss=lambda step: 1 / step)
    (job.folder / "media").mkdir()
    (job.folder / "media" / "a.png").write_bytes(b"png")
    journal.write("media", s=20, n="samples", kind="image", p="media/a.png", c={"en": "A", "hi": "अ"}, i={"n": 4})
    journal.write("event", s=30, l="warning", code="slow", text={"en": "Slow.", "hi": "धीमा।"})
    job.checkpoint(40, loss=0.1)
    job.end("finished", 40)
    assert collect(store, settings) == 46
    run = store.run(job.run.id)
    assert (run.state, run.step, run.total_steps, run.attempt) == (State.FINISHED, 40, 40, 1)
    assert (run.weights_sha256, run.environment) == ("ab" * 32, {"python": "3.11"})
    assert run.started_at is not None
    assert run.ended_at is not None
    assert run.reason is not None
    assert run.reason.text.hi == "समाप्त।"
    assert store.info(run.id)["reference_lines"] == [{"metric": "loss", "value": 1.0}]
    (media,) = store.media(run.id, "samples")
    assert (media.step, media.path, media.caption.hi, media.info) == (20, job.folder / "media/a.png", "अ", {"n": 4})
    (checkpoint,) = store.checkpoints(run.id)
    assert (checkpoint.step, checkpoint.sha256, checkpoint.metrics) == (40, "a" * 64, {"loss": 0.1})
    steps, values, _ = store.points(run.id, "loss")
    assert steps.tolist() == list(range(1, 41))
    assert values.tolist() == [1 / step for step in range(1, 41)]


def test_collecting_twice_changes_nothing(store: Store, settings: Settings) -> None:
    job = Job(store)
    job.start()
    job.log(range(1, 10), loss=1.0)
    assert collect(store, settings) == 10
    version = store.version()
    assert collect(store, settings) == 0
    assert store.version() == version


def test_many_small_collections_give_the_same_curve_as_one(store: Store, settings: Settings) -> None:
    one, many = Job(store), Job(store)
    for job, portion in ((one, 5000), (many, 37)):
        job.start()
        for start in range(1, 2600, portion):
            job.log(range(start, min(start + portion, 2600)), loss=math.sin, other=math.cos)
            collect(store, settings, job.run.id)
    for metric in ("loss", "other"):
        ours, theirs = store.points(one.run.id, metric), store.points(many.run.id, metric)
        assert ours[0].tolist() == theirs[0].tolist()
        assert ours[1].tobytes() == theirs[1].tobytes()
        a, b = store.envelope(one.run.id, metric, buckets=300), store.envelope(many.run.id, metric, buckets=300)
        assert np.array_equal(a.low, b.low)
        assert np.array_equal(a.high_step, b.high_step)


def test_a_journal_longer_than_one_transaction_is_taken_whole(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "RECORDS", 50)
    job = Job(store)
    job.start()
    job.log(range(1, 230), loss=1.0)
    assert collect(store, settings) == 230
    assert store.summaries(job.run.id)[0].count == 229


def test_a_later_attempt_supersedes_what_lay_beyond_its_start(store: Store, settings: Settings) -> None:
    job = Job(store)
    journal = job.start()
    job.log(range(1, 101), loss=1.0)
    for step in (50, 100):
        journal.write("media", s=step, n="samples", kind="image", p=f"media/{step}.png")
        job.checkpoint(step)
        journal.write("event", s=step, l="info", code=f"at-{step}", text={"en": "x", "hi": "y"})
    journal.write("event", s=None, l="info", code="whenever", text={"en": "x", "hi": "y"})
    collect(store, settings)
    job.start(resumed_from=50)
    collect(store, settings)
    run = store.run(job.run.id)
    assert (run.attempt, run.step) == (2, 50)
    assert store.points(run.id, "loss")[0].tolist() == list(range(1, 51))
    assert [media.step for media in store.media(run.id)] == [50]
    assert [checkpoint.step for checkpoint in store.checkpoints(run.id)] == [50]
    assert [event.code for event in store.events(run.id)] == ["at-50", "whenever"]
    job.log(range(51, 81), loss=2.0)
    collect(store, settings)
    steps, values, _ = store.points(run.id, "loss")
    assert steps.tolist() == list(range(1, 81))
    assert values.tolist() == [1.0] * 50 + [2.0] * 30


def test_starting_afresh_supersedes_everything(store: Store, settings: Settings) -> None:
    job = Job(store)
    job.start()
    job.log(range(0, 30), loss=1.0)
    job.start(resumed_from=0)
    job.log(range(0, 5), loss=2.0)
    collect(store, settings)
    assert store.points(job.run.id, "loss")[1].tolist() == [2.0] * 5


def test_a_job_thought_dead_does_not_write_over_its_successor(store: Store, settings: Settings) -> None:
    job = Job(store)
    old = job.start()
    job.log(range(1, 5), loss=1.0)
    job.start(resumed_from=4)
    job.log(range(5, 8), loss=2.0)
    old.metrics(5, {"loss": 9.0})
    old.write("end", s=5, state="failed", code="x", text={"en": "x", "hi": "y"})
    collect(store, settings)
    assert store.points(job.run.id, "loss")[1].tolist() == [1.0] * 4 + [2.0] * 3
    assert store.run(job.run.id).state is State.RUNNING


def test_the_end_of_an_attempt_does_not_undo_a_run_that_was_queued_again(store: Store, settings: Settings) -> None:
    job = Job(store)
    job.start()
    collect(store, settings)
    job.end("stopped", 3)
    store.set_state(job.run.id, State.QUEUED)
    collect(store, settings)
    run = store.run(job.run.id)
    assert (run.state, run.step) == (State.QUEUED, 3)


def test_a_run_asked_to_stop_while_it_starts_stays_asked(store: Store, settings: Settings) -> None:
    job = Job(store)
    store.set_state(job.run.id, State.STOPPING)
    job.start()
    collect(store, settings)
    assert store.run(job.run.id).state is State.STOPPING


def test_torn_and_foreign_lines_are_passed_over(store: Store, settings: Settings) -> None:
    job = Job(store)
    journal = job.start()
    journal.metrics(1, {"loss": 1.0})
    bad = [
        b'{"k":"m","a":1,"t":1,"s":2,"v":{"lo',
        b"\xff\xfe\x00",
        b"[]",
        b"null",
        b'{"k":"m","a":1,"t":1,"s":"x","v":{"loss":1}}',
        b'{"k":"m","a":1,"t":1,"s":99999999999999999999,"v":{"loss":1}}',
        b'{"k":"m","a":1,"t":1,"s":3,"v":["loss"]}',
        b'{"k":"m","a":1,"t":1,"s":3,"v":{"good":1,"loss":"high"}}',
        b'{"k":"m","a":1,"t":NaN,"s":3,"v":{"loss":1}}',
        b'{"k":"end","a":1,"t":1,"s":3,"state":"running"}',
        b'{"k":"ckpt","a":1,"t":1,"s":3}',
        b'{"k":"media","a":1,"t":1,"s":3,"n":"x","kind":"image","p":"../../../etc/passwd"}',
        b'{"k":"unheard of","a":1,"t":1}',
        b"{}",
        b"[" * 100_000,
    ]
    with journal.path.open("ab") as file:
        file.write(b"\n".join(bad) + b"\n")
    journal.metrics(4, {"loss": 4.0, "x" * 500: 1.0, "sur\ud800": 2.0})
    with journal.path.open("ab") as file:
        file.write(b'{"k":"m","a":1,"t":1,"s":5,"v":{"loss":5.0}')
    collect(store, settings)
    assert store.points(job.run.id, "loss")[0].tolist() == [1, 4]
    assert {summary.name for summary in store.summaries(job.run.id)} == {"loss", "x" * 200, "sur?"}
    assert store.media(job.run.id) == []
    with journal.path.open("ab") as file:
        file.write(b"}\n")
    collect(store, settings)
    assert store.points(job.run.id, "loss")[0].tolist() == [1, 4, 5]


def test_values_that_are_not_finite_survive(store: Store, settings: Settings) -> None:
    job = Job(store)
    job.start()
    job.log(range(1, 6), loss={2: math.nan, 3: math.inf, 5: -math.inf})
    collect(store, settings)
    envelope = store.envelope(job.run.id, "loss")
    assert envelope.broken_steps.tolist() == [2, 3, 5]
    assert list(map(repr, envelope.broken_values.tolist())) == ["nan", "inf", "-inf"]
    assert store.summaries(job.run.id)[0].last == -math.inf
    assert store.latest([job.run.id], ["loss"]) == {job.run.id: {"loss": -math.inf}}


def test_a_run_folder_copied_in_becomes_a_run(store: Store, settings: Settings, tmp_path: Path) -> None:
    job = Job(store, name="original", token="form")
    job.start()
    job.log(range(1, 50), loss=1.0)
    job.end("finished", 49)
    collect(store, settings)
    shutil.copytree(job.folder, settings.runs / "copied-in")
    (settings.runs / "Not an id!").mkdir()
    (settings.runs / "empty").mkdir()
    collect(store, settings)
    copy = store.run("copied-in")
    assert (copy.name, copy.state, copy.step) == ("original", State.FINISHED, 49)
    assert store.count() == 2
    assert store.points("copied-in", "loss")[0].tolist() == store.points(job.run.id, "loss")[0].tolist()


def test_a_folder_copied_in_the_middle_of_a_run_does_not_start_training_by_itself(
    store: Store, settings: Settings
) -> None:
    job = Job(store)
    job.start()
    job.log(range(1, 5), loss=1.0)
    shutil.copytree(job.folder, settings.runs / "copied-in")
    collect(store, settings)
    copy = store.run("copied-in")
    assert (copy.state, copy.reason and copy.reason.code, copy.step) == (State.STOPPED, "copied", 4)
    assert store.run(job.run.id).state is State.RUNNING


def test_a_store_made_again_while_a_job_runs_shows_it_running(store: Store, settings: Settings) -> None:
    path = settings.runs / "alive"
    path.mkdir()
    assert lock.acquire(path / "lock")
    try:
        Journal(path, 1).write("start", pid=7, env={}, durable=True, **{"from": 0})
        collect(store, settings)
        assert store.run("alive").state is State.RUNNING
    finally:
        lock.release(path / "lock")


def test_a_journal_without_any_description_becomes_a_run_named_after_its_folder(
    store: Store, settings: Settings
) -> None:
    (settings.runs / "bare").mkdir()
    journal = Journal(settings.runs / "bare", 1)
    journal.metrics(1, {"loss": 1.0})
    collect(store, settings)
    run = store.run("bare")
    assert (run.name, run.external, run.state) == ("bare", True, State.FAILED)
    assert store.summaries("bare")[0].count == 1


def test_a_notebook_is_running_while_its_process_lives_and_failed_when_it_is_gone(
    store: Store, settings: Settings
) -> None:
    run, _ = store.create_run(new_run(external=True))
    path = store.folder(run.id)
    assert lock.acquire(path / "lock")
    Journal(path, 1).write("start", pid=os.getpid(), env={}, durable=True, **{"from": 0})
    collect(store, settings)
    assert store.run(run.id).state is State.RUNNING
    lock.release(path / "lock")
    collect(store, settings)
    found = store.run(run.id)
    assert (found.state, found.reason and found.reason.code) == (State.FAILED, "process_gone")


def _collect_for_ever(settings: Settings) -> None:
    with Store.open(settings) as own:
        while True:
            collect(own, settings)


def test_a_collector_killed_at_any_moment_loses_and_doubles_nothing(store: Store, settings: Settings) -> None:
    job = Job(store)
    job.start()
    step = 0
    for trial in range(5):
        collector = multiprocessing.get_context("fork").Process(target=_collect_for_ever, args=(settings,))
        collector.start()
        before, until = store.version(), time.monotonic() + 20
        while store.version() < before + 2 + trial % 3 and time.monotonic() < until:
            job.log(range(step + 1, step + 151), loss=float, other=lambda s: -s)
            step += 150
            time.sleep(0.02)
        time.sleep(0.001 * trial)
        collector.kill()
        collector.join()
        assert store.version() >= before + 2  # it did work before it was killed
    collect(store, settings)
    for metric, sign in (("loss", 1), ("other", -1)):
        steps, values, _ = store.points(job.run.id, metric)
        assert steps.tolist() == list(range(1, step + 1))
        assert np.array_equal(values, sign * steps)
        assert store.envelope(job.run.id, metric).count.sum() == step


def test_collectors_at_the_same_time_take_every_record_once(store: Store, settings: Settings) -> None:
    job = Job(store)
    job.start()
    job.log(range(1, 3000), loss=float)
    counts: list[int] = []
    threads = [threading.Thread(target=lambda: counts.append(collect(store, settings))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 3000
    assert store.points(job.run.id, "loss")[0].tolist() == list(range(1, 3000))


def test_runs_in_the_trash_still_collect(store: Store, settings: Settings) -> None:
    job = Job(store)
    job.start()
    job.end("stopped", 0)
    collect(store, settings)
    store.delete(job.run.id)
    Journal(job.folder, 1).metrics(1, {"loss": 1.0})
    collect(store, settings)
    assert store.count(RunFilter(deleted=True)) == 1
    assert store.summaries(job.run.id)[0].count == 1


def test_a_collector_keeps_the_log_of_the_store_short_when_no_supervisor_does(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch, sqlite_only: None
) -> None:
    job = Job(store)
    job.start()
    collect(store, settings)
    assert store.database.log_size() > 0
    monkeypatch.setattr(ingest, "LOG_LIMIT", 1)
    job.log(range(1, 10), loss=1.0)
    with Store.open(settings, checkpointer=True):
        collect(store, settings)
        assert store.database.log_size() > 0  # the supervisor's business while there is one
    job.log(range(10, 20), loss=1.0)
    collect(store, settings)
    assert store.database.log_size() == 0
    assert store.summaries(job.run.id)[0].count == 19
