"""What can go wrong around the store is one plain sentence in both languages, and nothing is lost."""

from __future__ import annotations

import errno
import os
import pickle
import re
import sqlite3
import tempfile
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError

from dashboard.settings import Settings
from dashboard.tracking import database, durable, lock, problems
from dashboard.tracking.ingest import collect
from dashboard.tracking.store import Store
from data.text import Problem
from tests.tracking.conftest import Job, new_run

DEVANAGARI = re.compile("[\u0900-\u097f]")

pytestmark = pytest.mark.usefixtures("sqlite_only")


def sentence(problem: Problem) -> None:
    """One sentence for people, in English and in Hindi, without a trace of the machinery."""
    for text in (problem.text.en, problem.text.hi):
        assert "Traceback" not in text
        assert "sqlalche" not in text
        assert "{" not in text
    assert problem.text.en.endswith(".")
    assert problem.text.hi.endswith("।")
    assert DEVANAGARI.search(problem.text.hi)
    assert pickle.loads(pickle.dumps(problem)).text == problem.text


def test_a_locked_store_says_so_and_loses_nothing(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = Job(store)
    job.start()
    job.log(range(1, 10), loss=1.0)
    monkeypatch.setattr(database, "BUSY_MS", 50)
    other = sqlite3.connect(settings.home / "store.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with Store.open(settings) as hasty:
        assert hasty.runs()  # reading is never blocked
        with pytest.raises(Problem) as caught:
            collect(hasty, settings)
        assert caught.value.code == "store_busy"
        sentence(caught.value)
        other.execute("ROLLBACK")
        other.close()
        assert collect(hasty, settings) == 10
        assert hasty.summaries(job.run.id)[0].count == 9


def test_a_damaged_store_says_what_to_do_and_is_made_again_from_the_runs(settings: Settings) -> None:
    with Store.open(settings) as store:
        job = Job(store, name="kept")
        job.start()
        job.log(range(1, 10), loss=1.0)
        job.end("finished", 9)
        collect(store, settings)
    file = settings.home / "store.sqlite"
    file.write_bytes(b"this is no database" * 1000)
    with pytest.raises(Problem) as caught:
        Store.open(settings)
    assert caught.value.code == "store_damaged"
    sentence(caught.value)
    file.unlink()
    with Store.open(settings) as again:
        collect(again, settings)
        assert [run.name for run in again.runs()] == ["kept"]


def test_a_store_with_damaged_pages_is_a_problem_when_it_is_read(settings: Settings) -> None:
    with Store.open(settings) as store:
        for _ in range(200):
            store.create_run(new_run(notes="x" * 500))
    file = settings.home / "store.sqlite"
    content = bytearray(file.read_bytes())
    content[4096 * 20 :] = os.urandom(len(content) - 4096 * 20)
    file.write_bytes(content)
    with pytest.raises(Problem) as caught, Store.open(settings) as store:
        store.runs()
    assert caught.value.code in ("store_damaged", "store_failed")
    sentence(caught.value)


def test_a_read_only_home_says_so() -> None:
    with tempfile.TemporaryDirectory() as place:
        settings = Settings(home=Path(place) / "home")
        Store.open(settings).close()
        Path(place).chmod(0o755)
        settings.home.chmod(0o555)
        code = _opened_by_an_ordinary_person(settings)
        settings.home.chmod(0o700)
    assert code == "home_read_only"


def _opened_by_an_ordinary_person(settings: Settings) -> str:
    """The code of the problem that somebody who is not root has with a home folder."""
    receiving, sending = os.pipe()
    if os.fork() == 0:
        if os.geteuid() == 0:
            os.setuid(65534)
        try:
            Store.open(settings)
            os.write(sending, b"opened")
        except Problem as problem:
            os.write(sending, problem.code.encode())
        finally:
            os._exit(0)
    os.close(sending)
    os.wait()
    with os.fdopen(receiving) as answer:
        return answer.read()


def test_a_home_the_system_refuses_to_write_says_so(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(Problem) as caught:
        Store.open(settings)
    assert caught.value.code == "home_read_only"
    assert str(settings.home) in caught.value.text.en
    sentence(caught.value)


def test_a_store_that_grew_to_its_limit_says_the_disk_is_full(store: Store) -> None:
    run, _ = store.create_run(new_run())
    with store.database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(Problem) as caught:
        store.edit(run.id, notes="x" * 1_000_000)
    assert caught.value.code == "disk_full"
    sentence(caught.value)
    assert store.run(run.id).notes == ""


def test_a_file_is_whole_or_not_there_when_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    durable.write(tmp_path / "file", b"first")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("data.durable.os.fsync", full)
    with pytest.raises(Problem) as caught:
        durable.write(tmp_path / "file", b"second")
    assert caught.value.code == "disk_full"
    assert (tmp_path / "file").read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("database is locked", "store_busy"),
        ("database or disk is full", "disk_full"),
        ("attempt to write a readonly database", "home_read_only"),
        ("unable to open database file", "home_read_only"),
        ("database disk image is malformed", "store_damaged"),
        ("file is not a database", "store_damaged"),
        ("something else", "store_failed"),
    ],
)
def test_what_the_database_says_becomes_a_sentence(said: str, code: str) -> None:
    error: DBAPIError = OperationalError("SELECT 1", {}, sqlite3.OperationalError(said))
    problem = problems.of_database(error, "sqlite:////home/me/store.sqlite")
    assert problem.code == code
    assert "/home/me/store.sqlite" in problem.text.en
    sentence(problem)


def test_a_password_in_the_address_of_a_server_is_never_told() -> None:
    error: DBAPIError = OperationalError("SELECT 1", {}, sqlite3.OperationalError("could not connect"))
    problem = problems.of_database(error, "postgresql+psycopg://me:secret@db.example/samajh")
    assert "secret" not in problem.text.en
    assert "db.example/samajh" in problem.text.en


def test_a_lock_is_seen_by_others_and_by_its_holder_and_ends_with_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not lock.held(path)
    assert lock.acquire(path)
    assert not lock.acquire(path)
    assert lock.held(path)
    child = os.fork()
    if child == 0:  # a POSIX lock is not inherited: the child sees it as another's
        os._exit(0 if lock.held(path) and not lock.acquire(path) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert lock.held(path)
    lock.release(path)
    assert not lock.held(path)
