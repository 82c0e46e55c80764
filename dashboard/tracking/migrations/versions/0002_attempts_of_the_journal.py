"""Which attempt the journal is at and where it resumed, and the checkpoint a run began from.

Before, the attempt that the supervisor had claimed was taken for the one the journal was at, so that the last points
of a killed attempt were lost when they were collected after the claim.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("run", sa.Column("resumed_from", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("run", sa.Column("journal_attempt", sa.Integer, nullable=False, server_default="0"))
    op.add_column("run", sa.Column("parent_checkpoint", sa.Text))
    op.execute("UPDATE run SET journal_attempt = attempt")
