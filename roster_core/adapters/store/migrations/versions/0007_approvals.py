"""What a second person was asked to approve, and what they said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Makes the table of approvals, one for each plan."""
    names = ("district_id", "digest", "author", "asked_by", "asked_at", "approved_by", "approved_at", "reason")
    op.create_table(
        "approvals",
        *(sa.Column(name, sa.Text, nullable=False) for name in names),
        sa.PrimaryKeyConstraint("district_id", "digest", name="pk_approvals"),
    )
