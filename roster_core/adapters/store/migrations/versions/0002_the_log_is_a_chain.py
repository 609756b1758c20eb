"""The activity log is a chain of hashes, with its newest entry kept beside it."""

from __future__ import annotations

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_TOLD = ("at", "actor", "district_id", "action", "detail")
_GENESIS = "0" * 64


def upgrade() -> None:
    """Chains the entries there are, in their order and without gaps, and keeps them as they are from then on."""
    _allow("UPDATE")
    _allow("DELETE")
    for name in ("previous_hash", "hash"):
        op.add_column("activity", sa.Column(name, sa.Text))
    number, newest = _chain()
    # SQLite makes the table anew for this, and forgets its triggers.
    with op.batch_alter_table("activity") as batch:
        for name in ("previous_hash", "hash"):
            batch.alter_column(name, existing_type=sa.Text, nullable=False)
    _forbid("activity", "UPDATE")
    _forbid("activity", "DELETE")
    op.create_table(
        "activity_head",
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("one", "number")),
        sa.Column("hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("one", name="pk_activity_head"),
    )
    op.execute(f"INSERT INTO activity_head (one, number, hash) VALUES (1, {number}, '{newest}')")
    _forbid("activity_head", "DELETE")
    _forbid("activity_head", "UPDATE", "NEW.number <> OLD.number + 1")
    _forbid("activity_head", "INSERT")


def _chain() -> tuple[int, str]:
    """Gives each entry its number and hashes; gives the last number and hash."""
    connection = op.get_bind()
    names = ", ".join(_TOLD)
    # All at once: the rows are changed while they are gone through.
    rows = connection.execute(sa.text(f"SELECT number, {names} FROM activity ORDER BY number")).all()
    values = "number = :number, previous_hash = :previous, hash = :hash"
    change = sa.text(f"UPDATE activity SET {values} WHERE number = :was")
    previous = _GENESIS
    for number, row in enumerate(rows, start=1):
        told = {"number": number, "previous_hash": previous, **{name: row._mapping[name] for name in _TOLD}}
        text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        hashed = hashlib.sha256(text.encode("ascii")).hexdigest()
        told = {"number": number, "previous": previous, "hash": hashed, "was": row.number}
        connection.execute(change, told)
        previous = hashed
    return len(rows), previous


def _allow(change: str) -> None:
    name = f"activity_no_{change.lower()}"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {name}")
        return
    op.execute(f"DROP TRIGGER {name} ON activity")
    op.execute(f"DROP FUNCTION {name}")


def _forbid(table: str, change: str, when: str = "") -> None:
    name, reason = f"{table}_no_{change.lower()}", "the activity log is only added to"
    clause = f"WHEN ({when}) " if when else ""
    if op.get_bind().dialect.name == "sqlite":
        deed = f"BEGIN SELECT RAISE(ABORT, '{reason}'); END"
        op.execute(f"CREATE TRIGGER {name} BEFORE {change} ON {table} {clause}{deed}")
        return
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{reason}'; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE {change} ON {table} FOR EACH ROW {clause}EXECUTE FUNCTION {name}()")
