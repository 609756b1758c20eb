"""Up to which of Clever's events a stored roster knows everything; one cursor a district."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from roster_core.adapters.event_cursor import Cursor
from roster_core.adapters.store.database import Database, moment_text
from roster_core.adapters.store.schema import event_cursors


@dataclass(frozen=True, slots=True)
class KeptCursor:
    """A cursor, and the fingerprint of the roster it belongs to."""

    cursor: Cursor
    fingerprint: str


class Cursors:
    """The cursors of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, district_id: str) -> KeptCursor | None:
        """The cursor of that district; None where there is none."""
        query = select(event_cursors).where(event_cursors.c.district_id == district_id)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        at, pulled_at = datetime.fromisoformat(row.event_at), datetime.fromisoformat(row.pulled_at)
        return KeptCursor(Cursor(row.event_id, at, pulled_at), row.fingerprint)


def put_cursor(connection: Connection, district_id: str, cursor: Cursor | None, fingerprint: str) -> None:
    """Keeps this cursor in place of the one from before, in the caller's transaction; None forgets it."""
    connection.execute(delete(event_cursors).where(event_cursors.c.district_id == district_id))
    if cursor is not None:
        told = {
            "event_id": cursor.event_id,
            "event_at": moment_text(cursor.event_at),
            "pulled_at": moment_text(cursor.pulled_at),
        }
        connection.execute(insert(event_cursors).values(district_id=district_id, fingerprint=fingerprint, **told))
