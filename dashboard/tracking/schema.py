"""The tables of the run store, in words that SQLite and PostgreSQL both understand.

No NaN and no infinity ever stands in a numeric column (SQLite would turn NaN into NULL): values that are not finite
live inside the packed points of a chunk and in the packed `broken` stretches of a roll-up; `last_kind` tells what
kind the newest value is.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

HEAD = "0002"
"""Revision this code expects; the newest file in `migrations/versions`."""


def storable(text: str) -> str:
    """`text` without what a database refuses: NUL (PostgreSQL) and lone surrogates (both)."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "\N{REPLACEMENT CHARACTER}")


class _FromOutside(TypeDecorator[str]):
    """Text from outside, made storable; also what it is compared with."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Clean the text on its way in."""
        return None if value is None else storable(value)


class Words(_FromOutside):
    """Text of any length."""

    impl = Text
    cache_ok = True


class ShortWords(_FromOutside):
    """Text of a limited length."""

    impl = String
    cache_ok = True


class Json(TypeDecorator[Any]):
    """A JSON value as text; NaN and infinity survive, which PostgreSQL's own JSON type would refuse."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Value to text."""
        return None if value is None else storable(json.dumps(value, ensure_ascii=False, separators=(",", ":")))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Text to value."""
        return None if value is None else json.loads(value)


class SharedJson(Json):
    """A JSON value that many rows have in common: equal texts give one and the same object, which nobody changes."""

    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Text to value, each text once."""
        return None if value is None else _parsed(value)


_parsed = lru_cache(maxsize=256)(json.loads)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

REVISION = Table("alembic_version", metadata, Column("version_num", String(32), primary_key=True))
"""Alembic's own table, read here so that Alembic need not be imported."""

CHANGES = Table(
    "changes", metadata, Column("id", Integer, primary_key=True), Column("count", BigInteger, nullable=False)
)
"""One row, counted up by every write: the cheap answer to "did something change"."""

RUN = Table(
    "run",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", Words, nullable=False),
    Column("method", Words, nullable=False),
    Column("dataset", Words, nullable=False),
    Column("preset", Words, nullable=False),
    Column("config", Json, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Json),
    Column("step", BigInteger, nullable=False),
    Column("total_steps", BigInteger, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("resumed_from", BigInteger, nullable=False, server_default="0"),
    Column("restarts", Integer, nullable=False),
    Column("pid", BigInteger),
    Column("created_at", Float(53), nullable=False),
    Column("started_at", Float(53)),
    Column("ended_at", Float(53)),
    Column("updated_at", Float(53), nullable=False),
    Column("group_name", Words),
    Column("parent", ShortWords(64)),
    Column("parent_checkpoint", Words),
    Column("notes", Words, nullable=False),
    Column("example", Boolean, nullable=False),
    Column("deleted_at", Float(53)),
    Column("owner", Words, nullable=False),
    Column("external", Boolean, nullable=False),
    Column("weights_sha256", String(64)),
    Column("environment", SharedJson, nullable=False),
    Column("token", ShortWords(200), unique=True),
    Column("journal_offset", BigInteger, nullable=False, server_default="0"),
    Column("journal_attempt", Integer, nullable=False, server_default="0"),
    Index(None, "created_at"),
    Index(None, "state"),
)


def _run() -> Column[str]:
    return Column("run", String(64), ForeignKey(RUN.c.id, ondelete="CASCADE"), nullable=False)


TAG = Table("tag", metadata, _run(), Column("tag", String(200), nullable=False), UniqueConstraint("run", "tag"))

METRIC = Table(
    "metric",
    metadata,
    Column("id", Integer, primary_key=True),
    _run(),
    Column("name", String(200), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("broken", BigInteger, nullable=False),
    Column("last_step", BigInteger, nullable=False),
    Column("last_value", Float(53)),
    Column("last_kind", SmallInteger, nullable=False),
    Column("low", Float(53)),
    Column("high", Float(53)),
    UniqueConstraint("run", "name"),
)


def _metric() -> Column[int]:
    return Column("metric", Integer, ForeignKey(METRIC.c.id, ondelete="CASCADE"), nullable=False)


CHUNK = Table(
    "chunk",
    metadata,
    _metric(),
    Column("ordinal", Integer, nullable=False),
    Column("length", Integer, nullable=False),
    Column("first_step", BigInteger, nullable=False),
    Column("last_step", BigInteger, nullable=False),
    Column("bucket", LargeBinary, nullable=False),
    Column("broken", LargeBinary, nullable=False),
    Column("points", LargeBinary, nullable=False),
    UniqueConstraint("metric", "ordinal"),
)
"""At most a thousand points of a metric in order of step; `bucket` and `broken` are their exact summary."""

ROLLUP = Table(
    "rollup",
    metadata,
    Column("metric", Integer, ForeignKey(METRIC.c.id, ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("chunks", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("buckets", LargeBinary, nullable=False),
    Column("broken", LargeBinary, nullable=False),
)
"""The whole curve up to chunk number `chunks` in at most 1,024 buckets of `size` points."""

MEDIA = Table(
    "media",
    metadata,
    _run(),
    Column("name", String(200), nullable=False),
    Column("step", BigInteger, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("path", Words, nullable=False),
    Column("caption", Json, nullable=False),
    Column("info", Json, nullable=False),
    Column("time", Float(53), nullable=False),
    UniqueConstraint("run", "name", "step"),
)

EVENT = Table(
    "event",
    metadata,
    Column("id", Integer, primary_key=True),
    _run(),
    Column("time", Float(53), nullable=False),
    Column("step", BigInteger),
    Column("attempt", Integer, nullable=False),
    Column("level", ShortWords(16), nullable=False),
    Column("code", ShortWords(100), nullable=False),
    Column("text", Json, nullable=False),
    Index(None, "run", "time"),
)

CHECKPOINT = Table(
    "checkpoint",
    metadata,
    _run(),
    Column("step", BigInteger, nullable=False),
    Column("path", Words, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("weights_sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("time", Float(53), nullable=False),
    Column("metrics", Json, nullable=False),
    UniqueConstraint("run", "step"),
)

INFO = Table(
    "info",
    metadata,
    _run(),
    Column("key", String(200), nullable=False),
    Column("value", Json, nullable=False),
    UniqueConstraint("run", "key"),
)
