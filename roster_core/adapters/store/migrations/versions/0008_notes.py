"""Texts that people wrote have a table of their own, where they can be erased."""

from __future__ import annotations

import hashlib
import secrets

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Makes the table, and moves the reasons of approvals there; a receipt keeps the note's id."""
    names = ("id", "district_id", "text", "salt", "hash", "at", "by")
    op.create_table(
        "notes",
        *(sa.Column(name, sa.Text, nullable=False) for name in names),
        sa.PrimaryKeyConstraint("id", name="pk_notes"),
    )
    _allow_change_of_receipts()
    _move_reasons()
    _forbid_change_of_receipts()


def _move_reasons() -> None:
    connection = op.get_bind()
    told = "number, district_id, approval, committed_at, committed_by"
    given = sa.text(f"SELECT {told} FROM receipts WHERE approval <> ''")
    keep = sa.text("INSERT INTO notes (id, district_id, text, salt, hash, at, by) VALUES (:i, :d, :t, :s, :h, :a, :b)")
    for row in connection.execute(given).all():
        note_id, salt = f"N-{secrets.token_hex(6)}", secrets.token_hex(32)
        hashed = hashlib.sha256(bytes.fromhex(salt) + row.approval.encode()).hexdigest()
        note = {"i": note_id, "d": row.district_id, "t": row.approval, "s": salt, "h": hashed}
        connection.execute(keep, {**note, "a": row.committed_at, "b": row.committed_by})
        change = sa.text("UPDATE receipts SET approval = :note WHERE number = :number")
        connection.execute(change, {"note": note_id, "number": row.number})


def _allow_change_of_receipts() -> None:
    on = "" if op.get_bind().dialect.name == "sqlite" else " ON receipts"
    op.execute(f"DROP TRIGGER receipts_no_update{on}")


def _forbid_change_of_receipts() -> None:
    if op.get_bind().dialect.name == "sqlite":
        deed = "BEGIN SELECT RAISE(ABORT, 'a receipt never changes'); END"
        op.execute(f"CREATE TRIGGER receipts_no_update BEFORE UPDATE ON receipts {deed}")
        return
    # Its function, from the first migration, is still there.
    op.execute(
        "CREATE TRIGGER receipts_no_update BEFORE UPDATE ON receipts FOR EACH ROW EXECUTE FUNCTION receipts_no_update()"
    )
