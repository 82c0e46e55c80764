"""A backup is one consistent file, also while jobs write; a restore gives the same home back or changes nothing."""

from __future__ import annotations

import io
import tarfile
import threading
from pathlib import Path

import pytest

from dashboard.settings import Settings
from dashboard.tracking import problems
from dashboard.tracking.backup import backup, restore
from dashboard.tracking.ingest import collect
from dashboard.tracking.records import State
from dashboard.tracking.schema import HEAD
from dashboard.tracking.store import Store
from data.text import Problem
from tests.tracking.conftest import Job

pytestmark = pytest.mark.usefixtures("sqlite_only")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "restored" / "home")


def finished(store: Store, settings: Settings) -> Job:
    job = Job(store, name="done", tags=("t",))
    job.start()
    job.log(range(1, 1500), loss=lambda step: 1 / step)
    job.checkpoint(1499)
    job.end("finished", 1499)
    collect(store, settings)
    return job


def test_a_home_comes_back_whole(store: Store, settings: Settings, elsewhere: Settings, tmp_path: Path) -> None:
    job = finished(store, settings)
    settings.uploads.mkdir()
    (settings.uploads / "mine.zip").write_bytes(b"zip")
    (job.folder / "lock").touch()
    target = backup(settings, tmp_path / "kept" / "home.tar.gz")
    assert [path.name for path in target.parent.iterdir()] == ["home.tar.gz"]
    assert restore(elsewhere, target) == 1
    with Store.open(elsewhere) as again:
        (run,) = again.runs()
        assert (run, run.tags) == (store.run(job.run.id), ("t",))
        assert again.points(run.id, "loss")[1].tobytes() == store.points(run.id, "loss")[1].tobytes()
        (checkpoint,) = again.checkpoints(run.id)
        assert checkpoint.path.read_bytes() == b"xxxxx"
        assert not (again.folder(run.id) / "lock").exists()
    assert (elsewhere.uploads / "mine.zip").read_bytes() == b"zip"
    assert sorted(path.name for path in elsewhere.home.parent.iterdir()) == ["home"]


def test_a_backup_made_while_jobs_write_is_consistent(
    store: Store, settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    job = Job(store)
    job.start()
    done = threading.Event()
    logged = [0]

    def work() -> None:
        while not done.is_set():
            job.log(range(logged[0] + 1, logged[0] + 101), loss=float)
            logged[0] += 100
            collect(store, settings)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        while logged[0] < 500:
            done.wait(0.01)
        before = logged[0]
        backup(settings, tmp_path / "home.tar.gz")
    finally:
        done.set()
        thread.join()
    restore(elsewhere, tmp_path / "home.tar.gz")
    with Store.open(elsewhere) as again:
        (run,) = again.runs()
        assert (run.state, run.reason and run.reason.code) == (State.STOPPED, "restored")
        steps, values, _ = again.points(run.id, "loss")
        assert len(steps) >= before
        assert steps.tolist() == list(range(1, len(steps) + 1))
        assert values.tolist() == steps.tolist()


def test_a_home_with_something_in_it_is_never_overwritten(store: Store, settings: Settings, tmp_path: Path) -> None:
    job = finished(store, settings)
    target = backup(settings, tmp_path / "home.tar.gz")
    with pytest.raises(Problem) as caught:
        restore(settings, target)
    assert caught.value.code == "home_not_empty"
    assert store.run(job.run.id).name == "done"


def test_an_empty_home_folder_may_be_restored_into(
    store: Store, settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    finished(store, settings)
    elsewhere.home.mkdir(parents=True)
    assert restore(elsewhere, backup(settings, tmp_path / "home.tar.gz")) == 1


def flipped(whole: bytes, at: int) -> bytes:
    spoilt = bytearray(whole)
    spoilt[at] ^= 0xFF
    return bytes(spoilt)


def damaged(whole: bytes) -> dict[str, bytes]:
    spoilt = {f"flipped at {part}/16": flipped(whole, len(whole) * part // 16) for part in range(1, 16)}
    return {"cut": whole[: len(whole) // 2], **spoilt, "empty": b"", "text": b"hello" * 100}


def test_a_damaged_or_foreign_file_is_refused_and_leaves_nothing(
    store: Store, settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    finished(store, settings)
    whole = backup(settings, tmp_path / "home.tar.gz").read_bytes()
    for name, content in damaged(whole).items():
        (tmp_path / "spoilt").write_bytes(content)
        with pytest.raises(Problem) as caught:
            restore(elsewhere, tmp_path / "spoilt")
        assert (name, caught.value.code) == (name, "no_backup")
    with pytest.raises(Problem) as caught:
        restore(elsewhere, tmp_path / "not there")
    assert caught.value.code == "no_backup"
    assert list(elsewhere.home.parent.iterdir()) == []


@pytest.mark.parametrize("name", ["../escaped", "/tmp/escaped-samajh", "runs/../../escaped"])
def test_members_that_lead_out_of_the_home_are_refused(elsewhere: Settings, tmp_path: Path, name: str) -> None:
    with tarfile.open(tmp_path / "bad.tar.gz", "w:gz") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = 1
        archive.addfile(entry, io.BytesIO(b"x"))
    with pytest.raises(Problem) as caught:
        restore(elsewhere, tmp_path / "bad.tar.gz")
    assert caught.value.code == "no_backup"
    assert not list(tmp_path.rglob("escaped"))


def test_a_backup_of_a_later_version_is_refused(
    store: Store, settings: Settings, elsewhere: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished(store, settings)
    monkeypatch.setattr("dashboard.tracking.backup.HEAD", "9999")
    target = backup(settings, tmp_path / "home.tar.gz")
    monkeypatch.setattr("dashboard.tracking.backup.HEAD", HEAD)
    with pytest.raises(Problem) as caught:
        restore(elsewhere, target)
    assert caught.value.code == "store_newer"


def test_a_full_disk_leaves_no_half_backup(
    store: Store, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tarfile.TarFile, "addfile", full)
    with pytest.raises(Problem) as caught:
        backup(settings, tmp_path / "kept" / "home.tar.gz")
    assert caught.value.code == problems.disk_full("x").code
    assert list((tmp_path / "kept").iterdir()) == []
