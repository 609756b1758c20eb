"""The first tables.

A migration is history: it spells its tables out and imports nothing of today's schema.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes every table, and the triggers that keep receipts and activity as they were written."""
    _districts_and_rosters()
    _rule_sets()
    _ledger()
    _activity()
    _forbid("receipts", "UPDATE", "a receipt never changes")
    _forbid("activity", "UPDATE", "the activity log is only added to")
    _forbid("activity", "DELETE", "the activity log is only added to")


def _text(name: str) -> sa.Column:
    return sa.Column(name, sa.Text, nullable=False)


def _counts(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.Integer, nullable=False) for name in names]


def _districts_and_rosters() -> None:
    op.create_table(
        "districts",
        *(_text(name) for name in ("id", "name", "source", "state", "created_at", "updated_at")),
        sa.PrimaryKeyConstraint("id", name="pk_districts"),
    )
    told = ("name", "state", "error", "pause_start", "pause_end", "last_sync")
    op.create_table(
        "rosters",
        sa.Column("id", sa.Integer, nullable=False),
        _text("district_id"),
        _text("fingerprint"),
        *_counts("saved"),
        _text("source"),
        _text("fetched_at"),
        *(_text(f"district_{name}") for name in told),
        *_counts("schools", "teachers", "sections", "students", "enrollments", "findings", "size"),
        sa.PrimaryKeyConstraint("id", name="pk_rosters"),
        sa.UniqueConstraint("district_id", "fingerprint", name="uq_rosters_district_id"),
    )
    op.create_table(
        "roster_chunks",
        sa.Column("roster_id", sa.Integer, nullable=False),
        _text("part"),
        *_counts("number"),
        _text("sha256"),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("roster_id", "part", "number", name="pk_roster_chunks"),
        sa.ForeignKeyConstraint(["roster_id"], ["rosters.id"], name="fk_roster_chunks_roster_id"),
    )


def _rule_sets() -> None:
    op.create_table(
        "rule_set_versions",
        _text("district_id"),
        *_counts("version"),
        *(_text(name) for name in ("rule_set_json", "saved_at", "saved_by")),
        sa.PrimaryKeyConstraint("district_id", "version", name="pk_rule_set_versions"),
    )
    op.create_table(
        "drafts",
        _text("district_id"),
        sa.Column("rule_set_json", sa.Text),
        *_counts("based_on_version", "revision"),
        *(_text(name) for name in ("edited_at", "edited_by")),
        sa.PrimaryKeyConstraint("district_id", name="pk_drafts"),
    )


def _ledger() -> None:
    before = ("receipt_id", "digest", "district_id", "district_name", "target", "where", "committed_at", "committed_by")
    after = ("fingerprint", "rule_set_json", "approval", "previous_receipt_id", "kind")
    op.create_table(
        "receipts",
        sa.Column("number", sa.Integer, nullable=False),
        *(_text(name) for name in before),
        *_counts("students", "added", "moved", "updated", "removed"),
        *(_text(name) for name in after),
        sa.PrimaryKeyConstraint("number", name="pk_receipts"),
        sa.UniqueConstraint("receipt_id", name="uq_receipts_receipt_id"),
        sa.UniqueConstraint("district_id", "target", "digest", name="uq_receipts_district_id"),
    )
    op.create_table(
        "current_rosters",
        *(_text(name) for name in ("district_id", "target", "receipt_id")),
        sa.PrimaryKeyConstraint("district_id", "target", name="pk_current_rosters"),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipts.receipt_id"], name="fk_current_rosters_receipt_id"),
    )
    person = ("student_id", "student_number", "first_name", "last_name", "birthdate", "grade", "school_id")
    place = ("school_name", "section_id", "section_name", "teacher_id", "teacher_name", "co_teacher_ids")
    op.create_table(
        "rostered_rows",
        *_counts("receipt_number"),
        *(_text(name) for name in (*person, *place)),
        sa.PrimaryKeyConstraint("receipt_number", "student_id", name="pk_rostered_rows"),
        sa.ForeignKeyConstraint(["receipt_number"], ["receipts.number"], name="fk_rostered_rows_receipt_number"),
        sqlite_with_rowid=False,
    )


def _activity() -> None:
    op.create_table(
        "activity",
        sa.Column("number", sa.Integer, nullable=False),
        *(_text(name) for name in ("at", "actor", "district_id", "action", "detail")),
        sa.PrimaryKeyConstraint("number", name="pk_activity"),
    )
    op.create_index("ix_activity_district_id", "activity", ["district_id"])


def _forbid(table: str, change: str, reason: str) -> None:
    name = f"{table}_no_{change.lower()}"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER {name} BEFORE {change} ON {table} BEGIN SELECT RAISE(ABORT, '{reason}'); END")
        return
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{reason}'; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE {change} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
