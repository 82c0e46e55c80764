"""Runs in the store: made once, found again, changed, thrown away and taken back."""

from __future__ import annotations

import multiprocessing
import os
import threading

import pytest

from dashboard.settings import Settings
from dashboard.tracking.ingest import collect
from dashboard.tracking.records import Event, Reason, RunFilter, State
from dashboard.tracking.schema import metadata
from dashboard.tracking.store import Store
from data.text import Problem, Text
from tests.tracking.conftest import Job, new_run


def test_a_run_comes_back_as_it_was_submitted(store: Store) -> None:
    run, made = store.create_run(
        new_run(
            "Ünïcode नाम", tags=("b", "a"), notes="why", group="g", user="me", parent="other", config={"x": [1, None]}
        )
    )
    assert made
    assert store.run(run.id) == run
    assert (run.name, run.tags, run.notes, run.group) == ("Ünïcode नाम", ("a", "b"), "why", "g")
    assert (run.user, run.parent, run.config, run.state) == ("me", "other", {"x": [1, None]}, State.QUEUED)
    assert (store.folder(run.id) / "run.json").exists()


def test_one_token_makes_one_run_however_often_it_is_sent(store: Store) -> None:
    first, made = store.create_run(new_run(token="form-1"))
    again, made_again = store.create_run(new_run("other name", token="form-1"))
    assert (made, made_again) == (True, False)
    assert again == first
    assert store.count() == 1


def test_two_tabs_that_send_one_token_at_once_make_one_run(settings: Settings) -> None:
    made: list[bool] = []

    def submit() -> None:
        with Store.open(settings) as own:
            made.append(own.create_run(new_run(token="same"))[1])

    threads = [threading.Thread(target=submit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [False] * 7 + [True]


def test_equal_runs_without_a_token_are_two_runs(store: Store) -> None:
    assert store.create_run(new_run())[0].id != store.create_run(new_run())[0].id


def test_text_that_a_database_refuses_is_made_storable(store: Store) -> None:
    run, _ = store.create_run(new_run("nul \x00 and surrogate \udc80", config={"k": "\ud800"}))
    assert store.run(run.id).name == "nul \N{REPLACEMENT CHARACTER} and surrogate ?"


def test_an_unknown_run_is_a_problem_in_both_languages(store: Store) -> None:
    with pytest.raises(Problem) as caught:
        store.run("nosuch")
    assert caught.value.code == "unknown_run"
    assert "nosuch" in caught.value.text.en
    assert "nosuch" in caught.value.text.hi


def test_a_state_changes_only_from_an_expected_one(store: Store) -> None:
    run, _ = store.create_run(new_run())
    why = Reason("asked", Text(en="You stopped it.", hi="आपने रोका।"))
    assert store.set_state(run.id, State.STARTING, expect={State.QUEUED}, attempt=1, pid=77)
    assert not store.set_state(run.id, State.RUNNING, expect={State.QUEUED})
    assert store.set_state(run.id, State.STOPPED, why, pid=None)
    found = store.run(run.id)
    assert (found.state, found.reason, found.attempt, found.pid) == (State.STOPPED, why, 1, None)
    store.update(run.id, total_steps=500)
    assert (store.run(run.id).total_steps, store.run(run.id).state) == (500, State.STOPPED)


def test_the_version_grows_with_every_change_and_with_nothing_else(store: Store) -> None:
    run, _ = store.create_run(new_run())
    before = store.version()
    store.runs()
    store.summaries(run.id)
    assert store.version() == before
    store.edit(run.id, notes="new")
    store.set_state(run.id, State.STOPPED)
    store.delete(run.id)
    store.undelete(run.id)
    assert store.version() == before + 4


def test_runs_are_found_by_what_people_remember_of_them(store: Store) -> None:
    first, _ = store.create_run(new_run("Alpha", tags=("good", "small"), notes="with EMA", group="sweep"))
    second, _ = store.create_run(new_run("Beta_100%", method="ddim", dataset="mnist", tags=("small",)))
    third, _ = store.create_run(new_run("समझ"))
    store.set_state(second.id, State.FAILED)
    store.set_state(third.id, State.STOPPED)
    store.delete(third.id)

    def found(**wanted: object) -> list[str]:
        return [run.id for run in store.runs(RunFilter(**wanted))]  # type: ignore[arg-type]

    assert found() == [second.id, first.id]
    assert found(descending=False) == [first.id, second.id]
    assert found(search="alpha") == [first.id]
    assert found(search="ema ALPHA") == [first.id]
    assert found(search="100%") == [second.id]
    assert found(search="a_1") == [second.id]
    assert found(search="a%1") == []
    assert found(search="good") == [first.id]
    assert found(search="समझ", deleted=True) == [third.id]
    assert found(tags=("small",)) == [second.id, first.id]
    assert found(tags=("small", "good")) == [first.id]
    assert found(states=(State.FAILED,)) == [second.id]
    assert found(methods=("ddim",), datasets=("mnist",)) == [second.id]
    assert found(group="sweep") == [first.id]
    assert found(sort="name", descending=False) == [first.id, second.id]
    assert found(deleted=None, limit=1, offset=1) == [second.id]
    assert store.count(RunFilter(deleted=None, limit=1)) == 3
    facets = store.facets()
    assert (facets.methods, facets.datasets) == (("ddim", "ddpm"), ("digits", "mnist"))
    assert (facets.tags, facets.groups) == (("good", "small"), ("sweep",))


def test_runs_sort_by_a_metric_and_those_without_it_come_last(store: Store, settings: Settings) -> None:
    jobs = [Job(store, name=name) for name in ("middle", "none", "high", "low")]
    for job, value in zip(jobs, (2.0, None, 3.0, -1.0), strict=True):
        job.start()
        if value is not None:
            job.log(range(1, 4), loss=value)
    collect(store, settings)
    for descending, expected in ((True, "high middle low none"), (False, "low middle high none")):
        names = [run.name for run in store.runs(RunFilter(metric="loss", descending=descending))]
        assert names == expected.split()
    assert [run.name for run in store.runs(RunFilter(sort="duration"))]


def test_words_people_write_survive_the_loss_of_the_store(store: Store, settings: Settings) -> None:
    job = Job(store, name="before")
    job.start()
    job.log(range(1, 1300), loss=lambda step: 1 / step)
    job.end("finished", 1299)
    collect(store, settings)
    store.edit(job.run.id, name="after", tags=["kept"], notes="kept too", group="g")
    before, curve = store.run(job.run.id), store.points(job.run.id, "loss")
    forget(store, settings)
    with Store.open(settings) as again:
        collect(again, settings)
        after = again.run(job.run.id)
        assert (after.name, after.tags, after.notes, after.group) == ("after", ("kept",), "kept too", "g")
        assert (after.state, after.step, after.config, after.seed) == (before.state, 1299, before.config, before.seed)
        assert after.created_at == before.created_at
        assert again.points(job.run.id, "loss")[1].tobytes() == curve[1].tobytes()


def test_editing_leaves_alone_what_is_not_given(store: Store) -> None:
    run, _ = store.create_run(new_run("name", tags=("t",), notes="n", group="g"))
    edited = store.edit(run.id, notes="m")
    assert (edited.name, edited.tags, edited.notes, edited.group) == ("name", ("t",), "m", "g")
    assert store.edit(run.id, group="", name="  ", tags=["x", " x ", ""]).group is None
    assert (store.run(run.id).name, store.run(run.id).tags) == ("name", ("x",))


def test_an_active_run_cannot_be_thrown_away(store: Store) -> None:
    run, _ = store.create_run(new_run())
    for remove in (store.delete, store.purge):
        with pytest.raises(Problem) as caught:
            remove(run.id)
        assert caught.value.code == "run_active"
    assert store.run(run.id).deleted_at is None


def test_the_trash_gives_back_what_it_took_and_purging_does_not(store: Store, settings: Settings) -> None:
    job = Job(store)
    job.start()
    job.log(range(1, 5), loss=1.0)
    job.end("stopped", 4)
    collect(store, settings)
    store.delete(job.run.id)
    assert store.runs() == []
    assert [run.id for run in store.runs(RunFilter(deleted=True))] == [job.run.id]
    store.undelete(job.run.id)
    assert store.summaries(job.run.id)[0].count == 4
    store.purge(job.run.id)
    collect(store, settings)
    assert store.runs(RunFilter(deleted=None)) == []
    assert not store.folder(job.run.id).exists()


def test_events_seen_from_outside_stand_beside_those_of_the_job(store: Store, settings: Settings) -> None:
    job = Job(store)
    job.start().write("event", s=3, l="warning", code="slow", text={"en": "Slow.", "hi": "धीमा।"})
    collect(store, settings)
    store.add_event(Event(job.run.id, 2e9, None, "error", "killed", Text(en="Killed.", hi="मारा गया।")))
    assert [(event.code, event.step) for event in store.events(job.run.id)] == [("slow", 3), ("killed", None)]


def test_a_forked_child_uses_connections_of_its_own(store: Store) -> None:
    run, _ = store.create_run(new_run())
    store.runs()
    parent = id(store.database.engine)
    context = multiprocessing.get_context("fork")
    answers = context.Queue()

    def child() -> None:
        store.edit(run.id, notes=f"written by {os.getpid()}")
        answers.put(id(store.database.engine))

    process = context.Process(target=child)
    process.start()
    process.join(20)
    assert process.exitcode == 0
    assert answers.get(timeout=5) != parent
    assert store.run(run.id).notes == f"written by {process.pid}"


def test_only_the_checkpointer_folds_the_log_into_the_store(settings: Settings, sqlite_only: None) -> None:
    with Store.open(settings, checkpointer=True) as keeper, Store.open(settings) as other:
        assert _pragma(keeper, "wal_autocheckpoint") == 1000
        assert _pragma(other, "wal_autocheckpoint") == 0
        assert _pragma(other, "synchronous") == 2
        assert _pragma(other, "journal_mode") == "wal"
        other.create_run(new_run())
        wal = settings.home / "store.sqlite-wal"
        assert wal.stat().st_size > 0
        assert keeper.checkpoint()
        assert wal.stat().st_size == 0


def forget(store: Store, settings: Settings) -> None:
    """Lose the store, and keep the run folders."""
    with store.database.writing() as connection:
        metadata.drop_all(connection)
    store.close()
    for path in settings.home.glob("store.sqlite*"):
        path.unlink()


def _pragma(store: Store, name: str) -> object:
    with store.database.reading() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()
