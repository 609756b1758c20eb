"""Moves and removals that somebody approved while an assessment window is open.

A migration is history: it spells its table out and imports nothing of today's schema.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Makes the table, one row a student and place they go to."""
    keys = ("district_id", "receipt_id", "student_id", "to_section_id")
    op.create_table(
        "window_approvals",
        *(sa.Column(name, sa.Text, nullable=False) for name in (*keys, "approved_by", "approved_at")),
        sa.PrimaryKeyConstraint(*keys, name="pk_window_approvals"),
    )
