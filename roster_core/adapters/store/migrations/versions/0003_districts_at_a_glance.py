"""What is known of each district without opening its roster, and what Clever last said of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Makes the tables of last known numbers, changes and drift, and those of Clever's states."""
    _table(
        "district_counts",
        *_texts("fingerprint", "rules"),
        *_counts("in_scope", "one", "none", "several", "excused", "to_follow"),
        sa.Column("blockers", sa.Text),
        *_texts("counted_at"),
    )
    _table("district_changes", *_texts("fingerprint", "since", "at", "sentences"))
    _table(
        "district_drifts",
        *_texts("receipt_id", "fingerprint", "at"),
        *_counts("changes", "needs_person"),
        *_texts("sentences"),
    )
    _table(
        "clever_states",
        *_texts("name", "state", "error", "pause_start", "pause_end", "last_sync", "trouble"),
        *_counts("listed"),
        *_texts("asked_at"),
    )
    op.create_table(
        "clever_lists", *_texts("asked_at", "trouble"), sa.PrimaryKeyConstraint("asked_at", name="pk_clever_lists")
    )


def _table(name: str, *columns: sa.Column) -> None:
    key = sa.PrimaryKeyConstraint("district_id", name=f"pk_{name}")
    op.create_table(name, *_texts("district_id"), *columns, key)


def _texts(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _counts(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.Integer, nullable=False) for name in names]
