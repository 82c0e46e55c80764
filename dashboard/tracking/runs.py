"""Runs in the store: rows to `Run` and back, filters, tags, and what hangs on a run besides its curves."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, exists, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from dashboard.tracking import problems
from dashboard.tracking.records import Checkpoint, Event, Facets, Media, NewRun, Reason, Run, RunFilter, Sort, State
from dashboard.tracking.schema import CHANGES, CHECKPOINT, EVENT, INFO, MEDIA, METRIC, RUN, TAG, storable
from data.text import Text


class RunColumns(TypedDict, total=False):
    """What `set_state` may change beside the state."""

    step: int
    total_steps: int
    attempt: int
    restarts: int
    pid: int | None
    started_at: float | None
    ended_at: float | None
    weights_sha256: str | None
    environment: dict[str, Any]
    config: dict[str, Any]


def changed(connection: Connection) -> None:
    """Count one change; every write transaction does this once."""
    connection.execute(update(CHANGES).values(count=CHANGES.c.count + 1))


def reason_to_json(reason: Reason | None) -> dict[str, str] | None:
    """A reason as it is stored."""
    return None if reason is None else {"code": reason.code, **reason.text.model_dump()}


def to_run(row: Row[Any], tags: Sequence[str]) -> Run:
    """A row of `run` with its tags."""
    reason = row.reason and Reason(row.reason["code"], Text(en=row.reason["en"], hi=row.reason["hi"]))
    return Run(
        id=row.id, name=row.name, method=row.method, dataset=row.dataset, preset=row.preset, config=row.config,
        seed=row.seed, state=State(row.state), reason=reason, step=row.step, total_steps=row.total_steps,
        attempt=row.attempt, restarts=row.restarts, pid=row.pid, created_at=row.created_at, started_at=row.started_at,
        ended_at=row.ended_at, updated_at=row.updated_at, group=row.group_name, parent=row.parent, tags=tuple(tags),
        notes=row.notes, example=row.example, deleted_at=row.deleted_at, user=row.owner, external=row.external,
        weights_sha256=row.weights_sha256, environment=row.environment,
    )  # fmt: skip


def add(connection: Connection, run: str, new: NewRun, *, created_at: float, example: bool = False) -> bool:
    """Store a run in the state `queued`; False when its id or token is taken."""
    row = insert(RUN).values(
        id=run, name=new.name.strip() or run, method=new.method, dataset=new.dataset, preset=new.preset,
        config=new.config, seed=new.seed, state=str(State.QUEUED), step=0, total_steps=new.total_steps, attempt=0,
        restarts=0, created_at=created_at, updated_at=created_at, group_name=new.group, parent=new.parent and new.parent[:64],
        parent_checkpoint=new.parent_checkpoint, notes=new.notes, example=example, owner=new.user,
        external=new.external, environment=new.environment, token=new.token and new.token[:200], journal_offset=0,
    )  # fmt: skip
    try:
        with connection.begin_nested():
            connection.execute(row)
    except IntegrityError:  # on a server, another writer may have been faster by a moment
        return False
    set_tags(connection, run, new.tags)
    return True


def of_token(connection: Connection, token: str | None) -> Run | None:
    """The run that was made with this token; None when there is no token or no such run."""
    if token is None:
        return None
    row = connection.execute(select(RUN).where(RUN.c.token == token)).one_or_none()
    return None if row is None else to_run(row, tags_of(connection, [row.id]).get(row.id, []))


def one(connection: Connection, run: str) -> Run:
    """The run with this id.

    Raises:
        Problem: `unknown_run`.
    """
    return to_run(row_of(connection, run), tags_of(connection, [run]).get(run, []))


def edited(new: NewRun, run: Run) -> NewRun:
    """`new` with what people changed about the run since."""
    return replace(new, name=run.name, tags=run.tags, notes=run.notes, group=run.group)


def row_of(connection: Connection, run: str, *, lock: bool = False) -> Row[Any]:
    """The row of a run; with `lock`, nobody else changes it before this transaction ends.

    Raises:
        Problem: `unknown_run`.
    """
    query = select(RUN).where(RUN.c.id == run)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise problems.unknown_run(run)
    return row


def find(connection: Connection, wanted: RunFilter) -> list[Run]:
    """The runs that fit the filter, in its order."""
    query = _ordered(select(RUN).where(*_conditions(wanted)), wanted)
    if wanted.limit is not None:
        query = query.limit(wanted.limit)
    rows = connection.execute(query.offset(wanted.offset) if wanted.offset else query).all()
    tags = tags_of(connection, [row.id for row in rows])
    return [to_run(row, tags.get(row.id, [])) for row in rows]


def count(connection: Connection, wanted: RunFilter) -> int:
    """How many runs fit the filter, its limit aside."""
    return int(connection.scalar(select(func.count()).select_from(RUN).where(*_conditions(wanted))) or 0)


def _conditions(wanted: RunFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for column, values in (
        (RUN.c.id, wanted.ids),
        (RUN.c.state, wanted.states),
        (RUN.c.method, wanted.methods),
        (RUN.c.dataset, wanted.datasets),
    ):
        if values:
            found.append(column.in_([str(value) for value in values]))
    if wanted.group is not None:
        found.append(RUN.c.group_name == wanted.group)
    if wanted.deleted is not None:
        found.append(RUN.c.deleted_at.is_not(None) if wanted.deleted else RUN.c.deleted_at.is_(None))
    if wanted.example is not None:
        found.append(RUN.c.example.is_(wanted.example))
    found += [exists().where(TAG.c.run == RUN.c.id, TAG.c.tag == tag) for tag in wanted.tags]
    for word in wanted.search.split():
        found.append(_mentions(storable(word)))
    return found


def _mentions(word: str) -> ColumnElement[bool]:
    columns = (RUN.c.id, RUN.c.name, RUN.c.notes, RUN.c.method, RUN.c.dataset, RUN.c.group_name)
    in_tag = exists().where(TAG.c.run == RUN.c.id, func.lower(TAG.c.tag).contains(word.lower(), autoescape=True))
    return or_(*(func.lower(column).contains(word.lower(), autoescape=True) for column in columns), in_tag)


_SORT: dict[Sort, ColumnElement[Any]] = {
    "created": RUN.c.created_at,
    "updated": RUN.c.updated_at,
    "name": func.lower(RUN.c.name),
    "state": RUN.c.state,
    "method": RUN.c.method,
    "dataset": RUN.c.dataset,
    "step": RUN.c.step,
    "duration": func.coalesce(RUN.c.ended_at, RUN.c.updated_at) - RUN.c.started_at,
}


def _ordered(query: Select[Any], wanted: RunFilter) -> Select[Any]:
    key = _SORT[wanted.sort]
    if wanted.metric is not None:
        query = query.outerjoin(METRIC, and_(METRIC.c.run == RUN.c.id, METRIC.c.name == wanted.metric))
        key = METRIC.c.last_value
    first = key.desc() if wanted.descending else key.asc()
    if wanted.metric is None and wanted.sort != "duration":
        return query.order_by(first, RUN.c.created_at.desc(), RUN.c.id)
    # missing values last in both directions; older SQLite has no NULLS LAST
    return query.order_by(key.is_(None), first, RUN.c.created_at.desc(), RUN.c.id)


def tags_of(connection: Connection, runs: Sequence[str]) -> dict[str, list[str]]:
    """The tags of each run, sorted."""
    found: dict[str, list[str]] = {}
    for row in connection.execute(select(TAG).where(TAG.c.run.in_(runs)).order_by(TAG.c.tag)):
        found.setdefault(row.run, []).append(row.tag)
    return found


def set_tags(connection: Connection, run: str, tags: Sequence[str]) -> None:
    """Replace the tags of a run."""
    connection.execute(delete(TAG).where(TAG.c.run == run))
    clean = sorted({storable(tag).strip()[:200] for tag in tags} - {""})
    if clean:
        connection.execute(insert(TAG), [{"run": run, "tag": tag} for tag in clean])


def facets(connection: Connection) -> Facets:
    """The values there are to filter by, among runs that are not in the trash."""

    def distinct(column: ColumnElement[Any]) -> tuple[str, ...]:
        query = select(column).where(RUN.c.deleted_at.is_(None), column.is_not(None)).distinct().order_by(column)
        return tuple(connection.scalars(query))

    tags = select(TAG.c.tag).join(RUN).where(RUN.c.deleted_at.is_(None)).distinct().order_by(TAG.c.tag)
    return Facets(
        methods=distinct(RUN.c.method),
        datasets=distinct(RUN.c.dataset),
        tags=tuple(connection.scalars(tags)),
        groups=distinct(RUN.c.group_name),
    )


def media(connection: Connection, run: str, folder: Path, name: str | None) -> list[Media]:
    """The media of a run by name and step."""
    query = select(MEDIA).where(MEDIA.c.run == run).order_by(MEDIA.c.name, MEDIA.c.step)
    if name is not None:
        query = query.where(MEDIA.c.name == name)
    return [
        Media(run, row.name, row.step, row.kind, folder / row.path, Text(**row.caption), row.info)
        for row in connection.execute(query)
    ]


def events(connection: Connection, run: str) -> list[Event]:
    """What happened in a run, oldest first."""
    query = select(EVENT).where(EVENT.c.run == run).order_by(EVENT.c.time, EVENT.c.id)
    return [Event(run, row.time, row.step, row.level, row.code, Text(**row.text)) for row in connection.execute(query)]


def add_event(connection: Connection, event: Event, attempt: int) -> None:
    """Store one event."""
    connection.execute(
        insert(EVENT).values(
            run=event.run, time=event.time, step=event.step, attempt=attempt, level=event.level[:16],
            code=event.code[:100], text=event.text.model_dump(),
        )
    )  # fmt: skip


def checkpoints(connection: Connection, run: str, folder: Path) -> list[Checkpoint]:
    """The checkpoints of a run whose files are there, oldest first; a job thins out its own as it goes."""
    query = select(CHECKPOINT).where(CHECKPOINT.c.run == run).order_by(CHECKPOINT.c.step)
    return [
        Checkpoint(run, row.step, folder / row.path, row.sha256, row.weights_sha256, row.size, row.time, row.metrics)
        for row in connection.execute(query)
        if (folder / row.path).is_file()
    ]


def info(connection: Connection, run: str) -> dict[str, Any]:
    """What a run told about itself (reference lines, hyper-parameters), by key."""
    return {row.key: row.value for row in connection.execute(select(INFO).where(INFO.c.run == run))}


def set_info(connection: Connection, run: str, values: dict[str, Any]) -> None:
    """Store or replace some of it."""
    for key, value in values.items():
        here = INFO.c.run == run, INFO.c.key == storable(key)[:200]
        if connection.execute(update(INFO).where(*here).values(value=value)).rowcount == 0:
            connection.execute(insert(INFO).values(run=run, key=storable(key)[:200], value=value))


def put(connection: Connection, run: str, state: State | None, reason: Reason | None, columns: RunColumns) -> None:
    """Write columns of a run; `state` None leaves state and reason alone."""
    values: dict[str, Any] = {"updated_at": time.time(), **columns}
    if state is not None:
        values |= {"state": str(state), "reason": reason_to_json(reason)}
    connection.execute(update(RUN).where(RUN.c.id == run).values(**values))
