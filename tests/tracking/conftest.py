"""A small home for each test, runs to fill it, and a watch that every statement is one PostgreSQL can read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql import ClauseElement

from dashboard.settings import Settings
from dashboard.tracking.journal import Journal
from dashboard.tracking.records import NewRun, Run
from dashboard.tracking.schema import metadata
from dashboard.tracking.store import Store

hypothesis.settings.register_profile("tracking", deadline=None)
hypothesis.settings.load_profile("tracking")  # a busy machine is no error

SERVER = os.environ.get("SAMAJH_TEST_STORE_URL", "")
_POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]


@pytest.fixture(autouse=True)
def statements() -> Iterator[set[str]]:
    """Every statement that a test sends to a store is compiled for PostgreSQL too; a refusal fails the test."""
    seen: set[str] = set()
    keys: set[object] = set()

    def compile_too(_connection: object, statement: object, *_: object) -> None:
        if not isinstance(statement, ClauseElement):
            return
        key = statement._generate_cache_key()
        if key is None or key.key not in keys:
            keys.add(key and key.key)
            seen.add(str(statement.compile(dialect=_POSTGRESQL)))

    event.listen(Engine, "before_execute", compile_too)
    yield seen
    event.remove(Engine, "before_execute", compile_too)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home of its own; with `SAMAJH_TEST_STORE_URL`, the store is that (emptied) server instead of a file."""
    if SERVER:
        engine = create_engine(SERVER)
        metadata.drop_all(engine)
        engine.dispose()
    return Settings(home=tmp_path / "home", store_url=SERVER)


@pytest.fixture
def sqlite_only() -> None:
    """For tests of what only a file can do or suffer."""
    if SERVER:
        pytest.skip("about SQLite files; the store under test is a server")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with Store.open(settings) as opened:
        yield opened


def new_run(name: str = "a run", **changes: Any) -> NewRun:
    base: dict[str, Any] = {
        "name": name, "method": "ddpm", "dataset": "digits", "preset": "tiny", "config": {"width": 8}, "seed": 3,
        "total_steps": 100,
    }  # fmt: skip
    return NewRun(**(base | changes))


class Job:
    """Writes the journal of a run as a job would."""

    def __init__(self, store: Store, run: Run | None = None, **changes: Any) -> None:
        self.run = run or store.create_run(new_run(**changes))[0]
        self.folder = store.folder(self.run.id)
        self.attempt = 0

    def start(self, resumed_from: int = 0) -> Journal:
        self.attempt += 1
        self.journal = Journal(self.folder, self.attempt)
        self.journal.write("start", pid=1234, env={"python": "3.11"}, durable=True, **{"from": resumed_from})
        return self.journal

    def log(self, steps: range, **metrics: Any) -> None:
        """Metrics over steps: each is a number, a function of the step, or a mapping from step to value."""
        for step in steps:
            self.journal.metrics(step, {name: _at(value, step) for name, value in metrics.items()})

    def checkpoint(self, step: int, size: int = 5, **metrics: float) -> Path:
        """A checkpoint file and its record."""
        path = self.folder / "checkpoints" / f"{step}.ckpt"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x" * size)
        name = str(path.relative_to(self.folder))
        self.journal.write("ckpt", s=step, p=name, sha="a" * 64, wsha="b" * 64, size=size, v=metrics)
        return path

    def end(self, state: str = "finished", step: int | None = None) -> None:
        self.journal.write("end", s=step, state=state, code=state, text={"en": "Over.", "hi": "समाप्त।"}, wsha="ab" * 32)
        self.journal.close()


def _at(value: Any, step: int) -> float:
    if isinstance(value, Mapping):
        return float(value.get(step, 1.0))
    return float(value(step) if callable(value) else value)
