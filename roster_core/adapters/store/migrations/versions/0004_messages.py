"""Messages that were sent, and what SELweb said of a district's students."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Makes both tables."""
    told = ("district_id", "kind", "at", "actor", "recipients", "subject", "outcome", "message_id", "digest")
    op.create_table(
        "messages",
        sa.Column("number", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in told),
        sa.PrimaryKeyConstraint("number", name="pk_messages"),
        sa.UniqueConstraint("message_id", name="uq_messages_message_id"),
    )
    op.create_index("ix_messages_district_id", "messages", ["district_id"])
    op.create_table(
        "told_findings",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("district_id", "at", "actor", "findings")),
        sa.PrimaryKeyConstraint("district_id", name="pk_told_findings"),
    )
