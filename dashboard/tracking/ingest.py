"""From journals to the store: every record once, whatever is killed and whenever.

The offset up to which a journal was read is written in the same transaction as what was read, so a collector that
dies half way has done nothing, and two collectors at once do nothing twice. A run folder that the store does not know
(a notebook's, or copied in from elsewhere) becomes a run.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, insert, select, update

from dashboard.settings import Settings
from dashboard.tracking import curves, folder, journal, lock, parsing, runs
from dashboard.tracking.parsing import Batch, End, Start
from dashboard.tracking.records import Reason, State
from dashboard.tracking.schema import CHECKPOINT, EVENT, MEDIA, RUN
from dashboard.tracking.store import Store
from data.text import Text

RECORDS = 20_000
"""Most records taken in one transaction, so that a long journal does not hold the store for long."""

LOG_LIMIT = 32 * 1024 * 1024
"""Bytes of the write-ahead log from which on a collector folds it into the store, if no supervisor does."""

COPIED = Reason(
    "copied",
    Text(
        en="It was not finished when its folder was copied here; resume it to go on.",
        hi="इसका फ़ोल्डर यहाँ कॉपी होते समय यह पूरा नहीं हुआ था; आगे बढ़ाने के लिए जारी रखें।",
    ),
)

_FAR_FUTURE = 1e11
"""A Unix time that no run was made at."""

VANISHED = Reason(
    "process_gone",
    Text(
        en="The program that wrote this run has ended without saying how.",
        hi="जो प्रोग्राम यह रन लिख रहा था वह बिना कुछ बताए बंद हो गया।",
    ),
)


def collect(store: Store, settings: Settings, run_id: str | None = None) -> int:
    """Read what is new in the journals of one run, or of all, into the store.

    Cheap when nothing is new; safe from any number of processes. Also sets the state of runs that no supervisor
    watches: a notebook that died is shown as failed.

    Returns:
        The number of records read.
    """
    known = _known(store, run_id)
    total = 0
    for name, path in _folders(settings, run_id):
        try:
            size = (path / journal.NAME).stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            continue
        if name not in known:
            total += _adopt(store, name, path)
        elif size > known[name].journal_offset:
            total += _collect_run(store, name, path)
        if name in known and known[name].external and not lock.held(path / folder.LOCK):
            _settle(store, name, path)
    if total and store.database.log_size() > LOG_LIMIT:
        store.checkpoint()  # nobody else may be there to do it: a notebook and a page, no supervisor
    return total


def _known(store: Store, run_id: str | None) -> dict[str, Row[Any]]:
    """How far each journal was read; and `external`: whether nobody but us watches the run, and it goes on."""
    watched = RUN.c.external & RUN.c.state.in_([State.QUEUED, State.STARTING, State.RUNNING, State.STOPPING])
    query = select(RUN.c.id, RUN.c.journal_offset, watched.label("external"))
    if run_id is not None:
        query = query.where(RUN.c.id == run_id)
    with store.database.reading() as connection:
        return {row.id: row for row in connection.execute(query)}


def _folders(settings: Settings, run_id: str | None) -> Iterator[tuple[str, Path]]:
    if run_id is not None:
        yield run_id, settings.runs / run_id
        return
    for path in sorted(settings.runs.iterdir()):
        if folder.is_id(path.name):
            yield path.name, path


def _adopt(store: Store, name: str, path: Path) -> int:
    """Make a run of a folder that came from elsewhere; nothing is trained because somebody copied a folder."""
    if not _add(store, name, path):
        return 0
    total = _collect_run(store, name, path)
    external = store.run(name).external
    if not lock.held(path / folder.LOCK):
        state, reason = (State.FAILED, VANISHED) if external else (State.STOPPED, COPIED)
        store.set_state(name, state, reason, expect={s for s in State if s.active}, ended_at=time.time(), pid=None)
    return total


def _add(store: Store, name: str, path: Path) -> bool:
    new, more = folder.read_manifest(path)
    created = more.get("created_at")
    with store.database.writing() as connection:
        if connection.scalar(select(RUN.c.id).where(RUN.c.id == name)) is not None:
            return False
        if new.token is not None and connection.scalar(select(RUN.c.id).where(RUN.c.token == new.token)) is not None:
            new = folder.without_token(new)
        told = isinstance(created, int | float) and 0 < created < _FAR_FUTURE
        at = float(created or 0) if told else path.stat().st_mtime
        made = runs.add(connection, name, new, created_at=at, example=more.get("example") is True)
        runs.changed(connection)
        return made


def _collect_run(store: Store, name: str, path: Path) -> int:
    total = 0
    while True:
        with store.database.writing() as connection:
            row = runs.row_of(connection, name, lock=True)
            read = list(islice(journal.read(path / journal.NAME, row.journal_offset), RECORDS))
            if not read:
                return total
            for batch in parsing.batches(record for record, _ in read):
                _apply(connection, name, path, batch)
            offset = read[-1][1]
            connection.execute(update(RUN).where(RUN.c.id == name).values(journal_offset=offset))
            runs.changed(connection)
            total += len(read)
        if len(read) < RECORDS:
            return total


def _apply(connection: Connection, name: str, path: Path, batch: Batch) -> None:
    """Store what one attempt wrote between two starts."""
    row = runs.row_of(connection, name)
    if batch.attempt < row.journal_attempt:
        return  # a job thought dead wrote on; its successor's word counts
    if batch.start is not None:
        _start(connection, name, row, batch.attempt, batch.start)
        row = runs.row_of(connection, name)
    curves.append(connection, name, batch.metrics, attempt=batch.attempt, resumed_from=row.resumed_from)
    for media in batch.media:
        if folder.inside(path, media["path"]) is not None:
            _replace(connection, MEDIA, {"run": name, **media}, key=("run", "name", "step"))
    for checkpoint in batch.checkpoints:
        if folder.inside(path, checkpoint["path"]) is not None:
            _replace(connection, CHECKPOINT, {"run": name, **checkpoint}, key=("run", "step"))
    if batch.events:
        connection.execute(insert(EVENT), [{"run": name, "attempt": batch.attempt, **e} for e in batch.events])
    if batch.info:
        runs.set_info(connection, name, batch.info)
    _progress(connection, name, row, batch)


def _replace(connection: Connection, table: Table, row: dict[str, Any], *, key: tuple[str, ...]) -> None:
    connection.execute(delete(table).where(*(table.c[name] == row[name] for name in key)))
    connection.execute(insert(table).values(**row))


def _start(connection: Connection, name: str, row: Row[Any], attempt: int, start: Start) -> None:
    """A new attempt: what earlier ones logged beyond the step it resumed from is superseded."""
    after = start.resumed_from or None
    curves.supersede(connection, name, after)
    for table in (MEDIA, CHECKPOINT, EVENT):
        beyond = table.c.step.is_not(None) if after is None else table.c.step > after
        connection.execute(delete(table).where(table.c.run == name, beyond))
    values: dict[str, Any] = {
        "journal_attempt": attempt,
        "attempt": max(attempt, row.attempt),
        "resumed_from": start.resumed_from,
        "step": start.resumed_from,
        "updated_at": start.time,
        "weights_sha256": None,
        "started_at": start.time if row.started_at is None else row.started_at,
    }
    if start.environment:
        values["environment"] = start.environment
    if attempt >= row.attempt and (row.external or row.state in (State.QUEUED, State.STARTING)):
        # a job says itself that it runs; a supervisor that asked it to stop meanwhile keeps its word
        values |= {"state": str(State.RUNNING), "reason": None, "pid": start.pid, "ended_at": None}
    connection.execute(update(RUN).where(RUN.c.id == name).values(**values))


def _progress(connection: Connection, name: str, row: Row[Any], batch: Batch) -> None:
    """Step, time of the last sign of life, and how the attempt ended."""
    values: dict[str, Any] = {"updated_at": max(batch.time, row.updated_at)}
    if batch.step is not None:
        values["step"] = max(batch.step, row.step)
    if batch.total_steps is not None:
        values["total_steps"] = batch.total_steps
    if batch.hyperparameters and row.external and not row.config:
        values["config"] = batch.hyperparameters
    if batch.end is not None:
        values |= _ended(row, batch.attempt, batch.end)
    connection.execute(update(RUN).where(RUN.c.id == name).values(**values))


def _ended(row: Row[Any], attempt: int, end: End) -> dict[str, Any]:
    """The columns that the end of an attempt sets; its state counts unless the run was queued again since."""
    values: dict[str, Any] = {"weights_sha256": end.weights_sha256}
    if end.step is not None:
        values["step"] = end.step
    working = row.state in (State.STARTING, State.RUNNING, State.STOPPING)
    if attempt >= row.attempt and (working or row.external):
        reason = runs.reason_to_json(end.reason)
        values |= {"state": str(end.state), "reason": reason, "ended_at": end.time, "pid": None}
    return values


def _settle(store: Store, name: str, path: Path) -> None:
    """A run that no supervisor watches and whose process is gone did not end well, unless it said so last."""
    _collect_run(store, name, path)  # its end may have been written since
    store.set_state(name, State.FAILED, VANISHED, expect={State.QUEUED, State.RUNNING}, ended_at=time.time(), pid=None)
