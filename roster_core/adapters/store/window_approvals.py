"""Moves and removals that somebody approved while a window is open: one row a student and place they go to.

An approval is of a change against one roster in force: with the next commit it has done its work.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select

from roster_core.adapters.store.activity import Detail, record
from roster_core.adapters.store.database import Database, moment_text
from roster_core.adapters.store.schema import window_approvals

#: A student's id, and the section they go to; the empty text for a removal.
Approved = tuple[str, str]


class WindowApprovals:
    """The approvals of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, district_id: str, receipt_id: str) -> frozenset[Approved]:
        """What is approved against the roster of that receipt."""
        query = select(window_approvals.c.student_id, window_approvals.c.to_section_id)
        own = window_approvals.c.district_id == district_id, window_approvals.c.receipt_id == receipt_id
        with self._database.read() as connection:
            return frozenset((row.student_id, row.to_section_id) for row in connection.execute(query.where(*own)))

    def approve(
        self, district_id: str, receipt_id: str, changes: Collection[Approved], *, actor: str, now: datetime
    ) -> None:
        """Approves these too; those against an earlier receipt are forgotten. The log keeps how many and their ids."""
        self._put(district_id, receipt_id, changes, "approve-moves", actor=actor, now=now)

    def withdraw(
        self, district_id: str, receipt_id: str, changes: Collection[Approved], *, actor: str, now: datetime
    ) -> None:
        """Takes these approvals back."""
        self._put(district_id, receipt_id, changes, "withdraw-moves", actor=actor, now=now)

    def _put(
        self,
        district_id: str,
        receipt_id: str,
        changes: Collection[Approved],
        action: str,
        *,
        actor: str,
        now: datetime,
    ) -> None:
        told = sorted(set(changes))
        if not told:
            return
        own = {"district_id": district_id, "receipt_id": receipt_id}
        rows = [{**own, "student_id": student, "to_section_id": section} for student, section in told]
        with self._database.write() as connection:
            mine = window_approvals.c.district_id == district_id
            connection.execute(delete(window_approvals).where(mine, window_approvals.c.receipt_id != receipt_id))
            _take(connection, rows)
            if action == "approve-moves":
                stamped = [{**row, "approved_by": actor, "approved_at": moment_text(now)} for row in rows]
                connection.execute(insert(window_approvals), stamped)
            detail: Detail = {
                "receipt_id": receipt_id,
                "students": len(told),
                "student_ids": [student for student, _ in told],
            }
            record(connection, now=now, actor=actor, district_id=district_id, action=action, detail=detail)


def purge_window_approvals(connection: Connection, before: datetime) -> None:
    """Deletes approvals given before that moment."""
    connection.execute(delete(window_approvals).where(window_approvals.c.approved_at < moment_text(before)))


def _take(connection: Connection, rows: list[dict[str, str]]) -> None:
    keys = ("district_id", "receipt_id", "student_id", "to_section_id")
    own = [window_approvals.c[key] == bindparam(f"own_{key}") for key in keys]
    connection.execute(delete(window_approvals).where(*own), [{f"own_{key}": row[key] for key in keys} for row in rows])
