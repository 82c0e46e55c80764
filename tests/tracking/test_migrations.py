"""Stores of earlier versions open and keep everything; those of later versions are left alone."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from dashboard.settings import Settings
from dashboard.tracking import migrations, opening
from dashboard.tracking.database import Database
from dashboard.tracking.records import State
from dashboard.tracking.schema import HEAD, metadata
from dashboard.tracking.store import Store
from data.text import Problem

OLD = Path(__file__).parent / "fixtures" / "store_0001.sql"

pytestmark = pytest.mark.usefixtures("sqlite_only")


@pytest.fixture
def old_home(settings: Settings) -> Settings:
    """A home folder as the first version left it."""
    settings.runs.mkdir(parents=True)
    with sqlite3.connect(settings.home / "store.sqlite") as connection:
        connection.executescript(OLD.read_text())
    connection.close()
    return settings


def test_the_newest_migration_is_the_one_the_code_expects() -> None:
    assert ScriptDirectory.from_config(migrations.configuration()).get_current_head() == HEAD


def test_migrations_lead_to_the_tables_of_the_code(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'store.sqlite'}")
    with database.writing() as connection:
        config = migrations.configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert opening.schema_version(connection) == HEAD
    database.close()


def test_an_old_home_opens_and_keeps_everything(old_home: Settings) -> None:
    with Store.open(old_home) as store:
        (run,) = store.runs()
        (store.folder(run.id) / "checkpoints").mkdir(parents=True)
        (store.folder(run.id) / "checkpoints" / "1205.ckpt").touch()
        assert (run.name, run.tags, run.state, run.step) == ("An old run", ("kept",), State.STOPPED, 1205)
        steps, values, _ = store.points(run.id, "loss")
        assert steps.tolist() == list(range(1, 1206))
        assert values[776] == 1e6
        envelope = store.envelope(run.id, "loss", buckets=100)
        assert (envelope.high.max(), envelope.broken_steps.tolist()) == (1e6, [1100])
        assert [event.text.hi for event in store.events(run.id)] == ["नमस्ते।"]
        assert [checkpoint.step for checkpoint in store.checkpoints(run.id)] == [1205]
        store.edit(run.id, notes="still writable")
    with Store.open(old_home) as again:
        assert again.runs()[0].notes == "still writable"


def test_alembic_is_imported_only_when_the_version_differs(old_home: Settings) -> None:
    script = (
        "import sys; from pathlib import Path; from dashboard.settings import Settings;"
        "from dashboard.tracking.store import Store;"
        "Store.open(Settings(home=Path(sys.argv[1]))).close(); print('alembic' in sys.modules, 'torch' in sys.modules)"
    )
    answers = [
        subprocess.run(
            [sys.executable, "-c", script, str(old_home.home)],
            capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
        ).stdout.split()
        for _ in range(2)
    ]  # fmt: skip
    assert answers == [["True", "False"], ["False", "False"]]


def test_a_store_of_a_later_version_is_left_alone(settings: Settings) -> None:
    Store.open(settings).close()
    with sqlite3.connect(settings.home / "store.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = (settings.home / "store.sqlite").read_bytes()
    with pytest.raises(Problem) as caught:
        Store.open(settings)
    assert caught.value.code == "store_newer"
    assert (settings.home / "store.sqlite").read_bytes() == before


def test_an_upgrade_that_fails_changes_nothing(old_home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("alembic.op.execute", fail)
        with pytest.raises(KeyboardInterrupt):
            Store.open(old_home)
    with sqlite3.connect(old_home.home / "store.sqlite") as connection:
        columns = {row[1] for row in connection.execute("PRAGMA table_info(run)")}
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
    connection.close()
    assert "resumed_from" not in columns
