"""Families of section names that reviewers take as one, or leave apart, kept for their colleagues.

A migration is history: it spells its table out and imports nothing of today's schema.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Makes the table, one row a district and group of families."""
    op.create_table(
        "family_choices",
        sa.Column("district_id", sa.Text, nullable=False),
        sa.Column("keys", sa.Text, nullable=False),
        sa.Column("merged", sa.Integer, nullable=False),
        sa.Column("said_at", sa.Text, nullable=False),
        sa.Column("said_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("district_id", "keys", name="pk_family_choices"),
    )
