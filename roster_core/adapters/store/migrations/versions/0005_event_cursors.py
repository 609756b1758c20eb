"""Up to which of Clever's events each district is known."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Makes the table of cursors, one row a district."""
    names = ("district_id", "event_id", "event_at", "pulled_at", "fingerprint")
    op.create_table(
        "event_cursors",
        *(sa.Column(name, sa.Text, nullable=False) for name in names),
        sa.PrimaryKeyConstraint("district_id", name="pk_event_cursors"),
    )
