"""The state of a district is the US state it is in; what Clever says of its sync has a table of its own."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Takes out the words that Clever says of a sync, which loading a roster wrote there."""
    op.execute("UPDATE districts SET state = '' WHERE state IN ('running', 'pending', 'error', 'paused', 'success')")
