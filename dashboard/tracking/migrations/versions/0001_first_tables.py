"""The first tables of the run store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _run() -> sa.Column[str]:
    return sa.Column("run", sa.String(64), sa.ForeignKey("run.id", ondelete="CASCADE"), nullable=False)


def _metric(**more: bool) -> sa.Column[int]:
    key = sa.ForeignKey("metric.id", ondelete="CASCADE")
    return sa.Column("metric", sa.Integer, key, nullable=False, **more)  # type: ignore[arg-type]


def upgrade() -> None:
    op.create_table(
        "changes", sa.Column("id", sa.Integer, primary_key=True), sa.Column("count", sa.BigInteger, nullable=False)
    )
    op.create_table(
        "run",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("dataset", sa.Text, nullable=False),
        sa.Column("preset", sa.Text, nullable=False),
        sa.Column("config", sa.Text, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("step", sa.BigInteger, nullable=False),
        sa.Column("total_steps", sa.BigInteger, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("restarts", sa.Integer, nullable=False),
        sa.Column("pid", sa.BigInteger),
        sa.Column("created_at", sa.Float(53), nullable=False),
        sa.Column("started_at", sa.Float(53)),
        sa.Column("ended_at", sa.Float(53)),
        sa.Column("updated_at", sa.Float(53), nullable=False),
        sa.Column("group_name", sa.Text),
        sa.Column("parent", sa.String(64)),
        sa.Column("notes", sa.Text, nullable=False),
        sa.Column("example", sa.Boolean, nullable=False),
        sa.Column("deleted_at", sa.Float(53)),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("external", sa.Boolean, nullable=False),
        sa.Column("weights_sha256", sa.String(64)),
        sa.Column("environment", sa.Text, nullable=False),
        sa.Column("token", sa.String(200), unique=True),
        sa.Column("journal_offset", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.create_index("ix_run_created_at", "run", ["created_at"])
    op.create_index("ix_run_state", "run", ["state"])
    op.create_table("tag", _run(), sa.Column("tag", sa.String(200), nullable=False), sa.UniqueConstraint("run", "tag"))
    op.create_table(
        "metric",
        sa.Column("id", sa.Integer, primary_key=True),
        _run(),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("chunks", sa.Integer, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("broken", sa.BigInteger, nullable=False),
        sa.Column("last_step", sa.BigInteger, nullable=False),
        sa.Column("last_value", sa.Float(53)),
        sa.Column("last_kind", sa.SmallInteger, nullable=False),
        sa.Column("low", sa.Float(53)),
        sa.Column("high", sa.Float(53)),
        sa.UniqueConstraint("run", "name"),
    )
    op.create_table(
        "chunk",
        _metric(),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("length", sa.Integer, nullable=False),
        sa.Column("first_step", sa.BigInteger, nullable=False),
        sa.Column("last_step", sa.BigInteger, nullable=False),
        sa.Column("bucket", sa.LargeBinary, nullable=False),
        sa.Column("broken", sa.LargeBinary, nullable=False),
        sa.Column("points", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("metric", "ordinal"),
    )
    op.create_table(
        "rollup",
        _metric(primary_key=True, autoincrement=False),
        sa.Column("chunks", sa.Integer, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("buckets", sa.LargeBinary, nullable=False),
        sa.Column("broken", sa.LargeBinary, nullable=False),
    )
    _create_what_hangs_on_a_run()
    op.execute("INSERT INTO changes (id, count) VALUES (1, 0)")


def _create_what_hangs_on_a_run() -> None:
    op.create_table(
        "media",
        _run(),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("step", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("caption", sa.Text, nullable=False),
        sa.Column("info", sa.Text, nullable=False),
        sa.Column("time", sa.Float(53), nullable=False),
        sa.UniqueConstraint("run", "name", "step"),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Integer, primary_key=True),
        _run(),
        sa.Column("time", sa.Float(53), nullable=False),
        sa.Column("step", sa.BigInteger),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("code", sa.String(100), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("ix_event_run_time", "event", ["run", "time"])
    op.create_table(
        "checkpoint",
        _run(),
        sa.Column("step", sa.BigInteger, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("weights_sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("time", sa.Float(53), nullable=False),
        sa.Column("metrics", sa.Text, nullable=False),
        sa.UniqueConstraint("run", "step"),
    )
    op.create_table(
        "info",
        _run(),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.UniqueConstraint("run", "key"),
    )
