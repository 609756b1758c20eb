"""Onboarding: the current window of each district, and the windows before it.

A migration is history: it spells its tables out and imports nothing of today's schema.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Makes the two tables."""
    op.create_table(
        "onboarding",
        *(_text(name) for name in ("district_id", "document")),
        sa.Column("revision", sa.Integer, nullable=False),
        *(_text(name) for name in ("edited_at", "edited_by")),
        sa.PrimaryKeyConstraint("district_id", name="pk_onboarding"),
    )
    op.create_table(
        "onboarding_windows",
        _text("district_id"),
        sa.Column("number", sa.Integer, nullable=False),
        *(_text(name) for name in ("document", "archived_at", "archived_by")),
        sa.PrimaryKeyConstraint("district_id", "number", name="pk_onboarding_windows"),
    )


def _text(name: str) -> sa.Column:
    return sa.Column(name, sa.Text, nullable=False)
